import { atReception, compose, field, heading, KHAI, press, type } from "../hands.mjs";

/** People are found by what somebody types, with accents or without, with an input method or without. */
export async function searching({ alley, eyes }) {
  const { page } = alley;
  const found = page.getByRole("option").filter({ hasText: KHAI.name });
  for (const text of ["minh khai", "Nguyễn Thị Minh", "NGUYEN KHAI", "079190123456"]) {
    await atReception(page);
    await type(page, text);
    await found.first().waitFor();
  }
  await press(page, "Enter");
  await heading(page, KHAI.name).waitFor();

  await atReception(page);
  await compose(page, ["n", "ng", "ngu", "nguy", "nguye", "nguyê", "nguyễ"], "nguyễn");
  await found.first().waitFor();
  await eyes.look(page, "reception-found", { english: true });

  await press(page, "Escape");
  await page.waitForFunction(() => document.querySelector("#scan").value === "");
  await type(page, "Huỳnh Không Ai");
  await page.getByText("Không có ai trên máy này khớp với “Huỳnh Không Ai”.").waitFor();
  await eyes.look(page, "reception-nobody");
  await press(page, "Enter");
  await heading(page, "Đăng ký người mới").waitFor();
  await page.waitForFunction(() => document.activeElement?.value === "Huỳnh Không Ai");
  await press(page, "Escape");
  await field(page).waitFor();
}
