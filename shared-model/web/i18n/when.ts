/**
 * Moments and days as people at a table in Vietnam read them: `dd/mm/yyyy`, 24 hours, UTC+7,
 * whichever language is on screen: a date that changed its order with the language would be misread.
 */
const CAMPAIGN_OFFSET_MS = 7 * 3_600_000;

const two = (n: number) => String(n).padStart(2, "0");

function local(ms: number): Date | undefined {
  const moved = new Date(ms + CAMPAIGN_OFFSET_MS);
  return Number.isNaN(moved.getTime()) ? undefined : moved;
}

/** `2021-09-30` of the moment, in Vietnam. */
export function isoDay(ms: number): string {
  return local(ms)?.toISOString().slice(0, 10) ?? "";
}

/** `30/09/2021` from a moment. */
export function date(ms: number): string {
  return day(isoDay(ms));
}

/** `14:05` */
export function time(ms: number): string {
  const at = local(ms);
  return at ? `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}` : "–";
}

/** `14:05 30/09/2021` */
export function dateTime(ms: number): string {
  return local(ms) ? `${time(ms)} ${date(ms)}` : "–";
}

/** An ISO day as printed: `2021-09-30` → `30/09/2021`. What is no day is shown as it came. */
export function day(iso: string): string {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(iso);
  return parts ? `${parts[3]}/${parts[2]}/${parts[1]}` : iso;
}

/** A birth date as far as it is known: `1950`, `05/1950`, `17/05/1950`, `≈ 1950`. */
export function birth(iso: string, precision: string | null): string {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(iso);
  if (!parts) return iso;
  switch (precision) {
    case "year":
      return parts[1]!;
    case "month":
      return `${parts[2]}/${parts[1]}`;
    case "estimated":
      return `≈ ${parts[1]}`;
    default:
      return day(iso);
  }
}

/**
 * A date as typed at a table: `17/5/1950`, `17051950`, `17-05-1950`, `5/1950`, `1950`.
 * Days that do not exist are still passed on, for the rules to say so.
 */
export function parseDay(typed: string): { iso: string; precision: "day" | "month" | "year" } | undefined {
  const text = typed.normalize("NFKC").trim();
  const whole = /^(\d{1,2})[\s./-](\d{1,2})[\s./-](\d{4})$/.exec(text) ?? /^(\d\d)(\d\d)(\d{4})$/.exec(text);
  if (whole) return { iso: `${whole[3]}-${two(Number(whole[2]))}-${two(Number(whole[1]))}`, precision: "day" };
  const iso = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (iso) return { iso: text, precision: "day" };
  const month = /^(\d{1,2})[\s./-](\d{4})$/.exec(text);
  if (month) return { iso: `${month[2]}-${two(Number(month[1]))}-01`, precision: "month" };
  const year = /^(\d{4})$/.exec(text);
  if (year) return { iso: `${year[1]}-01-01`, precision: "year" };
  return undefined;
}

/** Completed years on the day of `nowMs` in Vietnam; undefined for what is no date. */
export function age(birthIso: string, nowMs: number): number | undefined {
  const born = /^(\d{4})-(\d\d)-(\d\d)$/.exec(birthIso);
  const today = /^(\d{4})-(\d\d)-(\d\d)$/.exec(isoDay(nowMs));
  if (!born || !today) return undefined;
  const years = Number(today[1]) - Number(born[1]);
  const before = `${today[2]}${today[3]}` < `${born[2]}${born[3]}`;
  return Math.max(0, before ? years - 1 : years);
}

/** `1 234 567`, parted by narrow spaces: neither a point nor a comma that two languages read differently. */
export function count(n: number): string {
  return String(Math.trunc(n)).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

/** `26 B`, `12 kB`, `190 MB`: as large as it is, to the nearest unit. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${count(bytes)}\u202fB`;
  if (bytes < 1_000_000) return `${count(Math.round(bytes / 1_000))}\u202fkB`;
  return `${count(Math.round(bytes / 1_000_000))}\u202fMB`;
}
