import { PASSWORD } from "../programs.mjs";
import { button, heading, KHAI, press, same, type } from "../hands.mjs";
import { GIVEN } from "./conflict.mjs";
import { HOSTILE } from "./hostile.mjs";

const KIND = "Trùng số mũi tiêm";
const opened = (page) => page.locator("h1", { hasText: KIND });

/** The admin signs in; a wrong password opens nothing. */
export async function signIn({ office, eyes, complaints }) {
  const { page } = office;
  complaints.expected = [/status of 401 .*\/console\/api\/(me|sign-in)/];
  await heading(page, "Đăng nhập").waitFor();
  await eyes.look(page, "console-sign-in", { english: true });
  await page.waitForFunction(() => document.activeElement?.autocomplete === "username");
  await type(page, "admin");
  await press(page, "Tab");
  await type(page, "sai-mat-khau");
  await press(page, "Enter");
  await page.getByText("Tên đăng nhập hoặc mật khẩu không đúng.").waitFor();
  await eyes.look(page, "console-sign-in-wrong");
  await page.locator("input[type=password]").fill(PASSWORD);
  await press(page, "Enter");
  await heading(page, "Hồ sơ xử lý").waitFor({ state: "attached" });
  const problems = complaints.take();
  complaints.expected = [];
  return problems;
}

/** One case in the queue, and its two sides beside each other. */
export async function sideBySide({ office, eyes }) {
  const { page } = office;
  const row = page.getByRole("row").filter({ hasText: KHAI.name });
  for (let tries = 0; tries < 20 && (await row.count()) === 0; tries += 1) {
    await press(page, "r");
    await page.waitForTimeout(500);
  }
  same("cases in the queue", await row.count(), 1);
  await row.getByText(KIND).waitFor();
  await eyes.look(page, "console-cases", { english: true });

  await row.press("Enter");
  await opened(page).waitFor();
  const compared = page.getByRole("table", { name: "Các bản ghi đặt cạnh nhau" });
  for (const text of [GIVEN.alley.lot, GIVEN.tower.lot, GIVEN.alley.product, GIVEN.tower.product, "hem-42", "chung-cu-a"]) {
    await compared.getByText(text).first().waitFor();
  }
  await eyes.look(page, "console-case", { english: true });
}

/** Settled by keyboard: the alley's record is kept. */
export async function settle({ office, eyes }) {
  const { page } = office;
  const side = await sideOf(page, GIVEN.alley.lot);
  const offered = await page.getByRole("radio").evaluateAll((all) => all.map((one) => one.closest("label").textContent));
  const at = offered.findIndex((text) => text.includes(`Cùng một mũi tiêm: giữ bản ghi ${side}`));
  await press(page, String(at + 1));
  same("the answer is chosen", await page.getByRole("radio").nth(at).isChecked(), true);
  await press(page, "n");
  await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
  await type(page, "Gọi hai đội: chỉ tiêm một lần, ở hẻm 42 <b>.</b>");
  await eyes.look(page, "console-case-answer");
  await press(page, "Control+Enter");
  await page.getByText("Đã kết luận").first().waitFor();
  await page.getByText("Gọi hai đội: chỉ tiêm một lần, ở hẻm 42 <b>.</b>").first().waitFor();
  await eyes.look(page, "console-case-settled", { english: true });
}

/** The letter of the side that says so. */
async function sideOf(page, text) {
  return page.evaluate((lot) => {
    const table = [...document.querySelectorAll("table")].find((one) => one.textContent.includes(lot));
    const row = [...table.querySelectorAll("tr")].find((one) => one.textContent.includes(lot));
    const cells = [...row.querySelectorAll("td")];
    return "ABCDEFGH"[cells.findIndex((cell) => cell.textContent.includes(lot))];
  }, text);
}

/** An answer is taken back with a reason. */
export async function undo({ office, eyes }) {
  const { page } = office;
  await button(page, /Thu lại kết luận/).click();
  const dialog = page.getByRole("dialog");
  await button(dialog, /^Thu lại kết luận/).click();
  await dialog.getByText("Hãy ghi lý do thu lại").waitFor();
  await eyes.look(page, "console-case-undo");
  await dialog.getByLabel("Vì sao thu lại?").fill("Đội chung cư nói đã tiêm thật");
  await button(dialog, /^Thu lại kết luận/).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Đang chờ xử lý").first().waitFor();
  await page.getByText("Đã thu lại", { exact: true }).waitFor();
  await eyes.look(page, "console-case-undone");
}

