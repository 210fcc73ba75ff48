/**
 * Text as it came, with what the eye would miss spelled out: controls, and signs that turn the direction
 * of writing or take no room. What is shown is what was scanned.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, (sign) => {
    const code = sign.codePointAt(0)!;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}
