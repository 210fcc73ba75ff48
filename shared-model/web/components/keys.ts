/** Whether what is pressed belongs to a text somebody is writing. */
export function writing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && !["radio", "checkbox", "button", "submit", "file"].includes(target.type);
}

/** Whether Enter already means something where the focus is. */
export function takesEnter(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.form !== null || !["radio", "checkbox"].includes(target.type);
  return target.closest("button, a[href], textarea, select, summary, [role=option], [role=combobox], tr[tabindex]") !== null;
}

/** Presses the one primary button on top: that of the open dialog, else that of the page. */
export function pressPrimary(): boolean {
  const top = [...document.querySelectorAll<HTMLElement>("[role=dialog]")].at(-1) ?? document.body;
  const primary = top.querySelector<HTMLButtonElement>("button[data-primary]:not(:disabled)");
  primary?.click();
  return primary !== null;
}
