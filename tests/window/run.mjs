/**
 * The real window, twice: two laptops, one server, one dose too many, and the answer to it.
 *   node tests/window/run.mjs
 * Pictures of the real windows go to ./screenshots/window.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { browser, page } from "../screens/browser.mjs";
import { Complaints } from "../screens/eyes.mjs";
import { holdUp, KHAI, putDown, same } from "../screens/hands.mjs";
import { endAfter, fixture, needScreens, PIN, program, root, scratch, Server, stopAll, until } from "../screens/programs.mjs";
import { GIVEN } from "../screens/stories/conflict.mjs";
import * as office from "../screens/stories/console.mjs";
import { Tally } from "../screens/tally.mjs";
import { Seat } from "./driver.mjs";

// What is tested here asks no network.
process.env.SO_TIEM_QUIET = "true";
const RUN_MS_MAX = 8 * 60_000;
const pictures = process.env.SO_TIEM_PICTURES ?? join(root, "screenshots/window");

endAfter(RUN_MS_MAX);
needScreens();
rmSync(pictures, { recursive: true, force: true });
mkdirSync(pictures, { recursive: true });
const folder = scratch("window");
const tally = new Tally();
const complaints = new Complaints();

const server = await Server.start(folder, ["CODE-ALLEY", "CODE-TOWER"]);
const laptop = (name, code, device, user, given) => {
  const camera = join(folder, `${name}-camera`);
  mkdirSync(camera);
  return { data: join(folder, name), camera, code, device, user, given };
};
const alley = laptop("alley", "CODE-ALLEY", "Bàn 1", "Lê Thị Hồng", GIVEN.alley);
const tower = laptop("tower", "CODE-TOWER", "Bàn 2", "Võ Minh Tuấn", GIVEN.tower);
let shots = 0;
const picture = (seat, name) => seat.picture(join(pictures, `${String((shots += 1)).padStart(2, "0")}-${seat.name}-${name}.png`));

function enrol({ data, code, device, user }) {
  const args = ["--data", data, "enrol", "--server", server.url, "--code", code, "--device", device, "--user", user];
  const { status, stderr } = spawnSync(program("desktop-app"), args, { env: { ...process.env, SO_TIEM_PIN: PIN }, timeout: 60_000 });
  if (status !== 0) throw new Error(`not enrolled: ${stderr}`);
}

async function unlock(seat) {
  await seat.heading("Mở khóa");
  await seat.focusIn("input[type=password]");
  await seat.type(PIN);
  await seat.press("Enter");
  await seat.focusIn("#scan");
}

/** Her card before the camera, her record on screen. */
async function scan(seat, { camera }) {
  holdUp(camera, fixture("qr/card.png"));
  await seat.heading("Đăng ký từ thẻ");
  await picture(seat, "card-read");
  await seat.focusIn("form input");
  await seat.press("Enter");
  await seat.heading(KHAI.name);
  putDown(camera);
}

async function give(seat, { given }) {
  await seat.press("Enter");
  await seat.heading("Ghi mũi tiêm");
  await seat.click("form.choose label", given.product);
  await seat.focusIn("input[type=radio]");
  await seat.run("[...document.querySelectorAll('label')].find((one) => one.textContent.trim().startsWith('Số lô')).control.focus()");
  await seat.type(given.lot);
  await seat.see("Không có cảnh báo", ".advice").catch(() => seat.see("Lưu ý", ".advice"));
  await picture(seat, "dose");
  await seat.press("Enter");
  await seat.heading("Nhìn lại lần cuối");
  await picture(seat, "second-look");
  await seat.press("Enter");
  await seat.heading("Đã lưu");
  await picture(seat, "saved");
}

/** Her record as the laptop behind the window has it. */
async function record(seat) {
  const found = await seat.command("look", { text: KHAI.card, from_camera: true });
  same("who is looked up", found.kind, "citizen");
  return seat.command("open_citizen", { citizen: found.citizen });
}

async function openRecord(seat) {
  await seat.press("F2");
  await seat.focusIn("#scan");
  await seat.type("minh khai");
  await seat.see(KHAI.name, "[role=listbox]");
  await seat.press("Enter");
  await seat.heading(KHAI.name);
}

async function sync(seat) {
  await seat.press("F4");
  await seat.heading("Đồng bộ và bản sao");
  await seat.press("Enter");
  await until(`${seat.name} rests`, async () => (await seat.command("sync_state")).phase !== "running", 30_000);
}

/** Syncs until the laptop has heard: the server may still be drawing the record. */
async function hears(seat, what, heard) {
  await until(`${seat.name} hears: ${what}`, async () => {
    await sync(seat);
    return heard(await record(seat));
  });
}

