import { atReception, button, choose, heading, press, same, sync } from "../hands.mjs";
import { speak } from "../eyes.mjs";
import { LAN } from "./walk_in.mjs";

/** Today: what this team has given, and where the copies are. */
export async function today({ alley, tower, eyes }) {
  const { page } = alley;
  await atReception(page);
  await press(page, "F3");
  await heading(page, /^Hôm nay, \d\d\/\d\d\/\d{4}$/).waitFor();
  const figures = await page.locator(".figures dl dd").allTextContents();
  same("people, doses, withdrawn", figures, ["1", "1", "2"]);
  await eyes.look(page, "today", { english: true });
  await page.locator("tbody tr").first().focus();
  await press(page, "ArrowDown", "Enter");
  await heading(page, LAN).waitFor();

  await atReception(tower.page);
  await press(tower.page, "F3");
  await tower.page.getByText("Hôm nay chưa có mũi tiêm nào").waitFor();
  await eyes.look(tower.page, "today-empty");
}

/** With a line: everything is held by the nation, without a hole. */
export async function online({ alley, eyes }) {
  const { page } = alley;
  await sync(page);
  await page.getByText("Máy chủ giữ đủ mọi bản ghi, không thiếu số nào.").waitFor();
  await page.getByText("Đã có ở máy chủ quốc gia").waitFor();
  await page.getByText("Đã gửi hết").waitFor();
  await eyes.look(page, "sync-online", { english: true });
}

/** Help, and colours for bright and dark rooms. */
export async function help({ alley, eyes }) {
  const { page } = alley;
  await atReception(page);
  await press(page, "F1");
  const dialog = page.getByRole("dialog", { name: "Trợ giúp và phím tắt" });
  await dialog.waitFor();
  await eyes.look(page, "help", { english: true });
  for (const [label, theme] of [["Tối", "dark"], ["Tương phản cao", "contrast"]]) {
    await choose(dialog, label);
    same("the colours", await page.locator("html").getAttribute("data-theme"), theme);
    await eyes.look(page, `help-${theme}`);
    await press(page, "Escape");
    await dialog.waitFor({ state: "detached" });
    await eyes.look(page, `reception-${theme}`);
    await press(page, "F1");
  }
  await choose(dialog, "Theo máy tính");
  await press(page, "Escape");
}

/** The language is the laptop's: chosen once, it stays. */
export async function languages({ tower }) {
  const { page } = tower;
  await atReception(page);
  await speak(page, "en");
  await button(page, /^Lock/).waitFor();
  await page.getByPlaceholder("Scan a code, or type a name, ID or phone number").waitFor();
  await page.reload();
  await button(page, /^Lock/).waitFor();
  same("the language of the page", await page.locator("html").getAttribute("lang"), "en");
  await speak(page, "vi");
  await button(page, /^Khóa/).waitFor();
}
