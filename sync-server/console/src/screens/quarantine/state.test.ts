import { expect, it } from "vitest";
import type { QuarantineLine } from "@so-tiem/web/console";
import { type Event, first, type Model, reasons, shown, update } from "./state";

const line = (id: number, code: string, device: string, device_name: string): QuarantineLine => ({
  id,
  device,
  device_name,
  position: `${device}/1/${id}`,
  code,
  received_at_ms: 0,
  bytes: 120,
});
const lines = [
  line(1, "revoked", "aa", "Bàn 1"),
  line(2, "malformed", "bb", "Đội lưu động"),
  line(3, "revoked", "bb", "Đội lưu động"),
];
const after = (...events: Event[]): Model =>
  events.reduce((model, event) => update(model, event)[0], update(first("")[0], { kind: "came", lines })[0]);
const ids = (model: Model) => shown(model).map(({ id }) => id);

it("shows everything until something is asked for", () => {
  expect(ids(after())).toEqual([1, 2, 3]);
  expect(shown(first("")[0])).toEqual([]);
});

it("is narrowed by reason, by device and by what is typed", () => {
  expect(ids(after({ kind: "why_chosen", why: "revoked" }))).toEqual([1, 3]);
  expect(ids(after({ kind: "typed", text: "doi luu" }))).toEqual([2, 3]);
  expect(ids(after({ kind: "typed", text: "bb/1/3" }))).toEqual([3]);
  const [one] = update(first("aa")[0], { kind: "came", lines });
  expect(ids(one)).toEqual([1]);
  const [all, effect] = update(one, { kind: "every_device" });
  expect(ids(all)).toEqual([1, 2, 3]);
  expect(effect).toEqual({ do: "moved", device: "" });
});

it("names the reasons there are, the most frequent first", () => {
  expect(reasons(lines)).toEqual([
    { code: "revoked", n: 2 },
    { code: "malformed", n: 1 },
  ]);
});

it("keeps what it shows while it loads anew or fails to", () => {
  const failed = after({ kind: "reload" }, { kind: "failed", failure: { code: "busy", waitS: 0 } });
  expect(failed).toMatchObject({ loading: false, failure: { code: "busy" } });
  expect(ids(failed)).toEqual([1, 2, 3]);
});
