import type { CodeView, DeviceLine, LogView, MissingRange } from "@so-tiem/web/console";
import { plain } from "@so-tiem/web/plain";
import type { Step } from "@so-tiem/web/loop";
import type { Refusal } from "../../api";
import type { Show } from "../../place";

export interface Model {
  lines: readonly DeviceLine[] | null;
  failure: Refusal | null;
  loading: boolean;
  typed: string;
  show: Show;
  /** Rows on screen; a nation has more devices than a screen should draw at once. */
  rows: number;
  open: Revoking | NewCode | null;
}

interface Revoking {
  kind: "revoke";
  device: DeviceLine;
  note: string;
  noteMissing: boolean;
  busy: boolean;
  refused: Refusal | null;
}

export type CodeProblem = "empty" | "spaces" | "too_long";

interface NewCode {
  kind: "code";
  site: string;
  area: string;
  problems: { site?: CodeProblem; area?: CodeProblem };
  busy: boolean;
  refused: Refusal | null;
  /** Shown once; it leaves the page with the dialog. */
  code: CodeView | null;
}

export type Event =
  | { kind: "came"; lines: readonly DeviceLine[] }
  | { kind: "failed"; failure: Refusal }
  | { kind: "reload" }
  | { kind: "typed"; text: string }
  | { kind: "show_chosen"; show: Show }
  | { kind: "more" }
  | { kind: "revoke"; device: DeviceLine }
  | { kind: "note_changed"; note: string }
  | { kind: "new_code" }
  | { kind: "site_changed"; site: string }
  | { kind: "area_changed"; area: string }
  | { kind: "another_code" }
  | { kind: "submitted" }
  | { kind: "revoked"; lines: readonly DeviceLine[] }
  | { kind: "code_came"; code: CodeView }
  | { kind: "refused"; failure: Refusal }
  | { kind: "closed" };

export type Effect =
  | { do: "load" }
  | { do: "moved"; show: Show }
  | { do: "revoke"; device: DeviceLine; note: string }
  | { do: "code"; site: string; area: string };

export const ROWS = 100;
export const NOTE_CHARS_MAX = 500;
const CODE_BYTES_MAX = 64;

export function first(show: Show): Step<Model, Effect> {
  return [{ lines: null, failure: null, loading: true, typed: "", show, rows: ROWS, open: null }, { do: "load" }];
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  const { open } = model;
  switch (event.kind) {
    case "came":
      return [{ ...model, lines: event.lines, failure: null, loading: false }];
    case "failed":
      return [{ ...model, failure: event.failure, loading: false }];
    case "reload":
      return [{ ...model, failure: null, loading: true }, { do: "load" }];
    case "typed":
      return [{ ...model, typed: event.text, rows: ROWS }];
    case "show_chosen":
      return [
        { ...model, show: event.show, rows: ROWS },
        { do: "moved", show: event.show },
      ];
    case "more":
      return [{ ...model, rows: model.rows + ROWS }];
    case "revoke": {
      const { device } = event;
      return [{ ...model, open: { kind: "revoke", device, note: "", noteMissing: false, busy: false, refused: null } }];
    }
    case "note_changed":
      if (open?.kind !== "revoke") return [model];
      return [{ ...model, open: { ...open, note: event.note, noteMissing: false } }];
    case "new_code":
      return [{ ...model, open: emptyCode("", "") }];
    case "site_changed":
      return open?.kind === "code" ? [{ ...model, open: changed(open, { site: event.site }) }] : [model];
    case "area_changed":
      return open?.kind === "code" ? [{ ...model, open: changed(open, { area: event.area }) }] : [model];
    case "another_code":
      return open?.kind === "code" ? [{ ...model, open: emptyCode(open.site, open.area) }] : [model];
    case "submitted":
      return submit(model);
    case "revoked":
      return [{ ...model, lines: event.lines, open: null }];
    case "code_came":
      return open?.kind === "code" ? [{ ...model, open: { ...open, busy: false, code: event.code } }] : [model];
    case "refused":
      return open ? [{ ...model, open: { ...open, busy: false, refused: event.failure } }] : [model];
    case "closed":
      return open?.busy ? [model] : [{ ...model, open: null }];
  }
}

function emptyCode(site: string, area: string): NewCode {
  return { kind: "code", site, area, problems: {}, busy: false, refused: null, code: null };
}

