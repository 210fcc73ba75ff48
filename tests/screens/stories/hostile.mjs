import { atReception, choose, field, heading, press, same, sync, type } from "../hands.mjs";

export const HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';

/** A name that is also a piece of a page stays a name. */
export async function hostileName({ alley, eyes, complaints }) {
  const { page } = alley;
  await atReception(page);
  await press(page, "F6");
  await heading(page, "Đăng ký người mới").waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
  const form = page.locator("form.register");
  await form.getByLabel(/^Họ và tên/).fill(HOSTILE);
  await form.getByLabel(/^Ngày sinh/).fill("1990");
  await choose(form, "Nam");
  await form.getByLabel("Địa chỉ").fill('"><svg onload=window.hit=1>');
  await press(page, "Enter");
  await heading(page, HOSTILE).waitFor();
  await eyes.look(page, "citizen-hostile");
  await atReception(page);
  await type(page, "img src");
  await page.getByRole("option").filter({ hasText: HOSTILE }).waitFor();
  same("scripts that ran", await page.evaluate(() => [window.hit, document.querySelectorAll("img[src=x], svg[onload]").length]), [null, 0]);
  await field(page).fill("");
  await sync(page);
  return complaints.take();
}
