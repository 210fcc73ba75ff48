/** Hands at a table: people who type, scanners that type, cards held up to a camera. */
import { copyFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PIN } from "./programs.mjs";

/** What the fixture's card says. */
export const KHAI = {
  name: "Nguyễn Thị Minh Khai",
  card: "079190123456|012345678|Nguyễn Thị Minh Khai|01051990|Nữ|42 Hẻm 5, Phường 3, Quận 4, TP. Hồ Chí Minh|15042021",
};
export const BEN = {
  name: "Trần Văn Bền",
  card: "079085001234||Trần Văn Bền|20101985|Nam|7 Tôn Đản, Phường 13, Quận 4, TP. Hồ Chí Minh|02062021",
};

/** Slower than any scanner. */
const BETWEEN_KEYS_MS = 60;
const AFTER_TYPING_MS = 120;
/** From the keyboard to the scanner and back. */
const REACH_MS = 250;

/** A person types, and then their hand rests for a moment. */
export async function type(page, text) {
  await page.keyboard.type(text, { delay: BETWEEN_KEYS_MS });
  await page.waitForTimeout(AFTER_TYPING_MS);
}

/** Keys one after another, as fingers press them. */
export async function press(page, ...keys) {
  for (const key of keys) {
    await page.keyboard.press(key);
    await page.waitForTimeout(BETWEEN_KEYS_MS);
  }
}

/** A scanner that pretends to be a keyboard: all at once, and Enter. */
export async function scan(page, text) {
  await page.waitForTimeout(REACH_MS);
  const keys = await page.context().newCDPSession(page);
  const sent = [];
  for (const char of text) {
    const key = { key: char, ...placeOf(char) };
    sent.push(keys.send("Input.dispatchKeyEvent", { type: "keyDown", text: char, unmodifiedText: char, ...key }));
    sent.push(keys.send("Input.dispatchKeyEvent", { type: "keyUp", ...key }));
  }
  const enter = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13 };
  sent.push(keys.send("Input.dispatchKeyEvent", { type: "keyDown", text: "\r", ...enter }));
  sent.push(keys.send("Input.dispatchKeyEvent", { type: "keyUp", ...enter }));
  await Promise.all(sent);
  await keys.detach();
}

/** Digits and plain letters come from a place on the keyboard; others as characters. */
function placeOf(char) {
  if (/[0-9]/.test(char)) return { code: `Digit${char}` };
  if (/[a-z]/.test(char)) return { code: `Key${char.toUpperCase()}` };
  if (/[A-Z]/.test(char)) return { code: `Key${char}`, modifiers: 8 };
  if (char === " ") return { code: "Space" };
  return {};
}

/** Text that an input method puts together before it stands in the field. */
export async function compose(page, drafts, text) {
  const keys = await page.context().newCDPSession(page);
  for (const draft of drafts) {
    await keys.send("Input.imeSetComposition", { text: draft, selectionStart: draft.length, selectionEnd: draft.length });
  }
  await keys.send("Input.insertText", { text });
  await keys.detach();
}

/** Holds a picture up to a camera: it is there whole or not at all. */
export function holdUp(camera, picture) {
  const before = join(camera, ".card");
  if (typeof picture === "string") copyFileSync(picture, before);
  else writeFileSync(before, picture);
  renameSync(before, join(camera, "card.png"));
}

export function putDown(camera) {
  rmSync(join(camera, "card.png"), { force: true });
}

export const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
export const button = (page, name) => page.getByRole("button", { name, exact: typeof name === "string" });
/** One of a few answers side by side. */
export const choose = (place, name) => place.locator("label").filter({ has: place.page().getByRole("radio", { name }) }).first().click();
/** The one field of reception. */
export const field = (page) => page.locator("#scan");

/** Fails with what is there. */
export function same(what, found, wanted) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: ${a}, not ${b}`);
}

export async function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    return element?.id || element?.getAttribute("aria-label") || element?.closest("label, .field")?.querySelector("label, span")?.textContent?.trim() || element?.textContent?.trim() || "";
  });
}

export async function enrol(page, { server, code, device, user }) {
  const fields = page.locator("form input");
  for (const [at, text] of [server, code, device, user, PIN, PIN].entries()) await fields.nth(at).fill(text);
  await press(page, "Enter");
}

/** Reception, whatever is open. A locked laptop is opened. */
export async function atReception(page) {
  await page.waitForFunction(() => document.querySelector("h1"));
  const pin = page.locator("input[type=password]");
  if ((await pin.count()) === 1 && (await page.locator("nav").count()) === 0) {
    await pin.fill(PIN);
    await press(page, "Enter");
  }
  await page.locator("nav").waitFor();
  while ((await page.getByRole("dialog").count()) > 0) {
    await press(page, "Escape");
    await page.waitForTimeout(100);
  }
  await press(page, "F2");
  await field(page).waitFor();
}

/** The record of somebody this laptop knows, found by name. */
export async function openByName(page, name) {
  await atReception(page);
  await field(page).fill(name);
  await page.getByRole("option").filter({ hasText: name }).first().click();
  await heading(page, name).waitFor();
}

/** Sends and fetches until the laptop rests, on the screen that says so. */
export async function sync(page) {
  await press(page, "F4");
  await heading(page, "Đồng bộ và bản sao").waitFor();
  const now = button(page, /Gửi ngay/);
  await now.click();
  await page.waitForFunction(() => !document.querySelector("button[data-primary]")?.disabled);
  await page.getByText("Đang nghỉ", { exact: true }).waitFor();
}
