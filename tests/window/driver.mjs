/** The real window: the built app under WebKit's own driver, spoken to in plain WebDriver. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { freePort, PIN, program, root, start, until } from "../screens/programs.mjs";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const ENTER = "\uE007";
const pictures = join(root, "screenshots/window");

/** A display nobody looks at. */
export async function display(folder) {
  for (let number = 90; number < 120; number += 1) {
    const name = `:${number}`;
    const args = [name, "-screen", "0", "1366x768x24", "-nolisten", "tcp"];
    const server = start("Xvfb", args, { log: join(folder, `xvfb-${number}.log`) });
    const up = await until("a display", () => server.child.exitCode !== null || readdirSync("/tmp/.X11-unix").includes(`X${number}`), 10_000);
    if (up && server.child.exitCode === null) return name;
  }
  throw new Error("no display is free");
}

/** Enrols a laptop without a window. */
export function enrol(data, server, code, device, user) {
  const args = ["--data", data, "enrol", "--server", server, "--code", code, "--device", device, "--user", user];
  const done = spawnSync(program("desktop-app"), args, { env: { ...process.env, SO_TIEM_PIN: PIN }, timeout: 60_000 });
  if (done.status !== 0) throw new Error(`not enrolled: ${done.stderr}`);
}

export class Window {
  /** Opens the app on a laptop's folder. */
  static async open({ display, folder, data, camera }) {
    const window = new Window();
    Object.assign(window, { data, display });
    const port = await freePort();
    const env = { DISPLAY: display, TAURI_WEBVIEW_AUTOMATION: "true", SO_TIEM_DATA: data, SO_TIEM_CAMERA: camera };
    window.driver = start("WebKitWebDriver", [`--port=${port}`], { env, log: join(folder, "driver.log") });
    window.url = `http://127.0.0.1:${port}`;
    await until("the driver answers", async () => (await fetch(`${window.url}/status`)).ok, 20_000);
    const asked = { capabilities: { alwaysMatch: { "webkitgtk:browserOptions": { binary: program("desktop-app"), args: [] } } } };
    const { sessionId } = await window.ask("POST", "/session", asked);
    window.session = `/session/${sessionId}`;
    return window;
  }

  async ask(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${path}: ${value?.error}: ${value?.message}`);
    return value;
  }

  async find(using, value) {
    const found = await this.ask("POST", `${this.session}/elements`, { using, value });
    return found.length > 0 ? found[0][ELEMENT] : undefined;
  }

  /** Waits for something with this text. */
  sees(text, tag = "*", msMax = 30_000) {
    const path = `//${tag}[contains(normalize-space(.), "${text}")]`;
    return until(`${tag} "${text}"`, () => this.find("xpath", path), msMax);
  }

  heading(text) {
    return this.sees(text, "h1");
  }

  css(selector) {
    return until(selector, () => this.find("css selector", selector));
  }

  /** Types into what is found, or into whatever has the focus. */
  async type(text, selector) {
    const element = selector ? await this.css(selector) : (await this.ask("GET", `${this.session}/element/active`))[ELEMENT];
    await this.ask("POST", `${this.session}/element/${element}/value`, { text });
  }

  async click(element) {
    await this.ask("POST", `${this.session}/element/${element}/click`, {});
  }

  press(...keys) {
    const actions = keys.flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]);
    return this.ask("POST", `${this.session}/actions`, { actions: [{ type: "key", id: "keys", actions }] });
  }

  enter() {
    return this.press(ENTER);
  }

  async unlock() {
    await this.heading("Mở khóa");
    await this.type(PIN, "input[type=password]");
    await this.enter();
    await this.css("nav");
  }

  /** What the screen shows, by the X server's own account. */
  picture(name) {
    mkdirSync(pictures, { recursive: true });
    const args = ["-display", this.display, "-window", "root", join(pictures, `${name}.png`)];
    spawnSync("import", args, { timeout: 20_000 });
  }

  /** As a power cut would: the app gets no word of it. */
  async killed() {
    const pids = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && isAppOf(pid, this.data));
    if (pids.length === 0) throw new Error("the app is not running");
    execFileSync("kill", ["-9", ...pids]);
    await this.driver.stop();
  }

  async close() {
    await this.ask("DELETE", this.session).catch(() => {});
    await this.driver.stop();
  }
}

/** Whether a process is the app on this laptop's folder. */
function isAppOf(pid, data) {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === program("desktop-app") && readFileSync(`/proc/${pid}/environ`, "utf8").includes(`SO_TIEM_DATA=${data}\0`);
  } catch {
    return false;
  }
}
