import { field, heading, press, same, type } from "../hands.mjs";
import { PIN } from "../programs.mjs";

const TRIES_BEFORE_WAIT = 5;

/** Ctrl+L shuts the laptop; wrong PINs are told, then slowed down. */
export async function wrongPins({ alley, eyes }) {
  const { page } = alley;
  await press(page, "Control+l");
  await heading(page, "Mở khóa").waitFor();
  await eyes.look(page, "unlock", { english: true });

  const pin = page.locator("input[type=password]");
  for (let tries = 1; tries <= TRIES_BEFORE_WAIT; tries += 1) {
    await page.waitForFunction(() => document.activeElement?.type === "password");
    await page.keyboard.type(`${111_110 + tries}`);
    await press(page, "Enter");
    if (tries === 1) {
      await page.getByText("Mã PIN không đúng.").waitFor();
      same("the wrong PIN", await pin.inputValue(), "");
      await eyes.look(page, "unlock-wrong");
    } else if (tries < TRIES_BEFORE_WAIT) {
      await page.waitForFunction(() => document.querySelector("input[type=password]")?.value === "");
      await page.getByText("Mã PIN không đúng.").waitFor();
    }
  }
  await page.getByText("Sai mã PIN nhiều lần. Chờ trước khi thử lại").waitFor();
  same("the field is closed", await pin.isDisabled(), true);
  await eyes.look(page, "unlock-wait");
}

/** After the wait the right PIN opens, and nothing else did. */
export async function waitThenOpen({ alley }) {
  const { page } = alley;
  await page.waitForFunction(() => document.activeElement?.type === "password" && !document.activeElement.disabled, null, { timeout: 30_000 });
  await type(page, PIN);
  await press(page, "Enter");
  await field(page).waitFor();
}

/** A locked laptop shows nobody, and no key leads around the PIN. */
export async function lockAndOpen({ alley }) {
  const { page } = alley;
  await page.getByRole("button", { name: /^Khóa/ }).click();
  await heading(page, "Mở khóa").waitFor();
  await press(page, "F2", "F3", "F4", "F1", "/");
  same("screens behind the lock", await page.locator("nav, table, #scan, [role=dialog]").count(), 0);
  const text = await page.locator("body").innerText();
  if (/Nguyễn|Trần|PV46664/.test(text)) throw new Error(`a name stands on the locked screen: ${text}`);
  await page.locator("input[type=password]").fill(PIN);
  await press(page, "Enter");
  await field(page).waitFor();
}
