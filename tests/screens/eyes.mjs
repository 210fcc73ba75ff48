/** Looks at a screen as it stands: in both languages, for everybody, in a window half as wide. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { WIDE, ZOOMED } from "./browser.mjs";

const RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

export class Eyes {
  #tally;
  #folder;
  #only;
  #seen = new Set();

  constructor(tally, folder, only) {
    this.#tally = tally;
    this.#folder = folder;
    this.#only = only;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, "zoomed"), { recursive: true });
  }

  /** Each screen is looked at in Vietnamese and in English; `english` keeps the English picture too. */
  async look(page, name, { english = false } = {}) {
    if (this.#seen.has(name)) throw new Error(`${name} has been looked at already`);
    this.#seen.add(name);
    if (this.#only && !name.includes(this.#only)) return;
    const problems = [];
    for (const language of ["vi", "en"]) {
      await speak(page, language);
      const told = (list) => problems.push(...list.map((line) => `${language}: ${line}`));
      if (language === "vi" || english) await page.screenshot({ path: join(this.#folder, `${name}-${language}.png`) });
      told(await barriers(page));
      told(await outOfReach(page));
      await page.setViewportSize(ZOOMED);
      await settled(page);
      if (language === "vi") await page.screenshot({ path: join(this.#folder, "zoomed", `${name}.png`) });
      told((await outOfReach(page)).map((line) => `at 200 %: ${line}`));
      await page.setViewportSize(WIDE);
      await settled(page);
    }
    await speak(page, "vi");
    this.#tally.judge(`screen ${name}`, problems);
  }
}

const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Presses the button of a language, also where a dialog lies over it. */
export async function speak(page, language) {
  const spoken = await page.evaluate((code) => {
    document.querySelector(`.languages button[lang=${code}]`)?.click();
    return document.documentElement.lang;
  }, language);
  if (spoken !== language) await page.waitForFunction((code) => document.documentElement.lang === code, language);
  await settled(page);
}

/** What keeps somebody out, of any weight. */
async function barriers(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations.map(({ id, impact, nodes }) => {
    const where = nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`.trim());
    return `${id} (${impact}): ${where.join("; ")}`;
  });
}

/** Whether the page scrolls sideways, and what can be pressed or filled in but not be brought into view. */
function outOfReach(page) {
  return page.evaluate(() => {
    const SLACK = 2;
    const problems = [];
    const html = document.documentElement;
    if (html.scrollWidth > innerWidth) problems.push(`the page is ${html.scrollWidth} wide in a window of ${innerWidth}`);
    const main = document.querySelector("main");
    if (main && main.scrollWidth > main.clientWidth + SLACK) problems.push(`main scrolls sideways: ${main.scrollWidth} in ${main.clientWidth}`);

    const name = (element) => {
      const text = (element.getAttribute("aria-label") ?? element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
      return `${element.tagName.toLowerCase()}${element.id && !/^[a-z]\d/.test(element.id) ? `#${element.id}` : ""} “${text}”`;
    };
    const seen = (element, rect) =>
      rect.width > 1 && rect.height > 1 && !element.closest(".unseen, .skip, [aria-hidden=true]") && getComputedStyle(element).visibility === "visible";
    for (const element of document.querySelectorAll("button, input, textarea, select, a[href], [role=option], [role=combobox]")) {
      const rect = element.getBoundingClientRect();
      if (!seen(element, rect)) continue;
      let { left, right, top, bottom } = rect;
      let fixed = false;
      for (let box = element; box && box !== html && !fixed; box = box.parentElement) {
        const style = getComputedStyle(box);
        fixed = style.position === "fixed";
        if (box === element || style.display === "contents") continue;
        const frame = box.getBoundingClientRect();
        const scrolls = (how, inner, outer) => /auto|scroll/.test(how) && inner > outer;
        const hides = (how) => how !== "visible";
        if (scrolls(style.overflowX, box.scrollWidth, box.clientWidth)) [left, right] = [frame.left, frame.right];
        else if (hides(style.overflowX) && (left < frame.left - SLACK || right > frame.right + SLACK)) {
          problems.push(`${name(element)} is cut off at the side by ${box.className || box.tagName}`);
          break;
        }
        if (scrolls(style.overflowY, box.scrollHeight, box.clientHeight)) [top, bottom] = [frame.top, frame.bottom];
        else if (hides(style.overflowY) && (top < frame.top - SLACK || bottom > frame.bottom + SLACK)) {
          problems.push(`${name(element)} is cut off below by ${box.className || box.tagName}`);
          break;
        }
      }
      if (left < -SLACK || right > innerWidth + SLACK) problems.push(`${name(element)} lies outside the window, at ${Math.round(left)}–${Math.round(right)} of ${innerWidth}`);
      const scrollsDown = !fixed && html.scrollHeight > innerHeight;
      if (!scrollsDown && (top < -SLACK || bottom > innerHeight + SLACK)) problems.push(`${name(element)} lies below the window, at ${Math.round(bottom)} of ${innerHeight}`);
    }
    return [...new Set(problems)].slice(0, 8);
  });
}

/** Collects what a page complains of. `expected` is told by the story at hand. */
export class Complaints {
  #heard = [];
  expected = [];

  listen(page, who) {
    page.on("pageerror", (error) => this.#heard.push(`${who}: ${error}`));
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      const text = `${message.text()} ${message.location().url}`;
      // A refusal of a command comes over HTTP here; in the window it is a rejected promise and nothing more.
      if (/status of 422/.test(text) && text.includes("/__ipc/")) return;
      if (!this.expected.some((known) => known.test(text))) this.#heard.push(`${who}: ${text}`);
    });
  }

  /** What came up since the last time. */
  take() {
    return this.#heard.splice(0).map((line) => `the console says: ${line}`);
  }
}
