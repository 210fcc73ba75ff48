/**
 * Takes a picture of every screen and state in both languages and runs axe on each.
 *   node dev/pictures.mjs [folder] [part of a name]
 */
import { mkdir } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";
import { encode } from "uqr";
import { PretendLaptop } from "./pretend-laptop.mjs";
import { busyDay, dose, fromElsewhere, people, sinceThen } from "./pretend-people.mjs";
import { serve } from "./serve.mjs";

const folder = process.argv[2] ?? "/tmp/shots";
const only = process.argv[3] ?? "";
const [width, height] = (process.env.SIZE ?? "1366x768").split("x").map(Number);
const size = { width, height };
await mkdir(folder, { recursive: true });

const CARD = "079192008765|025123456|Đặng Thị Ngọc Hân|17081992|Nữ|12/3 Trần Hưng Đạo, phường Cầu Kho, Quận 1, TP. Hồ Chí Minh|01052021";
const finding = (code, severity, params, ...sources) => ({ code, severity, params, sources });
const stopping = [
  finding("too_soon", "stop", { days_early: "6", earliest: "2026-11-28" }, "Quyết định 2995/QĐ-BYT ngày 18/6/2021"),
  finding("lot_expired", "stop", { on: "2026-10-31" }),
  finding("mix_allowed_with_consent", "caution", { first: "astrazeneca", then: "pfizer" }, "Công văn 6030/BYT-DP"),
  finding("rules_unconfirmed", "info", { product: "pfizer", field: "interval" }),
];
const give = { F6: "F6" };
const lot = async (page) => {
  await page.keyboard.press("F6");
};
const toLook = async (page) => {
  await page.getByRole("radio").first().waitFor();
  await lot(page);
  await page.waitForTimeout(350);
  await page.keyboard.press("Enter");
  await page.waitForTimeout(350);
};
const open = (name) => async (page) => {
  await page.locator("#scan").fill(name);
  await page.waitForTimeout(500);
  await page.keyboard.press("Enter");
  await page.locator("h1:not(.unseen)").first().waitFor();
};
const openDose = (name) => async (page) => {
  await open(name)(page);
  await page.keyboard.press("Enter");
};
const mark = { text: "", unreadable: true, corners: [[0.36, 0.3], [0.56, 0.28], [0.58, 0.62], [0.37, 0.64]] };

