/** The real programs, started on loopback and stopped with whoever started them. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const PASSWORD = "mot-mat-khau-dai";
export const PIN = "135790";
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const START_MS_MAX = 30_000;

/** The built screens, or a folder named by the same variable that the programs know. */
export const laptopScreens = process.env.SO_TIEM_SCREENS ?? join(root, "desktop-app/ui/dist");
export const consoleScreens = process.env.SO_TIEM_CONSOLE ?? join(root, "sync-server/console/dist");

export function program(name) {
  const path = join(target, "debug", name);
  if (!existsSync(path)) throw new Error(`${path} has not been built: cargo build --workspace --bins --features desktop-app/custom-protocol`);
  return path;
}

export function needScreens() {
  for (const folder of [laptopScreens, consoleScreens]) {
    if (!existsSync(join(folder, "index.html"))) throw new Error(`${folder} has not been built: npm run build`);
  }
}

export const fixture = (name) => join(root, "tests/fixtures", name);

const groups = new Set();
const folders = new Set();

/** A folder that is gone when the run is over. */
export function scratch(name) {
  const folder = mkdtempSync(join(tmpdir(), `so-tiem-${name}-`));
  folders.add(folder);
  return folder;
}

/** Starts a program in a process group of its own, so that its children stop with it. What it says goes to a file. */
export function start(command, args, { env = {}, log, more = [] }) {
  mkdirSync(dirname(log), { recursive: true });
  const out = openSync(log, "a");
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", out, out, ...more], detached: true });
  groups.add(child.pid);
  child.on("exit", () => groups.delete(child.pid));
  const ended = new Promise((done) => child.once("exit", done));
  const stop = async (signal = "SIGKILL") => {
    endGroup(child.pid, signal);
    await ended;
  };
  return { pid: child.pid, child, ended, log, stop };
}

function endGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone is as good as stopped.
  }
}

/** Stops everything that was started here and takes its folders away. */
export function stopAll() {
  for (const pid of groups) endGroup(pid, "SIGKILL");
  groups.clear();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.clear();
}

process.on("exit", stopAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    console.error(`stopped by ${signal}`);
    process.exit(130);
  });
}

/** A run that takes longer has hung: it says so and ends, whatever it waits for. */
export function endAfter(ms) {
  setTimeout(() => {
    console.error(`not over after ${ms / 1000} s: stopped`);
    process.exit(1);
  }, ms).unref();
}

/** A port that is free now; whoever takes it in between makes the start fail, not the test lie. */
export function freePort() {
  return new Promise((found, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

/** Asks again and again until the answer is true; the last thing that went wrong is what is told. */
export async function until(what, ask, msMax = START_MS_MAX, everyMs = 100) {
  const end = Date.now() + msMax;
  let wrong;
  do {
    try {
      const answer = await ask();
      if (answer) return answer;
      wrong = undefined;
    } catch (thrown) {
      wrong = thrown;
    }
    await new Promise((done) => setTimeout(done, everyMs));
  } while (Date.now() < end);
  throw new Error(`${what}: not within ${msMax / 1000} s${wrong ? ` (${wrong.message})` : ""}`);
}

async function ready(process, ask) {
  await until("the program answers", async () => {
    if (process.child.exitCode !== null) return true;
    return ask();
  });
  if (process.child.exitCode !== null) {
    throw new Error(`the program stopped: ${readFileSync(process.log, "utf8").trim().split("\n").slice(-3).join("\n")}`);
  }
}

/** The national server with a demo campaign. It can be cut off and come back at the same address. */
export class Server {
  #process;

  static async start(folder, codes) {
    const server = new Server();
    server.folder = folder;
    server.data = join(folder, "server");
    const demo = spawnSync(program("sync-server"), ["--data", server.data, "demo", ...codes.flatMap((code) => ["--code", code])], {
      env: { ...process.env, SO_TIEM_PASSWORD: PASSWORD, RUST_LOG: "warn" },
      timeout: START_MS_MAX,
    });
    if (demo.status !== 0) throw new Error(`the demo campaign could not be made: ${demo.stderr}`);
    server.listen = `127.0.0.1:${await freePort()}`;
    server.url = `http://${server.listen}`;
    await server.up();
    return server;
  }

  /** Runs a command on the server's data, as an admin at its machine would; tells what it printed. */
  tell(...args) {
    const env = { ...process.env, RUST_LOG: "warn" };
    const ran = spawnSync(program("sync-server"), ["--data", this.data, ...args], { env, timeout: START_MS_MAX, encoding: "utf8" });
    if (ran.status !== 0) throw new Error(`${args.join(" ")}: ${ran.stderr}`);
    return ran.stdout.trim();
  }

  async up() {
    if (this.#process) return;
    const args = ["--data", this.data, "--console-dir", consoleScreens, "serve", "--listen", this.listen];
    const env = { RUST_LOG: "info", NO_COLOR: "1" };
    this.#process = start(program("sync-server"), args, { env, log: join(this.folder, "server.log") });
    await ready(this.#process, async () => (await fetch(`${this.url}/healthz`)).ok);
  }

  /** As when the line is cut: nobody is told. */
  async down() {
    await this.#process?.stop();
    this.#process = undefined;
  }
}

/** A laptop behind a bridge: the commands of the window over HTTP, with the built screens. */
export class Bridge {
  static async start(folder, name) {
    const bridge = new Bridge();
    bridge.camera = join(folder, `${name}-camera`);
    mkdirSync(bridge.camera, { recursive: true });
    const port = await freePort();
    bridge.url = `http://127.0.0.1:${port}/`;
    const env = {
      SO_TIEM_DATA: join(folder, name),
      SO_TIEM_CAMERA: bridge.camera,
      SO_TIEM_SCREENS: laptopScreens,
      SO_TIEM_BRIDGE: `127.0.0.1:${port}`,
      SO_TIEM_SYNC: "1",
    };
    const process = start(program("bridge"), [], { env, log: join(folder, `${name}.log`) });
    await ready(process, async () => (await fetch(bridge.url)).ok);
    return bridge;
  }
}
