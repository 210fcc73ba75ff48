import { fixture } from "../programs.mjs";
import { atReception, button, choose, field, heading, holdUp, KHAI, openByName, press, putDown, same, sync } from "../hands.mjs";

/** Two doses that cannot both be the first; what is different about them. */
export const GIVEN = {
  alley: { product: "COVID-19 Vaccine AstraZeneca", lot: "PV46664" },
  tower: { product: "Comirnaty", lot: "FK9412" },
};

export async function giveFirst(page, { product, lot }, name = KHAI.name) {
  await heading(page, name).waitFor();
  await press(page, "Enter");
  await choose(page.locator("form.choose"), new RegExp(product));
  await page.getByLabel("Số lô").fill(lot);
  await page.locator(".advice").getByText(/Không có cảnh báo|Lưu ý/).first().waitFor();
  await press(page, "Enter");
  await heading(page, /^Nhìn lại lần cuối/).waitFor();
  await press(page, "Enter");
  await heading(page, "Đã lưu").waitFor();
}

/** Holds her card up. One that was put down a moment ago opens by Enter. */
async function show({ page, camera }) {
  await atReception(page);
  holdUp(camera, fixture("qr/card.png"));
  const held = page.getByText("Vẫn là thẻ vừa xem");
  const known = heading(page, KHAI.name);
  const form = heading(page, "Đăng ký từ thẻ");
  await held.or(known).or(form).first().waitFor();
  if (await held.isVisible()) {
    await field(page).focus();
    await press(page, "Enter");
  }
  await known.or(form).waitFor();
  if (await form.isVisible()) await press(page, "Enter");
}

/** No line at all: two teams give dose 1 to the same person, and each has it on its disk. */
export async function offline({ alley, tower, server, eyes }) {
  await server.down();
  await show(alley);
  await giveFirst(alley.page, GIVEN.alley);
  putDown(alley.camera);

  // The second laptop may or may not have heard of her; its camera knows her by her card.
  const { page } = tower;
  await show(tower);
  await giveFirst(page, GIVEN.tower);
  putDown(tower.camera);
  await openByName(page, KHAI.name);
  await page.locator("table").getByText("Chỉ trên máy này").waitFor();

  await press(alley.page, "F4");
  await button(alley.page, /Gửi ngay/).click();
  await alley.page.getByText("Không có mạng. Dữ liệu vẫn được lưu trên máy này.").waitFor();
  await alley.page.getByText("Chờ thử lại").waitFor();
  await eyes.look(alley.page, "sync-offline", { english: true });
  await press(alley.page, "F3");
  await alley.page.getByText("Đừng mang máy đi xa khi còn bản ghi chỉ có ở đây.").waitFor();
  await eyes.look(alley.page, "today-offline");
}

/** The line is back: both send what they have, and both learn that they differ. */
export async function backOnline({ alley, tower, server }) {
  await server.up();
  for (const { page } of [alley, tower, alley]) {
    await sync(page);
    await page.getByText("Máy chủ giữ đủ mọi bản ghi, không thiếu số nào.").waitFor();
  }
  for (const { page } of [alley, tower]) {
    await openByName(page, KHAI.name);
    await page.locator("table").getByText(GIVEN.alley.lot).waitFor();
    await page.locator("table").getByText(GIVEN.tower.lot).waitFor();
    await page.getByText("Đang chờ xử lý").waitFor();
  }
}

/** Syncs until the record on screen says so: the server may still be drawing it. */
export async function hears(page, look) {
  let wrong;
  for (let tries = 0; tries < 6; tries += 1) {
    await sync(page);
    await openByName(page, KHAI.name);
    try {
      return await look();
    } catch (thrown) {
      wrong = thrown;
    }
  }
  throw wrong;
}

const SOON = { timeout: 2_000 };

/** The answer comes home: one injection counts, the other is an echo of it. */
export async function answered({ alley, tower, eyes }) {
  for (const { page } of [alley, tower]) {
    await hears(page, async () => {
      await page.getByText("Đã tiêm 1 mũi").waitFor(SOON);
      await page.locator("table").getByText("Ghi trùng").waitFor(SOON);
      await page.locator(".conflicts").getByText(/Cùng một mũi tiêm: .*PV46664/).waitFor(SOON);
      await page.locator(".conflicts").getByText("Đã kết luận").waitFor(SOON);
    });
  }
  await eyes.look(tower.page, "citizen-answered", { english: true });
}

/** Taken back at the console, it is taken back at the table too. */
export async function askedAgain({ alley, tower, eyes }) {
  for (const { page } of [alley, tower]) {
    await hears(page, async () => {
      await page.locator(".conflicts").getByText("Đang chờ xử lý").waitFor(SOON);
      same("echoes", await page.locator("table").getByText("Ghi trùng").count(), 0);
    });
  }
  await eyes.look(alley.page, "citizen-conflict", { english: true });
}
