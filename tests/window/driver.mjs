/** A real window on a display of its own, asked and pressed through WebDriver. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, program, start, until } from "../screens/programs.mjs";

const ANSWER_MS_MAX = 60_000;
/** A debug build on a busy machine takes its time until its window is there. */
const OPEN_MS_MAX = 90_000;
const SEEN_MS_MAX = 20_000;
/** A picture is taken anew until two are alike; a camera or a clock may never let them be. */
const PAINT_TRIES_MAX = 6;

/** Keys by the names WebDriver has for them. */
const KEYS = { Enter: "\ue007", Tab: "\ue004", Escape: "\ue00c", Space: " ", F2: "\ue032", F3: "\ue033", F4: "\ue034", F6: "\ue036" };

/** A table with a screen and a driver; the laptop on it may be opened, killed and opened again. */
export class Seat {
  #driver;
  #session;

  static async at(folder, name) {
    const seat = new Seat();
    seat.name = name;
    seat.display = await display(join(folder, `${name}-display.log`));
    seat.port = await freePort();
    // The driver starts the app, so what the app needs is said to the driver.
    const env = { DISPLAY: seat.display, GDK_BACKEND: "x11", TAURI_WEBVIEW_AUTOMATION: "true", NO_AT_BRIDGE: "1" };
    seat.#driver = start("WebKitWebDriver", [`--port=${seat.port}`], { env, log: join(folder, `${name}-driver.log`) });
    await until("the driver answers", async () => (await fetch(`http://127.0.0.1:${seat.port}/status`)).ok);
    return seat;
  }

  /** Opens the window over this laptop's folder. */
  async open({ data, camera }) {
    this.data = data;
    const options = { binary: program("desktop-app"), args: ["--data", data, "--camera", camera] };
    const body = { capabilities: { alwaysMatch: { "webkitgtk:browserOptions": options } } };
    const { sessionId } = await this.#ask("POST", "/session", body, OPEN_MS_MAX);
    this.#session = `/session/${sessionId}`;
    await this.#ask("POST", `${this.#session}/timeouts`, { script: 15_000, pageLoad: OPEN_MS_MAX, implicit: 0 });
    await until("the window shows something", () => this.run("return document.querySelector('h1') !== null"), OPEN_MS_MAX);
  }

  /** As when the battery comes out: the app hears nothing of it. */
  async kill() {
    const pid = pidOf(this.data);
    process.kill(pid, "SIGKILL");
    await until("the app is gone", () => !alive(pid), 10_000, 20);
    await this.close();
  }

  /** One session at a time: it is closed whatever happened to the window. */
  async close() {
    if (!this.#session) return;
    const session = this.#session;
    this.#session = undefined;
    await this.#ask("DELETE", session, undefined, 10_000).catch(() => {});
    await until("the window is gone", () => pidOf(this.data) === undefined, 10_000).catch(() => {});
  }

  async #ask(method, path, body, msMax = ANSWER_MS_MAX) {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      signal: AbortSignal.timeout(msMax),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value?.error}: ${value?.message}`);
    return value;
  }

  run(script, ...args) {
    return this.#ask("POST", `${this.#session}/execute/sync`, { script, args });
  }

  /** Asks the laptop behind the window, by the same road as its screens. */
  async command(name, args) {
    const script = `const [name, args, done] = arguments;
      window.__TAURI_INTERNALS__.invoke(name, args === null ? {} : { args }).then((ok) => done({ ok }), (failure) => done({ failure }));`;
    const { ok, failure } = await this.#ask("POST", `${this.#session}/execute/async`, { script, args: [name, args ?? null] });
    if (failure) throw new Error(`${name}: ${JSON.stringify(failure)}`);
    return ok;
  }

  /** Waits until this text stands on screen, in whatever part `within` names. */
  async see(text, within = "body", msMax = SEEN_MS_MAX) {
    const script = "return document.querySelector(arguments[0])?.innerText.includes(arguments[1]) ?? false";
    await until(`${this.name}: “${text}” on screen`, () => this.run(script, within, text), msMax);
  }

  async heading(text, msMax = SEEN_MS_MAX) {
    const script = "return [...document.querySelectorAll('h1')].some((one) => one.textContent.trim().startsWith(arguments[0]))";
    await until(`${this.name}: heading “${text}”`, () => this.run(script, text), msMax);
  }

  /** Waits until the focus is in an element like this. */
  async focusIn(selector) {
    const script = "return document.activeElement?.matches(arguments[0]) ?? false";
    await until(`${this.name}: the focus in ${selector}`, () => this.run(script, selector), SEEN_MS_MAX);
  }

  async has(text) {
    return this.run("return document.body.innerText.includes(arguments[0])", text);
  }

  /** Keys one after another, slower than a scanner. */
  async press(...keys) {
    await this.#keys(keys.map((key) => KEYS[key] ?? key));
  }

  async type(text) {
    await this.#keys([...text]);
  }

  async #keys(keys) {
    const actions = keys.flatMap((value) => [
      { type: "keyDown", value },
      { type: "keyUp", value },
      { type: "pause", duration: 70 },
    ]);
    actions.push({ type: "pause", duration: 120 });
    await this.#ask("POST", `${this.#session}/actions`, { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** The first element like this that holds this text, clicked as a finger would. */
  async click(selector, text = "") {
    const find = "return [...document.querySelectorAll(arguments[0])].find((one) => one.textContent.includes(arguments[1])) ?? null";
    const element = await until(`${this.name}: ${selector} “${text}”`, () => this.run(find, selector, text), SEEN_MS_MAX);
    await this.#ask("POST", `${this.#session}/element/${Object.values(element)[0]}/click`, {});
  }

  /** What stands on the display, window and all, once what the page says has been painted. */
  async picture(path) {
    const painted = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";
    if (this.#session) await this.#ask("POST", `${this.#session}/execute/async`, { script: painted, args: [] });
    let before;
    for (let tries = 0; tries < PAINT_TRIES_MAX; tries += 1) {
      await capture(this.display, path);
      const now = createHash("sha256").update(readFileSync(path)).digest("hex");
      if (now === before) return;
      before = now;
    }
  }
}

async function capture(display, path) {
  const child = spawn("import", ["-display", display, "-window", "root", "-define", "png:exclude-chunks=date,time", path], { stdio: "ignore" });
  const code = await new Promise((done, failed) => child.once("exit", done).once("error", failed));
  if (code !== 0) throw new Error(`no picture of ${display}`);
}

/** A display of its own, on a number that is free. */
async function display(log) {
  const args = ["-displayfd", "3", "-screen", "0", "1366x768x24", "-nolisten", "tcp"];
  const server = start("Xvfb", args, { log, more: ["pipe"] });
  let told = "";
  server.child.stdio[3].on("data", (bytes) => (told += bytes));
  return until("the display is there", () => /^\d+\n/.test(told) && `:${told.trim()}`);
}

/** The process whose laptop lies in this folder. */
function pidOf(data) {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      if (words[0].endsWith("/desktop-app") && words[words.indexOf("--data") + 1] === data) return Number(pid);
    } catch {
      // It ended while we looked.
    }
  }
  return undefined;
}

function alive(pid) {
  try {
    // A zombie has no command line any more.
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
  } catch {
    return false;
  }
}
