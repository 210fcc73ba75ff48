// @ts-check
/**
 * Looks at every screen of the built console over the pretend server, in both languages, and asks axe and the
 * content policy what they think. `npm run build && npm run pretend`, then `npm run look [folder]`.
 */
import { mkdirSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const folder = process.argv[2] ?? "/tmp/shots-console";
const only = process.argv[3];
const base = process.env.CONSOLE_URL ?? "http://localhost:4173/console/";
mkdirSync(folder, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

let wrong = 0;
const complain = (/** @type {string} */ text) => {
  wrong += 1;
  console.error(text);
};

/** @typedef {import("playwright-core").Page} Page */

/** @param {string} language @param {string} theme @param {{ width: number, height: number }} viewport */
async function sitting(language, theme, viewport) {
  const context = await browser.newContext({ viewport, locale: language, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  await page.addInitScript(
    ([language, theme]) => {
      if (location.protocol === "about:") return;
      localStorage.setItem("so-tiem.console.language", language);
      localStorage.setItem("so-tiem.console.theme", theme);
    },
    [language, theme],
  );
  page.on("console", (message) => {
    const refusedAsAsked = /Failed to load resource/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !refusedAsAsked) complain(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complain(`page: ${error.message}`));
  page.on("dialog", (dialog) => {
    complain(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(new URL(base).origin)) complain(`asked a stranger: ${request.url()}`);
  });
  const mood = (/** @type {object} */ mood) => page.request.post(`${base}api/pretend`, { data: mood });
  const shot = async (/** @type {string} */ name, { full = false, axe = true } = {}) => {
    await page.waitForTimeout(250);
    await page.waitForFunction(() => document.fonts.status === "loaded");
    await page.waitForTimeout(50);
    const file = `${folder}/${name}.${language}${theme === "light" ? "" : `.${theme}`}.png`;
    await page.screenshot({ path: file, fullPage: full });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) complain(`${name} ${language}: ${wide} px too wide`);
    if (!axe) return;
    const { violations } = await new AxeBuilder({ page })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
      .analyze();
    for (const { id, nodes } of violations) {
      complain(`axe ${name} ${language} ${theme}: ${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join("\n  ")}`);
    }
  };
  const go = async (/** @type {string} */ hash) => {
    await page.goto(`${base}#/`);
    await page.goto(`${base}${hash}`);
    await page.reload();
    await page.waitForTimeout(200);
  };
  const signIn = async () => {
    await page.locator("input").first().fill("nghia");
    await page.locator("input[type=password]").fill("demo-demo");
    await page.keyboard.press("Enter");
    await page.locator("#main").waitFor();
  };
  /** Opens the first case of a kind. */
  const openCase = async (/** @type {string} */ kind, status = "open") => {
    await go(`#/cases?status=${status}&kind=${kind}`);
    await page.locator("tbody tr").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.locator(".case h1").waitFor();
  };
  return { context, page, mood, shot, go, signIn, openCase };
}

const laptop = { width: 1366, height: 768 };

/** @type {Record<string, (s: Awaited<ReturnType<typeof sitting>>) => Promise<void>>} */
const looks = {
  async "sign-in"({ page, mood, shot }) {
    await page.goto(base);
    await page.locator("form").waitFor();
    await shot("sign-in");
    await page.keyboard.press("Enter");
    await shot("sign-in-missing");
    await page.locator("input").first().fill("nghia");
    await page.locator("input[type=password]").fill("sai mật khẩu");
    await page.keyboard.press("Enter");
    await page.locator("[role=alert]").waitFor();
    await shot("sign-in-wrong");
    await mood({ refuse: { status: 429, code: "wait", retryAfterS: 30 } });
    await page.locator("input[type=password]").fill("sai nữa");
    await page.keyboard.press("Enter");
    await page.waitForTimeout(300);
    await shot("sign-in-wait");
    await mood({ refuse: { status: 503, code: "busy" } });
    await page.goto("about:blank");
    await page.goto(base);
    await page.locator("[role=alert]").waitFor();
    await shot("no-answer");
    await mood({});
  },
  async cases({ page, mood, shot, go, signIn }) {
    await page.goto(base);
    await signIn();
    await page.locator("tbody tr").first().waitFor();
    await shot("cases");
    for (let n = 0; n < 3; n++) await page.keyboard.press("j");
    await shot("cases-row");
    await go("#/cases?status=settled");
    await shot("cases-settled");
    await go("#/cases?status=sent_back&kind=too_soon");
    await shot("cases-none");
    await page.locator("button[aria-haspopup]").click();
    await page.waitForTimeout(200);
    await shot("cases-kinds", { axe: false });
    await page.keyboard.press("Escape");
    await mood({ empty: true });
    await go("#/cases");
    await shot("cases-empty");
    await mood({ behind: 18_204 });
    await go("#/cases");
    await page.locator("tbody tr").first().waitFor();
    await mood({ refuse: { status: 503, code: "busy" } });
    await page.keyboard.press("r");
    await page.locator("[role=alert]").waitFor();
    await shot("cases-failed");
    await mood({});
    await go("#/cases");
    await page.locator("tbody tr").first().waitFor();
    await mood({ silent: true });
    await page.locator("input[type=radio]").nth(2).check({ force: true });
    await shot("cases-loading");
    await mood({});
    await go("#/cases");
    await page.keyboard.press("F1");
    await page.locator("[role=dialog]").waitFor();
    await shot("help");
  },
  async case({ page, mood, shot, go, signIn, openCase }) {
    await page.goto(base);
    await signIn();
    for (const kind of [
      "too_many_doses",
      "same_dose_twice",
      "edited_in_two_places",
      "two_cards_one_person",
      "cloned_device",
      "implausible_time",
    ]) {
      await openCase(kind);
      await shot(`case-${kind}`);
    }
    await openCase("one_card_two_persons", "sent_back");
    await shot("case-sent-back");
    await page.locator(".stories").evaluate((box) => box.scrollTo(0, 10_000));
    await shot("case-records");
    await openCase("too_soon", "settled");
    await shot("case-settled");
    await page.locator(".deeds button").last().click();
    await page.locator("[role=dialog]").waitFor();
    await page.locator("[role=dialog] [data-primary]").click();
    await shot("case-undo");
    await page.locator("[role=dialog] textarea").fill("Đội gửi lại ảnh phiếu giấy: mũi này đúng là của chị Tuyền.");
    await page.locator("[role=dialog] [data-primary]").click();
    await page.locator("[role=dialog]").waitFor({ state: "detached" });
    await shot("case-undone");
    await mood({ anew: true });
    await openCase("too_many_doses");
    await page.keyboard.press("1");
    await page.keyboard.press("n");
    await page.keyboard.type("Hai máy ghi cùng một lượt tiêm; phiếu giấy ghi lô ABV5123.");
    await shot("case-chosen");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("button", { name: /Thu lại kết luận|Take the answer back/ }).waitFor();
    await shot("case-just-settled");
    await page.keyboard.press("Enter");
    await page.waitForTimeout(300);
    await page.keyboard.press("4");
    await page.keyboard.press("Enter");
    await shot("case-reason");
    await page.keyboard.press("Escape");
    await mood({ stale: true });
    await page.keyboard.press("1");
    await page.keyboard.press("Enter");
    await page.locator("[role=alert]").waitFor();
    await shot("case-stale");
    await page.keyboard.press("Escape");
    await openCase("cloned_device");
    await page.keyboard.press("1");
    await mood({ silent: true });
    await page.keyboard.press("Enter");
    await shot("case-settling");
    await mood({ refuse: { status: 507, code: "store_full" } });
    await go("#/cases/abcdef");
    await mood({});
    await openCase("edited_in_two_places");
    await page.keyboard.press("1");
    await mood({ refuse: { status: 507, code: "store_full" } });
    await page.keyboard.press("Enter");
    await page.locator("[role=alert]").waitFor();
    await shot("case-refused");
    await mood({ role: "viewer" });
    await openCase("too_many_doses");
    await shot("case-viewer");
    await mood({});
    await go("#/cases/0000");
    await page.locator("[role=alert]").waitFor();
    await shot("case-unknown");
    await openCase("too_many_doses");
    await page.locator(".stories").evaluate((box) => box.scrollTo(0, 10_000));
    await shot("case-record");
    await page.locator(".stories h2 a").first().click();
    await page.locator(".citizen").waitFor();
    await page.waitForTimeout(200);
    await shot("citizen");
    await mood({ anew: true });
  },
  async devices({ page, mood, shot, go, signIn }) {
    await page.goto(base);
    await signIn();
    await page.keyboard.press("F3");
    await page.locator("tbody tr").first().waitFor();
    await shot("devices");
    await go("#/devices?show=missing");
    await shot("devices-missing");
    await go("#/devices?show=revoked");
    await shot("devices-revoked");
    await page.keyboard.press("/");
    await page.keyboard.type("khong co");
    await shot("devices-no-match");
    await go("#/devices?show=missing");
    await page.locator("tbody button").first().click();
    await page.locator("[role=dialog]").waitFor();
    await page.locator("[role=dialog] [data-primary]").click();
    await shot("devices-revoke");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await go("#/devices");
    await page.keyboard.press("m");
    await page.locator("[role=dialog]").waitFor();
    await page.locator("[role=dialog] input").first().fill("Hẻm 42");
    await page.keyboard.press("Enter");
    await shot("code-form");
    await page.locator("[role=dialog] input").first().fill("Q8-HEM-42");
    await page.locator("[role=dialog] input").nth(1).fill("27427");
    await page.keyboard.press("Enter");
    await page.locator(".big").waitFor();
    await shot("code");
    await page.keyboard.press("Enter");
    await mood({ empty: true });
    await go("#/devices");
    await shot("devices-empty");
    await mood({});
  },
  async quarantine({ page, mood, shot, go, signIn }) {
    await page.goto(base);
    await signIn();
    await page.keyboard.press("F4");
    await page.locator("tbody tr").first().waitFor();
    await shot("quarantine");
    await go("#/devices");
    await page.locator("td a").first().click();
    await page.waitForTimeout(200);
    await shot("quarantine-device");
    await mood({ empty: true });
    await go("#/quarantine");
    await shot("quarantine-empty");
    await mood({ refuse: { status: 401, code: "signed_out" } });
    await page.keyboard.press("r");
    await page.locator("form").waitFor();
    await shot("expired");
    await mood({});
    await signIn();
    if (!page.url().endsWith("#/quarantine")) complain(`came back to ${page.url()}`);
  },
};

for (const [name, look] of Object.entries(looks)) {
  if (only && only !== name) continue;
  for (const [language, theme] of [
    ["vi", "light"],
    ["en", "light"],
    ["vi", "dark"],
    ["en", "contrast"],
  ]) {
    if (process.env.LANGUAGES && !process.env.LANGUAGES.split(",").includes(`${language}-${theme}`)) continue;
    const s = await sitting(language, theme, laptop);
    try {
      await s.mood({ anew: true });
      await look(s);
    } catch (error) {
      complain(`${name} ${language}: ${error}`);
      await s.page.screenshot({ path: `${folder}/broken-${name}.${language}.png` }).catch(() => {});
    }
    await s.context.close().catch(() => {});
  }
}
await browser.close();
console.log(wrong === 0 ? "nothing wrong" : `${wrong} wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