/** name, what the laptop is like, what is done before the picture. */
const scenes = [
  ["enrol", { status: { state: "new" } }],
  ["enrol-problems", { status: { state: "new" } }, async (page) => page.keyboard.press("Enter")],
  [
    "enrol-refused",
    { status: { state: "new" } },
    async (page) => {
      const values = ["https://tram.quan1.example.vn", "HETHAN", "Bàn 1", "Lê Thị Hồng", "246813", "246813"];
      const inputs = page.locator("form input");
      for (const [at, value] of values.entries()) await inputs.nth(at).fill(value);
      await page.keyboard.press("Enter");
      await page.waitForTimeout(200);
    },
  ],
  ["enrol-no-network", { status: { state: "new" }, fail: { enrol: "no_network" } }, async (page) => {
    for (const [at, value] of ["x", "x", "x", "x", "246813", "246813"].entries()) await page.locator("form input").nth(at).fill(value);
    await page.keyboard.press("Enter");
  }],
  ["unlock", { status: { state: "locked" } }],
  ["unlock-wrong", { status: { state: "locked", unsealed: 14 } }, async (page) => {
    await page.locator("input").fill("111111");
    await page.keyboard.press("Enter");
  }],
  ["unlock-wait", { status: { state: "locked", wait_s: 28, notice: "rebuilt" } }],
  ["no-answer", { fail: { status: "other" } }],
  ["reception", {}],
  ["reception-unreadable", { reads: Array(40).fill(mark) }],
  ["reception-starting", { camera: { state: "starting" } }],
  ["reception-no-camera", { camera: { state: "trouble", trouble: "no_camera" } }],
  ["reception-busy", { camera: { state: "trouble", trouble: "busy" } }],
  ["reception-found", {}, async (page) => {
    await page.locator("#scan").fill("a");
    await page.locator("#scan").fill("ng");
    await page.keyboard.press("ArrowDown");
  }],
  ["reception-nobody", {}, async (page) => page.locator("#scan").fill("Huỳnh Văn Không Có")],
  ["reception-not-understood", {}, async (page) => {
    await page.locator("#scan").fill("https://example.vn/abc");
    await page.keyboard.press("Enter");
  }],
  ["reception-failure", { fail: { look: "store_damaged" } }, async (page) => page.locator("#scan").fill("ngu")],
  ["register-card", { reads: [{ text: CARD, unreadable: false, corners: mark.corners }] }, async (page) => page.locator("form").waitFor()],
  ["register-found-elsewhere", { nation: fromElsewhere(), reads: [{ text: CARD, unreadable: false, corners: mark.corners }] }, async (page) => {
    await page.locator("form").waitFor();
    await page.waitForTimeout(900);
  }],
  ["register-problems", {}, async (page) => {
    await page.keyboard.press("F6");
    await page.locator("form input").nth(0).fill("Lý Thường Kiệt");
    await page.getByLabel(/^(Điện thoại|Phone)$/).fill("12345");
    await page.keyboard.press("Enter");
  }],
  ["register-lookalikes", { lookalikes: true, reads: [{ text: CARD, unreadable: false, corners: mark.corners }] }, async (page) => {
    await page.locator("form").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
  }],
  ["register-combobox", {}, async (page) => {
    await page.keyboard.press("F6");
    await page.getByRole("combobox").first().click();
    await page.keyboard.type("giao");
  }],
  ["citizen-none", {}, open("Trần Đức")],
  ["citizen-one", {}, open("Minh Khai")],
  ["citizen-renewed", { nation: sinceThen() }, async (page) => {
    await open("Minh Khai")(page);
    await page.waitForTimeout(900);
  }],
  ["citizen-complete", {}, open("Ngọc Ánh")],
  ["citizen-conflicts", {}, open("Bảo Châu")],
  ["citizen-hostile", {}, open("onerror")],
  ["citizen-loading", { slow: ["open_citizen"] }, async (page) => {
    await page.locator("#scan").fill("Minh Khai");
    await page.waitForTimeout(450);
    await page.keyboard.press("Enter");
  }],
  ["citizen-gone", { fail: { open_citizen: "unknown_citizen" } }, async (page) => {
    await page.locator("#scan").fill("Minh Khai");
    await page.waitForTimeout(450);
    await page.keyboard.press("Enter");
  }],
  ["citizen-code", {}, async (page) => {
    await open("Minh Khai")(page);
    await page.getByRole("button", { name: /Hiện mã QR|Show QR/ }).click();
  }],
  ["citizen-edit", {}, async (page) => {
    await open("Minh Khai")(page);
    await page.getByRole("button", { name: /Sửa thông tin|^Edit/ }).click();
  }],
  ["citizen-withdraw", {}, async (page) => {
    await open("Minh Khai")(page);
    await page.getByRole("button", { name: /Rút mũi 1|Withdraw dose 1/ }).click();
  }],
  ["citizen-correct", {}, async (page) => {
    await open("Minh Khai")(page);
    await page.getByRole("button", { name: /Sửa mũi 1|Correct dose 1/ }).click();
  }],
  ["citizen-correct-stale", { fail: { correct_dose: "stale" } }, async (page) => {
    await open("Minh Khai")(page);
    await page.getByRole("button", { name: /Sửa mũi 1|Correct dose 1/ }).click();
    await page.getByRole("dialog").getByRole("textbox").first().fill("FK9412");
    await page.keyboard.press("Enter");
  }],
  ["dose-first", {}, openDose("Trần Đức")],
  ["dose-next", {}, async (page) => {
    await openDose("Minh Khai")(page);
    await page.getByRole("radio").first().waitFor();
    await lot(page);
  }],
  ["dose-findings", { findings: stopping }, async (page) => {
    await openDose("Minh Khai")(page);
    await page.getByRole("radio").first().waitFor();
    await lot(page);
  }],
  ["dose-problems", {}, async (page) => {
    await openDose("Minh Khai")(page);
    await page.locator(".lot input").first().fill("ABV 81đ");
    await page.locator(".lot input").nth(1).fill("mai");
    await page.keyboard.press("Enter");
  }],
  ["dose-loading", { slow: ["dose_sheet"] }, openDose("Minh Khai")],
  ["dose-failed", { fail: { dose_sheet: "no_rules" } }, openDose("Minh Khai")],
  ["dose-look", {}, async (page) => {
    await openDose("Minh Khai")(page);
    await toLook(page);
  }],
  ["dose-look-stops", { findings: stopping }, async (page) => {
    await openDose("Minh Khai")(page);
    await toLook(page);
    await page.getByRole("checkbox").first().check();
  }],
  ["dose-look-again", { again: stopping.slice(0, 1) }, async (page) => {
    await openDose("Minh Khai")(page);
    await toLook(page);
    await page.keyboard.press("Enter");
  }],
  ["dose-disk-full", { fail: { give_dose: "disk_full" } }, async (page) => {
    await openDose("Minh Khai")(page);
    await toLook(page);
    await page.keyboard.press("Enter");
  }],
  ["dose-saved", {}, async (page) => {
    await openDose("Minh Khai")(page);
    await toLook(page);
    await page.keyboard.press("Enter");
  }],
  ["today", { today: busyDay() }, async (page) => page.keyboard.press("F3")],
  ["today-empty", {}, async (page) => page.keyboard.press("F3")],
  ["today-loading", { slow: ["today"] }, async (page) => page.keyboard.press("F3")],
  ["today-failed", { fail: { today: "store_damaged" } }, async (page) => page.keyboard.press("F3")],
  ["sync", {}, async (page) => page.keyboard.press("F4")],
  ["sync-trouble", {
    sync: {
      phase: "waiting",
      trouble: "no_network",
      clock_offset_ms: -754_000,
      area_ready: false,
      last_contact_ms: Date.now() - 9 * 3_600_000,
      attention: [
        { position: "d1/1/1187", code: "unknown_author", from_here: true },
        { position: "d7/2/14", code: "future_version", from_here: false },
      ],
    },
  }, async (page) => page.keyboard.press("F4")],
  ["sync-all-held", { sync: { to_push: 0, to_push_anywhere: 0, log_head: 1163, copies_of_last: "nation" } }, async (page) => page.keyboard.press("F4")],
  ["sync-never", { sync: { last_contact_ms: null, next_try_ms: null, clock_offset_ms: null, log_head: 0, log_words: null, durable_to: 0, to_push: 0, to_push_anywhere: 0, copies_of_last: null } }, async (page) => page.keyboard.press("F4")],
  ["sync-stick-written", {}, async (page) => {
    await page.keyboard.press("F4");
    await page.getByRole("button", { name: /USB stick|Ghi ra USB/ }).first().click();
  }],
  ["sync-stick-read", {}, async (page) => {
    await page.keyboard.press("F4");
    await page.getByRole("button", { name: /Read USB stick|Đọc USB/ }).click();
  }],
  ["sync-hub-refused", {}, async (page) => {
    await page.keyboard.press("F4");
    await page.getByRole("button", { name: /Biến máy này|Make this laptop/ }).click();
    await page.getByLabel(/Mã trạm|Hub code/).fill("SAI");
    await page.getByLabel(/Tên trạm|Name of the hub/).fill("Điểm tiêm hẻm 62");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").scrollIntoViewIfNeeded();
  }],
  ["sync-hub-serving", { siteHub: { phase: "serving", name: "Điểm tiêm hẻm 62", areas: ["26734"], addresses: ["http://192.168.1.7:8641"], waiting: 12, last_contact_ms: Date.now() - 240_000, detail: null } }, async (page) => {
    await page.keyboard.press("F4");
    await page.getByRole("button", { name: /Dừng trạm|Stop the hub/ }).scrollIntoViewIfNeeded();
  }],
  ["sync-hub-broke", { siteHub: { phase: "broke", name: "", areas: [], addresses: [], waiting: 0, last_contact_ms: null, detail: "Address already in use (os error 98)" } }, async (page) => {
    await page.keyboard.press("F4");
    await page.getByRole("button", { name: /Chạy trạm|Start the hub/ }).scrollIntoViewIfNeeded();
  }],
  ["sync-hub-lost", { siteHub: { phase: "stopped", name: "", areas: [], addresses: [], waiting: 0, last_contact_ms: null, detail: null }, fail: { site_hub_start: "hub_damaged" } }, async (page) => {
    await page.keyboard.press("F4");
    await page.getByRole("button", { name: /Chạy trạm|Start the hub/ }).click();
    await page.getByRole("button", { name: /trạm mới|Begin anew/ }).scrollIntoViewIfNeeded();
  }],
  ["sync-failed", { fail: { sync_state: "store_damaged" } }, async (page) => page.keyboard.press("F4")],
  ["help", {}, async (page) => page.keyboard.press("F1")],
];
void give;
void dose;

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** A table, a hand, a card: drawn, so that the preview has something to show. */
async function cardPicture() {
  const { data, size } = encode(CARD);
  const cells = data.flatMap((row, y) => row.map((on, x) => (on ? `<rect x="${x}" y="${y}" width="1" height="1"/>` : ""))).join("");
  const page = await browser.newPage({ viewport: { width: 640, height: 360 } });
  await page.setContent(`<body style="margin:0;background:linear-gradient(160deg,#6d6a62,#3c3a36);font-family:'Noto Sans'">
    <div style="position:absolute;left:150px;top:72px;width:340px;height:214px;border-radius:14px;transform:rotate(-4deg);background:linear-gradient(120deg,#e9efe0,#cfe3df 60%,#e6dccb);box-shadow:0 12px 30px #0009">
      <p style="margin:14px 0 0 20px;font-size:12px;font-weight:700;color:#a02020">CĂN CƯỚC CÔNG DÂN</p>
      <div style="position:absolute;left:20px;top:52px;width:78px;height:104px;background:#b9c4c4;border-radius:4px"></div>
      <svg viewBox="-2 -2 ${size + 4} ${size + 4}" style="position:absolute;right:22px;top:48px;width:124px;background:#fff">${cells}</svg>
    </div></body>`);
  const jpeg = await page.screenshot({ type: "jpeg", quality: 72 });
  await page.close();
  return jpeg.toString("base64");
}

