import { atReception, field, heading, press, same, type } from "../hands.mjs";

export const LAN = "Phạm Thị Lan";

const wrong = (page) => page.locator("[aria-invalid=true], fieldset.wrong").count();

/** Somebody without a card, by keyboard alone. */
export async function walkIn({ alley, eyes }) {
  const { page } = alley;
  await atReception(page);
  await press(page, "F6");
  await heading(page, "Đăng ký người mới").waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
  await eyes.look(page, "register", { english: true });

  await press(page, "Enter");
  await page.getByText("Có 3 ô cần xem lại").waitFor();
  same("fields to look at", await wrong(page), 3);
  await eyes.look(page, "register-problems", { english: true });

  // The hand is put on the first of them.
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-invalid") === "true");
  await type(page, LAN);
  await press(page, "Tab");
  await type(page, "31/2/1988");
  // A stray key on a tick box leads nowhere: what is filled in stays.
  await press(page, "Tab", "Tab", "Space", "/", "Tab");
  await type(page, "07918800123");
  await press(page, "Tab");
  await type(page, "12345");
  await press(page, "Enter");
  await page.getByText("Có 3 ô cần xem lại").waitFor();
  for (const said of ["Không phải ngày có thật", /Cần đủ 12 chữ số|Số chữ số không đúng/, "Không phải số điện thoại Việt Nam"]) {
    await page.getByText(said).waitFor();
  }

  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-invalid") === "true");
  await press(page, "Control+a");
  await type(page, "28/2/1988");
  await press(page, "Tab", "Tab", "Tab");
  await type(page, "079188001234");
  await press(page, "Tab");
  await type(page, "0903123456");
  await press(page, "Enter");
  await heading(page, LAN).waitFor();
  await page.getByText("Nữ").first().waitFor();
}

/** The same person once more: asked about before there are two records. */
export async function lookalike({ alley, eyes }) {
  const { page } = alley;
  await atReception(page);
  await press(page, "F6");
  await heading(page, "Đăng ký người mới").waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
  await type(page, "pham thi lan");
  await press(page, "Tab");
  await type(page, "1988");
  await press(page, "Tab", "Tab", "Space");
  await page.waitForTimeout(120);
  await press(page, "Enter");
  await page.getByRole("dialog").getByText("Có phải người này không?").waitFor();
  await eyes.look(page, "register-lookalikes");
  await page.getByRole("dialog").getByRole("button").filter({ hasText: LAN }).press("Enter");
  await heading(page, LAN).waitFor();
  await atReception(page);
  await field(page).fill("pham thi lan");
  await page.getByRole("option").filter({ hasText: LAN }).waitFor();
  same("records of hers", await page.getByRole("option").filter({ hasText: LAN }).count(), 1);
}
