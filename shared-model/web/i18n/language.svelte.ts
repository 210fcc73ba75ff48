import { isLocale, overwriteGetLocale, type Locale } from "./compiled/runtime.js";

let current = $state<Locale>("vi");
// Every message asks here, so a change of language repaints exactly the texts on screen.
overwriteGetLocale(() => current);

export const languages: readonly Locale[] = ["vi", "en"];

export const language = {
  get current(): Locale {
    return current;
  },
  /** An unknown code leaves the language as it is. */
  use(code: string): void {
    if (!isLocale(code)) return;
    current = code;
    if (typeof document !== "undefined") document.documentElement.lang = code;
  },
};