const preview = await cardPicture();
let laptop = new PretendLaptop();
const { server, url } = await serve(() => laptop);
let violations = 0;

for (const language of (process.env.LANGUAGES ?? "vi,en").split(",")) {
  for (const theme of (process.env.THEMES ?? "system").split(",")) {
    for (const [name, set, act] of scenes) {
      if (!name.includes(only)) continue;
      const reads = (set.reads ?? []).slice();
      laptop = new PretendLaptop({ preview, people: people(), ...set, reads, status: { language, ...set.status } });
      const context = await browser.newContext({ viewport: size, reducedMotion: "reduce" });
      const page = await context.newPage();
      const said = [];
      page.on("console", (message) => message.type() === "error" && said.push(message.text()));
      page.on("pageerror", (error) => said.push(String(error)));
      if (theme !== "system") await page.addInitScript((chosen) => localStorage.setItem("so-tiem.theme", chosen), theme);
      const label = `${language}${theme === "system" ? "" : `-${theme}`}-${name}`;
      try {
        await page.goto(url);
        await page.locator("h1, [role=status], [role=alert]").first().waitFor({ state: "attached" });
        await page.waitForTimeout(400);
        await act?.(page);
        await page.waitForTimeout(450);
      } catch (thrown) {
        console.log(`${label}: ${thrown.message.split("\n")[0]}`);
      }
      await page.screenshot({ path: `${folder}/${label}.png` });
      const { violations: found } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
      for (const each of found) {
        violations += 1;
        console.log(`${label}: ${each.id} (${each.impact}) ${each.nodes.map((node) => `${node.target.join(" ")}${node.any[0]?.message ? ` – ${node.any[0].message}` : ""}`).slice(0, 3).join("; ")}`);
      }
      const scrolls = await page.evaluate(() => document.documentElement.scrollHeight > innerHeight + 1 || document.documentElement.scrollWidth > innerWidth + 1);
      if (scrolls) console.log(`${label}: the page scrolls`);
      if ((await page.title()) !== "Sổ Tiêm") console.log(`${label}: title is ${await page.title()}`);
      for (const line of said.filter((text) => !/status of 422/.test(text))) console.log(`${label}: console: ${line}`);
      await context.close();
    }
  }
}
console.log(`${violations} violations`);
await browser.close();
server.close();
