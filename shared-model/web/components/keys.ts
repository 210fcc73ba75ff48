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

/** Puts the focus on the first field that is not right, once it is on screen. */
export function focusWrong(within: ParentNode | undefined = document): void {
  requestAnimationFrame(() => {
    const wrong = within?.querySelector<HTMLElement>("[aria-invalid=true], .wrong input, .wrong button, button.wrong");
    wrong?.focus();
  });
}

/** Where lists that open over the page are hung: inside the main landmark, where readers look for them. */
export function room(): HTMLElement {
  return document.querySelector<HTMLElement>("main") ?? document.body;
}
