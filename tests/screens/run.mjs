/**
 * The screens as they are shipped, in Chromium, over two real laptops and the real server.
 *   node tests/screens/run.mjs [part of a screen's name]
 * Pictures of every screen go to ./screenshots/screens.
 */
import { join } from "node:path";
import { browser, page } from "./browser.mjs";
import { Complaints, Eyes } from "./eyes.mjs";
import { Bridge, endAfter, needScreens, root, scratch, Server, stopAll } from "./programs.mjs";
import * as conflict from "./stories/conflict.mjs";
import * as office from "./stories/console.mjs";
import * as day from "./stories/day.mjs";
import * as dose from "./stories/dose.mjs";
import * as enrol from "./stories/enrol.mjs";
import { hostileName } from "./stories/hostile.mjs";
import { fromElsewhere } from "./stories/prior.mjs";
import * as scan from "./stories/scan.mjs";
import { searching } from "./stories/search.mjs";
import * as unlock from "./stories/unlock.mjs";
import * as walkIn from "./stories/walk_in.mjs";
import { Tally } from "./tally.mjs";

const RUN_MS_MAX = 15 * 60_000;

const stories = [
  ["a laptop is enrolled through its screen", enrol.enrolling],
  ["wrong PINs are told, then slowed down", unlock.wrongPins],
  ["another laptop is enrolled meanwhile", enrol.enrollingAnother],
  ["after the wait the right PIN opens", unlock.waitThenOpen],
  ["a card before the camera puts its holder on screen", scan.scanning],
  ["shown again, the card opens the record at once", scan.scanningAgain],
  ["an unreadable code is called unreadable", scan.unreadable],
  ["a scanner types a whole card", scan.wedge],
  ["what is no card is named for what it is", scan.otherCodes],
  ["people are found with and without accents", searching],
  ["a walk-in is registered by keyboard alone", walkIn.walkIn],
  ["somebody who is known already is asked about", walkIn.lookalike],
  ["a dose is given by keyboard and undone", dose.giveAndUndo],
  ["a dose is given and stays", dose.give],
  ["a stop must be ticked before the needle", dose.stopped],
  ["a dose is corrected and withdrawn", dose.correctAndWithdraw],
  ["today's doses are listed", day.today],
  ["help explains, and colours suit the room", day.help],
  ["the language is the laptop's", day.languages],
  ["a name made of HTML stays a name", hostileName],
  ["with a line, the nation holds everything", day.online],
  ["without a line, two teams give the same dose", conflict.offline],
  ["the line is back and both know of the conflict", conflict.backOnline],
  ["the admin signs in", office.signIn],
  ["the case is in the queue, its sides beside each other", office.sideBySide],
  ["the case is settled by keyboard", office.settle],
  ["the answer comes home to both laptops", conflict.answered],
  ["the answer is taken back", office.undo],
  ["both laptops hear that it was", conflict.askedAgain],
  ["the devices show no holes", office.devices],
  ["quarantine is empty, and help explains", office.otherRooms],
  ["a name made of HTML stays a name at the console", office.hostileNameHere],
  ["the console says when the server is gone", office.outOfTouch],
  ["signed out, nothing is left on screen", office.signOut],
  ["a locked laptop shows nobody", unlock.lockAndOpen],
  ["somebody from elsewhere is asked for the card", fromElsewhere],
];

endAfter(RUN_MS_MAX);
needScreens();
const folder = scratch("screens");
const tally = new Tally();
const complaints = new Complaints();
const pictures = process.env.SO_TIEM_PICTURES ?? join(root, "screenshots/screens");
const eyes = new Eyes(tally, pictures, process.argv[2]);

const server = await Server.start(folder, ["CODE-ALLEY", "CODE-TOWER"]);
const chrome = await browser();
async function laptop(name, code, site, names) {
  const bridge = await Bridge.start(folder, name);
  const made = await page(chrome, bridge.url, { laptop: true });
  complaints.listen(made, name);
  return { page: made, camera: bridge.camera, code, site, names };
}
const world = {
  server,
  eyes,
  complaints,
  alley: await laptop("alley", "CODE-ALLEY", "hem-42", { device: "Bàn 1", user: "Lê Thị Hồng" }),
  tower: await laptop("tower", "CODE-TOWER", "chung-cu-a", { device: "Bàn 2", user: "Võ Minh Tuấn" }),
  office: { page: await page(chrome, "about:blank") },
  another: laptop,
};
complaints.listen(world.office.page, "console");
complaints.expected = [/status of 401 .*\/console\/api\/me/];
await world.office.page.goto(`${server.url}/console/`);

for (const [name, tell] of stories) {
  const told = await tally.story(name, async () => [...((await tell(world)) ?? []), ...complaints.take()]);
  if (told) continue;
  for (const who of ["alley", "tower", "office"]) {
    const path = join(pictures, `failed-${name.replace(/[^a-z]+/gi, "-")}-${who}.png`);
    await world[who].page.screenshot({ path }).catch(() => {});
  }
  complaints.take();
  complaints.expected = [];
  await server.up();
}

const code = tally.end();
await chrome.close();
stopAll();
process.exit(code);