/** Every device is here, and the server lacks none of its statements. */
export async function devices({ office, alley, tower, eyes }) {
  const { page } = office;
  await press(page, "Escape", "Escape");
  await press(page, "F3");
  await heading(page, "Các máy").waitFor();
  for (const { names, site } of [alley, tower]) {
    const row = page.getByRole("row").filter({ hasText: names.device });
    await row.getByText(site).waitFor();
    await row.getByText(/^Đủ đến số \d+$/).waitFor();
  }
  await page.getByRole("row").filter({ hasText: "Sổ kết luận của máy chủ" }).getByText(/^Đủ đến số \d+$/).waitFor();
  same("logs with holes", await page.getByText(/^Thiếu \d+ bản ghi$/).count(), 0);
  await eyes.look(page, "console-devices", { english: true });

  const dialog = page.getByRole("dialog");
  await press(page, "m");
  await dialog.getByLabel("Mã điểm tiêm").fill("hem-42");
  await dialog.getByLabel("Mã đơn vị hành chính").fill("26734");
  await eyes.look(page, "console-code-form");
  await button(dialog, /^Tạo mã/).click();
  await dialog.getByText("Nhập mã này trên máy mới").waitFor();
  await eyes.look(page, "console-code");
  await press(page, "Escape");
  await dialog.waitFor({ state: "detached" });

  await button(page, `Thu hồi ${tower.names.device}`).click();
  await dialog.getByText("Từ lúc này máy chủ từ chối mọi liên lạc của máy.").waitFor();
  await eyes.look(page, "console-revoke");
  await press(page, "Escape");
  await dialog.waitFor({ state: "detached" });
}

export async function otherRooms({ office, eyes }) {
  const { page } = office;
  await press(page, "F4");
  await heading(page, "Bản ghi tạm giữ").waitFor();
  await page.getByText("Không có bản ghi nào bị tạm giữ").waitFor();
  await eyes.look(page, "console-quarantine");
  await press(page, "F1");
  await page.getByRole("dialog").waitFor();
  await eyes.look(page, "console-help");
  await press(page, "Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

/** A hostile name is a name here too. */
export async function hostileNameHere({ office, alley, eyes }) {
  const { page } = office;
  const id = await alley.page.evaluate(async (name) => {
    const answer = await window.__TAURI_INTERNALS__.invoke("look", { args: { text: name, from_camera: false } });
    return answer.lines[0].id;
  }, "img src");
  await page.evaluate((citizen) => (location.hash = `#/citizens/${citizen}`), id);
  await page.getByRole("heading", { name: HOSTILE, exact: true }).waitFor();
  same("scripts that ran", await page.evaluate(() => [window.hit, document.querySelectorAll("img[src=x], svg[onload]").length]), [null, 0]);
  await eyes.look(page, "console-citizen");
}

/** The line to the server breaks: it is said, and what stands on screen is called old. */
export async function outOfTouch({ office, server, eyes, complaints }) {
  const { page } = office;
  complaints.expected = [/ERR_CONNECTION_REFUSED/];
  await server.down();
  await press(page, "F2");
  await page.getByText("Không liên lạc được với máy chủ.").first().waitFor();
  await eyes.look(page, "console-out-of-touch");
  await server.up();
  await button(page, /Thử lại|Tải lại/).first().click();
  await page.getByText("Không liên lạc được với máy chủ.").first().waitFor({ state: "detached" });
  const problems = complaints.take();
  complaints.expected = [];
  return problems;
}

/** Signed out, nothing of the record is left on screen. */
export async function signOut({ office, complaints }) {
  const { page } = office;
  complaints.expected = [/status of 401 .*\/console\/api\//];
  await button(page, /Đăng xuất/).click();
  await heading(page, "Đăng nhập").waitFor();
  await page.goBack();
  await heading(page, "Đăng nhập").waitFor();
  same("tables left", await page.locator("table").count(), 0);
  const problems = complaints.take();
  complaints.expected = [];
  return problems;
}
