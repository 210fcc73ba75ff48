import { button, choose, heading, openByName, press, same, scan, type } from "../hands.mjs";
import { LAN } from "./walk_in.mjs";

const SECOND_LOOK = "Nhìn lại lần cuối: đúng người, đúng vắc xin, đúng lô";

/** From a record to the second look by keyboard. The lot is typed, or scanned off the vial. */
async function toSecondLook(page, { product, lot, scanned = false }) {
  await heading(page, "Ghi mũi tiêm").waitFor({ state: "attached" });
  await page.waitForFunction(() => document.activeElement?.type === "radio");
  await press(page, "Space");
  await page.getByRole("radio", { name: product, checked: true }).waitFor();
  await page.getByLabel("Số lô").focus();
  if (scanned) await scan(page, lot);
  else await type(page, lot);
  await page.waitForFunction((text) => document.activeElement?.value === text, lot);
}

/** A dose by keyboard, looked at twice, saved, and undone while the seconds run. */
export async function giveAndUndo({ alley, eyes }) {
  const { page } = alley;
  await openByName(page, LAN);
  await press(page, "Enter");
  await heading(page, "Ghi mũi tiêm").waitFor({ state: "attached" });
  await page.waitForFunction(() => document.activeElement?.type === "radio");
  await eyes.look(page, "dose", { english: true });
  await press(page, "Enter");
  await page.getByText("Cần điền ô này").first().waitFor();
  await eyes.look(page, "dose-problems");
  await page.locator("form.choose fieldset.wrong").waitFor();

  await toSecondLook(page, { product: /AstraZeneca/, lot: "PV46664", scanned: true });
  await press(page, "Tab");
  await type(page, "30/11/2027");
  await page.getByText("Không có cảnh báo").waitFor();
  await press(page, "Enter");
  await heading(page, SECOND_LOOK).waitFor();
  for (const text of [LAN, "COVID-19 Vaccine AstraZeneca", "PV46664", "Hạn dùng 30/11/2027"]) {
    await page.locator(".big").getByText(text).waitFor();
  }
  await eyes.look(page, "second-look", { english: true });
  await press(page, "Escape");
  await page.getByLabel("Số lô").waitFor();
  await press(page, "Enter");
  await heading(page, SECOND_LOOK).waitFor();
  await press(page, "Enter");
  await heading(page, "Đã lưu").waitFor();

  const undo = button(page, /^Hoàn tác/);
  const seconds = async () => Number((await undo.textContent()).replace(/\D/g, ""));
  const first = await seconds();
  if (first < 5 || first > 10) throw new Error(`${first} seconds to undo`);
  await page.waitForFunction((n) => Number(document.querySelector(".seconds")?.textContent.replace(/\D/g, "")) < n, first);
  await page.waitForFunction(() => document.activeElement?.tagName === "H1");
  await press(page, "Tab", "Tab", "Tab", "Enter");
  await heading(page, LAN).waitFor();
  await page.getByText("Đã hoàn tác mũi tiêm").waitFor();
  await page.locator("table").getByText("Đã rút", { exact: true }).waitFor();
  same("doses that count", await page.getByText("Chưa tiêm mũi nào").count(), 1);
  await eyes.look(page, "citizen-withdrawn");
}

/** Given again: durable, and nothing to undo once the time is over. */
export async function give({ alley, eyes }) {
  const { page } = alley;
  await openByName(page, LAN);
  await press(page, "Enter");
  await heading(page, "Ghi mũi tiêm").waitFor({ state: "attached" });
  await button(page, /PV46664/).waitFor();
  await press(page, "F6");
  await page.waitForFunction(() => document.querySelector(".lot input")?.value === "PV46664");
  await page.getByText("Không có cảnh báo").waitFor();
  await press(page, "Enter");
  await heading(page, SECOND_LOOK).waitFor();
  await press(page, "Enter");
  await heading(page, "Đã lưu").waitFor();
  await eyes.look(page, "dose-saved", { english: true });
  await page.getByText("Hết thời gian hoàn tác.").waitFor({ timeout: 20_000 });
  await eyes.look(page, "dose-saved-late");
  await press(page, "Escape");
  await heading(page, LAN).waitFor();
  await page.getByText("Đã tiêm 1 mũi").waitFor();
  await eyes.look(page, "citizen-one", { english: true });
}

/** Dose 2 on the same day: two stops, and each must be ticked before the needle. */
export async function stopped({ alley, eyes }) {
  const { page } = alley;
  await openByName(page, LAN);
  await button(page, /Ghi mũi 2/).press("Enter");
  await heading(page, "Ghi mũi tiêm").waitFor({ state: "attached" });
  await button(page, /PV46664/).waitFor();
  await press(page, "F6");
  await page.getByText("Hôm nay người này đã được ghi mũi 1").waitFor();
  await eyes.look(page, "dose-findings");
  await press(page, "Enter");
  await heading(page, SECOND_LOOK).waitFor();

  const stops = page.getByRole("checkbox");
  const count = await stops.count();
  if (count < 2) throw new Error(`${count} stops to tick`);
  const given = button(page, /^Đã tiêm/);
  same("the needle waits", await given.isDisabled(), true);
  await page.getByText(`Còn ${count} mục phải đánh dấu`).waitFor();
  await eyes.look(page, "second-look-stops", { english: true });
  await page.waitForFunction(() => document.activeElement?.type === "checkbox");
  await press(page, "Enter");
  await heading(page, SECOND_LOOK).waitFor();
  for (let at = 0; at < count; at += 1) {
    await page.waitForFunction(() => document.activeElement?.type === "checkbox");
    await press(page, "Space", "Tab");
  }
  same("the needle is free", await given.isDisabled(), false);
  await stops.first().focus();
  await press(page, "Enter");
  await heading(page, "Đã lưu").waitFor();
  await press(page, "Escape");
  await heading(page, LAN).waitFor();
  await page.getByText("Tiêm dù: đã tiêm trong ngày").waitFor();
  await eyes.look(page, "citizen-complete", { english: true });
}

/** What was written can be corrected and withdrawn, with a reason, and stays readable. */
export async function correctAndWithdraw({ alley, eyes }) {
  const { page } = alley;
  await openByName(page, LAN);
  const dialog = page.getByRole("dialog");

  await button(page, "Hiện mã QR").click();
  await dialog.getByRole("img").waitFor();
  await eyes.look(page, "citizen-own-code");
  await press(page, "Escape");
  await dialog.waitFor({ state: "detached" });

  await button(page, "Sửa thông tin").click();
  await dialog.getByLabel("Địa chỉ").fill("12 Đoàn Văn Bơ, Phường 9, Quận 4");
  await eyes.look(page, "citizen-edit");
  await button(dialog, "Lưu").click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("12 Đoàn Văn Bơ, Phường 9, Quận 4").waitFor();

  await button(page, "Sửa mũi 2").click();
  await dialog.getByLabel("Giá trị đúng").fill("PV46671");
  await eyes.look(page, "citizen-correct");
  await button(dialog, "Lưu").click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Đã sửa: Số lô").waitFor();
  await page.locator("table").getByText("PV46671").waitFor();

  await button(page, "Rút mũi 2").click();
  await choose(dialog, "Nhập hai lần");
  await eyes.look(page, "citizen-withdraw");
  await button(dialog, "Rút mũi tiêm").click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Đã tiêm 1 mũi").waitFor();
}