const seats = { alley: await Seat.at(folder, "alley"), tower: await Seat.at(folder, "tower") };
const chrome = await browser();
const blind = { look: () => {} };
let dose;

const stories = [
  ["two laptops are enrolled without a window, and the line is cut", async () => {
    enrol(alley);
    enrol(tower);
    await server.down();
  }],
  ["the window opens by PIN", async () => {
    await seats.alley.open(alley);
    await seats.alley.heading("Mở khóa");
    await picture(seats.alley, "locked");
    await unlock(seats.alley);
    await seats.alley.see(`hem-42 · ${alley.device}`);
    await picture(seats.alley, "reception");
  }],
  ["a card before the camera puts its holder on screen", () => scan(seats.alley, alley)],
  ["a dose is given with no line, and is on disk", async () => {
    await give(seats.alley, alley);
    const view = await record(seats.alley);
    same("doses", view.doses.map(({ number, lot, state, copies }) => [number, lot, state, copies]), [[1, alley.given.lot, "given", "here"]]);
    dose = view.doses[0].statement;
  }],
  ["the app is killed and opened again: the dose is there", async () => {
    await seats.alley.kill();
    await seats.alley.open(alley);
    await unlock(seats.alley);
    await openRecord(seats.alley);
    await seats.alley.see(alley.given.lot, "table");
    await seats.alley.see("Chỉ trên máy này", "table");
    await picture(seats.alley, "after-the-kill");
    same("the same dose", (await record(seats.alley)).doses.map(({ statement }) => statement), [dose]);
  }],
  ["another team gives the same dose, with no line either", async () => {
    await seats.tower.open(tower);
    await unlock(seats.tower);
    await scan(seats.tower, tower);
    await give(seats.tower, tower);
    await seats.tower.press("F4");
    await seats.tower.press("Enter");
    await seats.tower.see("Không có mạng. Dữ liệu vẫn được lưu trên máy này.");
    await picture(seats.tower, "no-line");
  }],
  ["the line is back: the nation holds what the first laptop said", async () => {
    await server.up();
    await sync(seats.alley);
    await seats.alley.see("Máy chủ giữ đủ mọi bản ghi, không thiếu số nào.");
    await seats.alley.see("Đã có ở máy chủ quốc gia");
    await picture(seats.alley, "synced");
    same("copies", (await record(seats.alley)).doses.map(({ copies }) => copies), ["nation"]);
  }],
  ["both laptops know that they differ", async () => {
    for (const seat of [seats.tower, seats.alley]) {
      await hears(seat, "two doses and a case", (view) => view.doses.length === 2 && view.conflicts.length === 1);
    }
    await openRecord(seats.tower);
    await seats.tower.see("Đang chờ xử lý");
    await picture(seats.tower, "conflict");
  }],
  ["the case is settled at the console", async () => {
    const made = await page(chrome, "about:blank");
    complaints.listen(made, "console");
    complaints.expected = [/status of 401 .*\/console\/api\/me/];
    await made.goto(`${server.url}/console/`);
    const world = { office: { page: made }, eyes: blind, complaints };
    const problems = (await office.signIn(world)) ?? [];
    await office.sideBySide(world);
    await made.screenshot({ path: join(pictures, `${String((shots += 1)).padStart(2, "0")}-console-case.png`) });
    await office.settle(world);
    return [...problems, ...complaints.take()];
  }],
  ["the answer comes home to both windows", async () => {
    for (const seat of [seats.alley, seats.tower]) {
      await hears(seat, "the answer", (view) => view.conflicts.some(({ status, answer_names }) => status === "settled" && answer_names === dose));
      const states = Object.fromEntries((await record(seat)).doses.map(({ lot, state }) => [lot, state]));
      same(`${seat.name}: what counts`, [states[alley.given.lot], states[tower.given.lot]], ["given", "echo"]);
      await openRecord(seat);
      await seat.see("Ghi trùng", "table");
      await seat.see("Cùng một mũi tiêm", ".conflicts");
      await seat.see("Đã kết luận", ".conflicts");
      await picture(seat, "answered");
    }
    const [one, two] = [await record(seats.alley), await record(seats.tower)];
    same("the two laptops hold the same record", one.state_root, two.state_root);
  }],
];

let broken = false;
for (const [name, tell] of stories) {
  if (broken) tally.fail(name, "not tried: it needs what went before");
  else broken = !(await tally.story(name, tell));
  if (broken) for (const seat of Object.values(seats)) await picture(seat, "failed").catch(() => {});
}

for (const seat of Object.values(seats)) await seat.close();
await chrome.close();
const code = tally.end();
stopAll();
process.exit(code);
