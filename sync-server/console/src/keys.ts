import { writing } from "@so-tiem/web";
import { lettersWork } from "./choices";

const inDialog = () => document.querySelector("[role=dialog], .so-list") !== null;

/** The key alone, where no text is being written and nothing lies over the page. */
export function soleKey(event: KeyboardEvent): string | undefined {
  const held = event.ctrlKey || event.altKey || event.metaKey || event.isComposing;
  if (held || event.defaultPrevented || inDialog() || writing(event.target)) return undefined;
  return event.key;
}

/** As `soleKey`, for letters and digits, in lower case; nothing where they are turned off. */
export function soleLetter(event: KeyboardEvent): string | undefined {
  const key = lettersWork() && !event.shiftKey ? soleKey(event) : undefined;
  return key?.length === 1 ? key.toLowerCase() : undefined;
}

/** Puts the focus into a dialog's first field, once the dialog has put it where dialogs do. */
export function focusSoon(element: HTMLElement | undefined): void {
  if (element) setTimeout(() => element.focus(), 0);
}