function changed(open: NewCode, part: { site?: string; area?: string }): NewCode {
  return { ...open, ...part, problems: {}, refused: null };
}

function submit(model: Model): Step<Model, Effect> {
  const { open } = model;
  if (!open || open.busy) return [model];
  if (open.kind === "revoke") {
    const note = open.note.trim();
    if (note === "") return [{ ...model, open: { ...open, noteMissing: true } }];
    return [
      { ...model, open: { ...open, busy: true, refused: null } },
      { do: "revoke", device: open.device, note },
    ];
  }
  if (open.code) return [model];
  const [site, area] = [open.site.trim(), open.area.trim()];
  const [ofSite, ofArea] = [codeProblem(site), codeProblem(area)];
  if (ofSite || ofArea) {
    const problems = { ...(ofSite ? { site: ofSite } : {}), ...(ofArea ? { area: ofArea } : {}) };
    return [{ ...model, open: { ...open, problems } }];
  }
  return [
    { ...model, open: { ...open, busy: true, refused: null } },
    { do: "code", site, area },
  ];
}

/** As the server judges codes of sites and units. */
export function codeProblem(code: string): CodeProblem | undefined {
  if (code === "") return "empty";
  if (/[\s\p{Cc}]/u.test(code)) return "spaces";
  return new TextEncoder().encode(code).length > CODE_BYTES_MAX ? "too_long" : undefined;
}

/** Numbers the device has signed and the server does not hold. */
export function missing(line: DeviceLine): number {
  return line.logs.reduce((sum, log) => sum + missingIn(log.missing), 0);
}

export function missingIn(ranges: readonly MissingRange[]): number {
  return ranges.reduce((sum, range) => sum + Math.max(0, range.to - range.from + 1), 0);
}

/** The log being written; earlier ones are spoken of only where something is wrong with them. */
export function worthShowing(line: DeviceLine): LogView[] {
  const latest = Math.max(...line.logs.map((log) => log.epoch));
  return line.logs
    .filter((log) => log.epoch === latest || log.forked || log.missing.length > 0)
    .toSorted((a, b) => b.epoch - a.epoch);
}

/** Not heard of since `today` began; a revoked device has nothing more to say, and the console is no laptop. */
export function isSilent(line: DeviceLine, todayBeganMs: number): boolean {
  return !line.revoked && !line.is_console && (line.last_contact_ms ?? 0) < todayBeganMs;
}

export type Counts = { [show in Show]: number };

export function counts(lines: readonly DeviceLine[], todayBeganMs: number): Counts {
  const of = (show: Show) => lines.filter((line) => belongs(line, show, todayBeganMs)).length;
  return { all: of("all"), silent: of("silent"), missing: of("missing"), revoked: of("revoked") };
}

function belongs(line: DeviceLine, show: Show, todayBeganMs: number): boolean {
  switch (show) {
    case "all":
      return true;
    case "silent":
      return isSilent(line, todayBeganMs);
    case "missing":
      return missing(line) > 0;
    case "revoked":
      return line.revoked;
  }
}

/** Those asked for; whoever has been silent longest stands first, the revoked and the console last. */
export function shown(lines: readonly DeviceLine[], model: Pick<Model, "typed" | "show">, todayBeganMs: number): DeviceLine[] {
  const words = plain(model.typed).split(/\s+/).filter((word) => word);
  const matches = (line: DeviceLine) => {
    const text = plain([line.name, line.site, line.area, line.id, ...line.people].join(" "));
    return words.every((word) => text.includes(word));
  };
  const rank = (line: DeviceLine) => (line.is_console ? 2 : line.revoked ? 1 : 0);
  return lines
    .filter((line) => belongs(line, model.show, todayBeganMs) && matches(line))
    .toSorted(
      (a, b) =>
        rank(a) - rank(b) ||
        (a.last_contact_ms ?? 0) - (b.last_contact_ms ?? 0) ||
        missing(b) - missing(a) ||
        (a.id < b.id ? -1 : 1),
    );
}

/** Codes that devices here carry already, to be picked from. */
export function knownCodes(lines: readonly DeviceLine[]): { sites: string[]; areas: string[] } {
  const distinct = (codes: string[]) => [...new Set(codes.filter((code) => code))].toSorted();
  const laptops = lines.filter((line) => !line.is_console);
  return { sites: distinct(laptops.map((line) => line.site)), areas: distinct(laptops.map((line) => line.area)) };
}
