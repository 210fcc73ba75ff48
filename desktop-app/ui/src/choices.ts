/** Choices about the screen itself, kept on this laptop. Nothing about people is ever kept here. */
export type Theme = "system" | "light" | "dark" | "contrast";
export const themes: readonly Theme[] = ["system", "light", "dark", "contrast"];

function read(name: string): string | null {
  try {
    return localStorage.getItem(`so-tiem.${name}`);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(`so-tiem.${name}`, value);
  } catch {
    // Without storage the choice lasts until the window closes.
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

export const muted = () => read("muted") === "yes";
export const setMuted = (yes: boolean) => write("muted", yes ? "yes" : "no");
export const mirrored = () => read("mirrored") !== "no";
export const setMirrored = (yes: boolean) => write("mirrored", yes ? "yes" : "no");
