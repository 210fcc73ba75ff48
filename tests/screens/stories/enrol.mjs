import { button, enrol, field, heading, press, same } from "../hands.mjs";

/** A new laptop is enrolled through its screen; what is not right is said beside the field. */
export async function enrolling({ alley, server, eyes }) {
  const { page } = alley;
  await heading(page, "Ghi danh máy này").waitFor();
  await eyes.look(page, "enrol", { english: true });

  await press(page, "Enter");
  await page.getByText("Cần điền ô này").first().waitFor();
  same("fields to fill in", await page.locator("[aria-invalid=true]").count(), 5);
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-invalid") === "true");
  await eyes.look(page, "enrol-problems");

  await enrol(page, { server: server.url, code: "SAI-MA-NAY", ...alley.names });
  await page.getByText("Máy chủ không nhận mã này. Hãy kiểm tra lại từng ký tự.").waitFor();
  await eyes.look(page, "enrol-refused");

  await enrol(page, { server: "http://127.0.0.1:9", code: alley.code, ...alley.names });
  await page.getByText("Không có mạng.").waitFor();

  await enrol(page, { server: server.url, code: alley.code, ...alley.names });
  await field(page).waitFor();
  await button(page, /Khóa/).waitFor();
  same("the place in the bar", await page.locator("header .place").textContent(), `hem-42 · ${alley.names.device}`);
  await page.getByText(alley.names.user).waitFor();
}

/** The second laptop, while the first waits for its PIN. */
export async function enrollingAnother({ tower, server }) {
  const { page } = tower;
  await heading(page, "Ghi danh máy này").waitFor();
  await enrol(page, { server: server.url, code: tower.code, ...tower.names });
  await field(page).waitFor();

  // A code lets one laptop in, once.
  same("the place in the bar", await page.locator("header .place").textContent(), `chung-cu-a · ${tower.names.device}`);
}
