import { fixture } from "../programs.mjs";
import { atReception, BEN, button, field, heading, holdUp, KHAI, openByName, press, putDown, same, scan } from "../hands.mjs";

/** A card appears before the camera: its holder is on screen. */
export async function scanning({ alley, eyes }) {
  const { page, camera } = alley;
  await atReception(page);
  await page.locator(".camera img").waitFor();
  await eyes.look(page, "reception-empty", { english: true });

  holdUp(camera, fixture("qr/card.png"));
  await heading(page, "Đăng ký từ thẻ").waitFor();
  const name = page.locator("form input").first();
  same("the name on the card", await name.inputValue(), KHAI.name);
  same("the birth date on the card", await page.getByLabel(/^Ngày sinh/).inputValue(), "01/05/1990");
  await eyes.look(page, "register-card");
  await press(page, "Enter");
  await heading(page, KHAI.name).waitFor();
  await page.getByText("Chưa có mũi tiêm nào").waitFor();
  await eyes.look(page, "citizen-new");

  // The card still lies there: it is not opened again by itself, only when asked.
  await press(page, "F2");
  await page.getByText("Vẫn là thẻ vừa xem").waitFor();
  await eyes.look(page, "reception-held");
  await field(page).focus();
  await press(page, "Enter");
  await heading(page, KHAI.name).waitFor();
}

/** Taken away and shown again, the card opens the record at once. */
export async function scanningAgain({ alley }) {
  const { page, camera } = alley;
  putDown(camera);
  await atReception(page);
  await page.getByText("Vẫn là thẻ vừa xem").waitFor({ state: "detached" });
  await page.waitForTimeout(4_500);
  const shown = performance.now();
  holdUp(camera, fixture("qr/card.png"));
  await heading(page, KHAI.name).waitFor();
  console.log(`    card in view → citizen on screen: ${Math.round(performance.now() - shown)} ms`);
  putDown(camera);
}

/** What can't be read is said; nobody is guessed. */
export async function unreadable({ alley, eyes }) {
  const { page, camera } = alley;
  await atReception(page);
  holdUp(camera, fixture("qr/not-utf8.png"));
  await page.getByText("Thấy mã nhưng chưa đọc được: đưa gần hơn, tránh lóa").waitFor();
  await eyes.look(page, "reception-unreadable");
  putDown(camera);
}

/** A scanner that types, into the field and from another screen. */
export async function wedge({ tower }) {
  const { page } = tower;
  await atReception(page);
  await page.waitForFunction(() => document.activeElement?.id === "scan");
  await scan(page, BEN.card);
  await heading(page, "Đăng ký từ thẻ").waitFor();
  same("the name on the card", await page.locator("form input").first().inputValue(), BEN.name);
  await button(page, /Lưu và mở hồ sơ/).click();
  await heading(page, BEN.name).waitFor();

  await press(page, "F3");
  await heading(page, /^Hôm nay/).waitFor();
  await scan(page, BEN.card);
  await heading(page, BEN.name).waitFor();
}

/** What is no card is named for what it is. */
export async function otherCodes({ tower, eyes }) {
  const { page } = tower;
  await atReception(page);
  await page.waitForFunction(() => document.activeElement?.id === "scan");
  await scan(page, "https://example.vn/the");
  await page.getByText("Đây là đường dẫn trang web, không phải thẻ.").waitFor();
  await eyes.look(page, "reception-no-card");
  await openByName(page, BEN.name);
}
