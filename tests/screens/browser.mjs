/** Chromium without a window, and a laptop's screens in it. */
import { chromium } from "playwright-core";

export const WIDE = { width: 1366, height: 768 };
/** The same window at 200 %. */
export const ZOOMED = { width: 683, height: 384 };

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function browser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags, timeout: 60_000 });
}

/** What the window gives its screens, over HTTP: the bundle under test does not know the difference. */
function window_() {
  window.__TAURI_INTERNALS__ = {
    invoke: async (command, payload) => {
      const response = await fetch(`/__ipc/${command}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(payload?.args ?? null),
      });
      if (response.ok) return response.json();
      throw await response.json();
    },
  };
}

/** A page of its own, with nothing kept from others. */
export async function page(chrome, url, { laptop = false } = {}) {
  const context = await chrome.newContext({ viewport: WIDE, reducedMotion: "reduce", locale: "vi-VN", timezoneId: "Asia/Ho_Chi_Minh" });
  context.setDefaultTimeout(10_000);
  if (laptop) await context.addInitScript(window_);
  const made = await context.newPage();
  await made.goto(url);
  return made;
}
