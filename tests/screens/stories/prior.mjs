import { atReception, enrol, field, heading, press, same, scan, sync } from "../hands.mjs";
import { giveFirst, GIVEN } from "./conflict.mjs";
import { lockAndOpen } from "./unlock.mjs";

/** Somebody of Huế. */
const AN = {
  name: "Lê Thị An",
  card: "046190000777||Lê Thị An|02031990|Nữ|12 Nguyễn Sinh Cung, Vỹ Dạ, Thành phố Huế|15042021",
};

/** Vaccinated in another province, she comes to a table without a line: the laptop asks for her card and refuses nothing. */
export async function fromElsewhere({ alley, server, eyes, another }) {
  await server.up();
  const code = server.tell("enrol-code", "--site", "vy-da", "--area", "19753");
  const hue = await another("hue", code, "vy-da", { device: "Bàn Huế", user: "Tôn Nữ Hà" });
  await heading(hue.page, "Ghi danh máy này").waitFor();
  await enrol(hue.page, { server: server.url, code, ...hue.names });
  await field(hue.page).waitFor();
  await scan(hue.page, AN.card);
  await heading(hue.page, "Đăng ký từ thẻ").waitFor();
  same("notes about somebody nobody knows", await hue.page.getByText("Có thể đã tiêm").count(), 0);
  await press(hue.page, "Enter");
  await giveFirst(hue.page, GIVEN.alley, AN.name);
  await sync(hue.page);

  server.tell("prior", "build");
  const { page } = alley;
  // What there is of filters is asked about once an hour, and after a laptop was opened.
  await lockAndOpen({ alley });
  await sync(page);
  await page.getByText(/^đến hết ngày \d\d\/\d\d\/\d{4}, /).waitFor();
  await eyes.look(page, "sync-prior", { english: true });

  await server.down();
  await atReception(page);
  await scan(page, AN.card);
  await heading(page, "Đăng ký từ thẻ").waitFor();
  await page.getByText("Có thể đã tiêm 1 mũi").waitFor();
  await eyes.look(page, "register-prior", { english: true });
  await press(page, "Enter");
  await heading(page, AN.name).waitFor();
  await page.getByText("Có thể đã tiêm 1 mũi").waitFor();
  await page.getByText("Hỏi giấy xác nhận trước khi tiêm mũi 1").waitFor();
  same("words that nobody gave her a dose", await page.getByText("Chưa tiêm mũi nào").count(), 0);
  await eyes.look(page, "citizen-prior");
  // The way to the needle is as short as ever.
  await press(page, "Enter");
  await page.locator("form.choose").waitFor();
  await server.up();
}
