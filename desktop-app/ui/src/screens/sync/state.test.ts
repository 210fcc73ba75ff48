import { expect, it } from "vitest";
import type { SyncView } from "@so-tiem/web/model";
import { clockDoubtful, first, heldShare, update } from "./state";

const view: SyncView = {
  phase: "idle",
  server_url: "https://tram.example.vn",
  last_contact_ms: null,
  next_try_ms: null,
  trouble: null,
  to_push: 37,
  to_push_anywhere: 12,
  hubs: [],
  pushed: 0,
  pulled: 0,
  log_epoch: 1,
  hubs_nearby: [],
  log_head: 100,
  log_words: null,
  durable_to: 63,
  clock_offset_ms: 420,
  area_ready: true,
  attention: [],
  copies_of_last: "here",
  prior: null,
};

it("pushes once at a time and shows what came of it", () => {
  const [pushing, effect] = update(first()[0], { kind: "push" });
  expect(effect).toEqual({ do: "push" });
  expect(update(pushing, { kind: "push" })).toHaveLength(1);
  expect(update(pushing, { kind: "pushed", view })[0]).toMatchObject({ pushing: false, view });
});

it("keeps the failure of a push on screen while the state goes on coming in", () => {
  const failure = { code: "no_network", params: {} };
  const [failed] = update({ view, pushing: true, failure: null, pushFailure: null, hubsFailure: null }, { kind: "push_failed", failure });
  expect(update(failed, { kind: "came", view })[0].pushFailure).toEqual(failure);
  expect(update(failed, { kind: "push" })[0].pushFailure).toBeNull();
});

it("forgets that it could not load once it could", () => {
  const [failed] = update(first()[0], { kind: "failed", failure: { code: "other", params: {} } });
  expect(update(failed, { kind: "came", view })[0]).toMatchObject({ view, failure: null });
});

it("doubts a clock that is a minute off, not one that was never compared", () => {
  expect(clockDoubtful(view)).toBe(false);
  expect(clockDoubtful({ ...view, clock_offset_ms: -61_000 })).toBe(true);
  expect(clockDoubtful({ ...view, clock_offset_ms: null })).toBe(false);
});

it("knows how much of the log the server holds", () => {
  expect(heldShare(view)).toBeCloseTo(0.63);
  expect(heldShare({ ...view, log_head: 0, durable_to: 0 })).toBe(1);
});

it("sends the list of hubs as it should be, and says which address was refused", () => {
  const [model, effect] = update(first()[0], { kind: "set_hubs", urls: ["http://10.0.0.7:8640"] });
  expect(effect).toEqual({ do: "set_hubs", urls: ["http://10.0.0.7:8640"] });
  const failure = { code: "server_url_bad", params: {} };
  expect(update(model, { kind: "hubs_refused", failure })[0].hubsFailure).toEqual(failure);
  expect(update(model, { kind: "hubs_set", view })[0].view).toEqual(view);
});
