/**
 * The project's story in the real window: a card, a dose with no network, a killed app, a second team,
 * a case, an answer that comes home.
 *   node tests/window/run.mjs
 * Pictures of the window go to ./screenshots/window.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { browser, page } from "../screens/browser.mjs";
import { holdUp, KHAI, putDown } from "../screens/hands.mjs";
import { endAfter, fixture, needScreens, scratch, Server, stopAll } from "../screens/programs.mjs";
import { GIVEN } from "../screens/stories/conflict.mjs";
import * as office from "../screens/stories/console.mjs";
import { Tally } from "../screens/tally.mjs";
import { display, enrol, Window } from "./driver.mjs";

endAfter(8 * 60_000);
needScreens();
const folder = scratch("window");
const tally = new Tally();
const server = await Server.start(folder, ["CODE-ALLEY", "CODE-TOWER"]);
const screen = await display(folder);
const laptops = {};
for (const [name, code, device] of [["alley", "CODE-ALLEY", "Bàn 1"], ["tower", "CODE-TOWER", "Bàn 2"]]) {
  const [data, camera] = [join(folder, name), join(folder, `${name}-camera`)];
  mkdirSync(camera);
  enrol(data, server.url, code, device, `Đội ${device}`);
  laptops[name] = { display: screen, folder, data, camera };
}
let window;
let broken = false;

/** One part of the story. What comes after a part that failed can't be told. */
async function tell(name, deed) {
  if (broken) return tally.fail(name, "not told: something before it failed");
  broken = !(await tally.story(name, deed));
  if (broken) {
    window?.picture(`failed-${name.replace(/[^a-z]+/gi, "-")}`);
    await window?.close().catch(() => {});
  }
}

/** A card in view becomes a citizen, and the citizen gets dose 1. */
async function scanAndGive(laptop, { product, lot }, picture) {
  window = await Window.open(laptop);
  await window.unlock();
  holdUp(laptop.camera, fixture("qr/card.png"));
  await window.heading("Đăng ký từ thẻ");
  await window.enter();
  await window.heading(KHAI.name);
  await window.enter();
  await window.heading("Ghi mũi tiêm");
  await window.click(await window.sees(product, "label"));
  await window.type(lot, ".lot input");
  await window.sees("Không có cảnh báo", "*").catch(() => window.sees("Lưu ý", "*", 5_000));
  await window.enter();
  await window.heading("Nhìn lại lần cuối");
  window.picture(`${picture}-second-look`);
  await window.enter();
  await window.heading("Đã lưu");
  window.picture(`${picture}-saved`);
  putDown(laptop.camera);
}

/** Opens her record by name. */
async function openHer() {
  await window.press("\uE032"); // F2
  await window.type(KHAI.name, "#scan");
  await window.click(await window.sees(KHAI.name, "*[@role='option']"));
  await window.heading(KHAI.name);
}

async function sync() {
  await window.press("\uE034"); // F4
  await window.heading("Đồng bộ và bản sao");
  await window.click(await window.sees("Gửi ngay", "button"));
  await window.sees("Máy chủ giữ đủ mọi bản ghi", "*", 60_000);
}

await tell("a card in view becomes a dose on disk, with no network", async () => {
  await server.down();
  await scanAndGive(laptops.alley, GIVEN.alley, "alley");
});
await tell("the app is killed, and the dose is there when it opens again", async () => {
  await window.killed();
  window = await Window.open(laptops.alley);
  await window.unlock();
  await openHer();
  await window.sees("Đã tiêm 1 mũi");
  await window.sees("Chỉ trên máy này");
  window.picture("alley-after-kill");
});
await tell("with a line, the nation holds it", async () => {
  await server.up();
  await sync();
  await openHer();
  await window.sees("Đã có ở máy chủ quốc gia");
  window.picture("alley-held");
  await window.close();
});
await tell("a second team, offline, gives the same dose number", async () => {
  await server.down();
  await scanAndGive(laptops.tower, GIVEN.tower, "tower");
  await server.up();
  await sync();
  await window.close();
});
await tell("the case is settled at the console", async () => {
  const chrome = await browser();
  const world = {
    office: { page: await page(chrome, `${server.url}/console/`) },
    eyes: { look: async () => {} },
    complaints: { take: () => [], expected: [] },
  };
  for (const step of [office.signIn, office.sideBySide, office.settle]) await step(world);
  await chrome.close();
});
await tell("both windows show the answer", async () => {
  for (const name of ["alley", "tower"]) {
    window = await Window.open(laptops[name]);
    await window.unlock();
    await sync();
    await openHer();
    await window.sees("Ghi trùng");
    await window.sees("Đã kết luận");
    window.picture(`${name}-answered`);
    await window.close();
  }
});

const code = tally.end();
stopAll();
process.exit(code);
