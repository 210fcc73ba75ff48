/** Choices about the screen itself, kept by this browser. Nothing about people is ever kept here. */
export type Theme = "system" | "light" | "dark" | "contrast";
export const themes: readonly Theme[] = ["system", "light", "dark", "contrast"];

function read(name: string): string | null {
  try {
    return localStorage.getItem(`so-tiem.console.${name}`);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(`so-tiem.console.${name}`, value);
  } catch {
    // Without storage the choice lasts until the page is left.
  }
}

export function theme(): Theme {
  return themes.find((known) => known === read("theme")) ?? "system";
}

export function useTheme(chosen: Theme): void {
  write("theme", chosen);
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

export const spoken = (): string => read("language") ?? "vi";
export const setSpoken = (code: string) => write("language", code);

let letters = read("letters") !== "off";
/** Whether single letters and digits are shortcuts; whoever speaks to the computer turns that off. */
export const lettersWork = () => letters;
export function setLettersWork(yes: boolean): void {
  letters = yes;
  write("letters", yes ? "on" : "off");
}
