import { describe, expect, it } from "vitest";
import type { DeviceLine, LogView } from "@so-tiem/web/console";
import { codeProblem, counts, type Event, first, isSilent, knownCodes, missing, type Model, shown, update, worthShowing } from "./state";

const TODAY = 1_000_000;
const log = (epoch: number, more: Partial<LogView> = {}): LogView => ({
  epoch,
  durable_to: 10,
  claimed_head: 10,
  missing: [],
  forked: false,
  ...more,
});
const line = (id: string, more: Partial<DeviceLine> = {}): DeviceLine => ({
  id,
  name: `Bàn ${id}`,
  site: "Q8-HEM-42",
  area: "26734",
  people: ["Lê Thị Hồng"],
  enrolled_at_ms: 0,
  last_contact_ms: TODAY + 5,
  clock_offset_ms: 0,
  logs: [log(1)],
  quarantined: 0,
  revoked: false,
  is_console: false,
  ...more,
});
const after = (...events: Event[]): Model => events.reduce((model, event) => update(model, event)[0], first("all")[0]);
const refusal = { code: "busy", waitS: 0 };

describe("what is missing", () => {
  it("counts every number of every log", () => {
    const logs = [log(1, { missing: [{ from: 3, to: 3 }] }), log(2, { missing: [{ from: 11, to: 14 }, { from: 20, to: 21 }] })];
    expect(missing(line("a", { logs }))).toBe(7);
    expect(missing(line("a"))).toBe(0);
  });

  it("speaks of an old log only where something is wrong with it", () => {
    const logs = [log(1), log(2, { forked: true }), log(3)];
    expect(worthShowing(line("a", { logs })).map(({ epoch }) => epoch)).toEqual([3, 2]);
    expect(worthShowing(line("a", { logs: [] }))).toEqual([]);
  });
});

it("is silent whoever was not heard of today, unless nothing more is expected of it", () => {
  expect(isSilent(line("a"), TODAY)).toBe(false);
  expect(isSilent(line("a", { last_contact_ms: TODAY - 1 }), TODAY)).toBe(true);
  expect(isSilent(line("a", { last_contact_ms: null }), TODAY)).toBe(true);
  expect(isSilent(line("a", { last_contact_ms: null, revoked: true }), TODAY)).toBe(false);
  expect(isSilent(line("a", { last_contact_ms: null, is_console: true }), TODAY)).toBe(false);
});

describe("the list", () => {
  const lines = [
    line("a", { people: ["Trần Quốc Bảo"] }),
    line("b", { last_contact_ms: 5, logs: [log(1, { missing: [{ from: 11, to: 12 }] })] }),
    line("c", { last_contact_ms: null, people: ["Đỗ Văn Đạt"] }),
    line("d", { revoked: true, last_contact_ms: 1 }),
    line("e", { is_console: true, last_contact_ms: null }),
  ];
  const ids = (typed: string, show: Model["show"]) => shown(lines, { typed, show }, TODAY).map(({ id }) => id);

  it("begins with whoever has been silent longest and ends with what needs nobody", () => {
    expect(ids("", "all")).toEqual(["c", "b", "a", "d", "e"]);
  });

  it("is narrowed by what is wrong and by what is typed, without accents", () => {
    expect(ids("", "silent")).toEqual(["c", "b"]);
    expect(ids("", "missing")).toEqual(["b"]);
    expect(ids("do dat", "all")).toEqual(["c"]);
    expect(ids("hem-42  QUỐC", "all")).toEqual(["a"]);
    expect(counts(lines, TODAY)).toEqual({ all: 5, silent: 2, missing: 1, revoked: 1 });
  });

  it("follows its filter in the address", () => {
    expect(update(after(), { kind: "show_chosen", show: "missing" })[1]).toEqual({ do: "moved", show: "missing" });
  });

  it("offers the codes devices carry already", () => {
    expect(knownCodes(lines)).toEqual({ sites: ["Q8-HEM-42"], areas: ["26734"] });
  });
});

describe("revoking", () => {
  const open = after({ kind: "came", lines: [line("a")] }, { kind: "revoke", device: line("a") });

  it("asks for a reason, then sends it once", () => {
    const [asked, nothing] = update(open, { kind: "submitted" });
    expect(nothing).toBeUndefined();
    expect(asked.open).toMatchObject({ noteMissing: true });
    const [busy, effect] = update(update(asked, { kind: "note_changed", note: " mất máy " })[0], { kind: "submitted" });
    expect(effect).toMatchObject({ do: "revoke", note: "mất máy", device: { id: "a" } });
    expect(update(busy, { kind: "submitted" })).toEqual([busy]);
    expect(update(busy, { kind: "closed" })).toEqual([busy]);
    expect(update(busy, { kind: "refused", failure: refusal })[0].open).toMatchObject({ busy: false, refused: refusal });
    expect(update(busy, { kind: "revoked", lines: [] })[0]).toMatchObject({ open: null, lines: [] });
  });
});

describe("a new code", () => {
  const typed = (site: string, area: string) =>
    after({ kind: "new_code" }, { kind: "site_changed", site }, { kind: "area_changed", area });

  it("is asked for with a site and a unit as the server takes them", () => {
    expect(update(typed(" Q8-HEM-42 ", "26734"), { kind: "submitted" })[1]).toEqual({ do: "code", site: "Q8-HEM-42", area: "26734" });
    const [model, nothing] = update(typed("Hẻm 42", ""), { kind: "submitted" });
    expect(nothing).toBeUndefined();
    expect(model.open).toMatchObject({ problems: { site: "spaces", area: "empty" } });
  });

  it("counts bytes the way the server does", () => {
    expect(codeProblem("a".repeat(64))).toBeUndefined();
    expect(codeProblem("Ấ".repeat(22))).toBe("too_long");
    expect(codeProblem("a\u0000b")).toBe("spaces");
  });

  it("is shown until the dialog closes, and never kept", () => {
    const code = { code: "7K2M-9QXD", expires_at_ms: 5 };
    const shownCode = after({ kind: "new_code" }, { kind: "code_came", code });
    expect(shownCode.open).toMatchObject({ code });
    expect(update(shownCode, { kind: "submitted" })).toEqual([shownCode]);
    expect(JSON.stringify(update(shownCode, { kind: "closed" })[0])).not.toContain("7K2M");
    expect(update(shownCode, { kind: "another_code" })[0].open).toMatchObject({ code: null });
  });
});
