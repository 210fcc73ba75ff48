import { describe, expect, it } from "vitest";
import type { MeView, OverviewView } from "@so-tiem/web/console";
import { type Place, start } from "../place";
import { type Event, first, type Model, neighbours, update, worthAsking } from "./state";

const me: MeView = { name: "an", role: "admin", server_version: "0.1.0", campaign: "Đợt 5", now_ms: 0 };
const overview = { cases_open: 3 } as OverviewView;
const refusal = (code: string) => ({ code, waitS: 0 });
const aCase: Place = { at: "case", id: "c2" };

const after = (events: Event[], place: Place = start): Model =>
  events.reduce((model, event) => update(model, event)[0], first(place)[0]);
const signedIn: Event = { kind: "me_came", me, skewMs: 0 };

describe("the session", () => {
  it("asks who one is, and for the figures once it knows", () => {
    expect(first(start)[1]).toEqual({ do: "me" });
    expect(update(first(start)[0], signedIn)).toContainEqual({ do: "overview" });
  });

  it("keeps the address a stranger came with until they have signed in", () => {
    const stranger = after([{ kind: "me_failed", failure: refusal("signed_out") }], aCase);
    expect(stranger).toMatchObject({ session: "out", expired: false, place: aCase });
    expect(update(stranger, signedIn)).toContainEqual({ do: "address", place: aCase, replace: true });
  });

  it("tells a silent server from a closed door", () => {
    expect(after([{ kind: "me_failed", failure: refusal("no_network") }])).toMatchObject({
      session: "asking",
      failure: { code: "no_network" },
    });
  });

  it("forgets everything it knew when the session ends, except where one was", () => {
    const known = after([signedIn, { kind: "overview_came", overview, skewMs: 5 }, { kind: "queued", ids: ["c1"] }]);
    const lost = after([{ kind: "lost" }], aCase);
    expect(lost.session).toBe("asking");
    const [gone] = update({ ...known, place: aCase }, { kind: "lost" });
    expect(gone).toMatchObject({ session: "out", expired: true, place: aCase, me: null, overview: null });
    expect(gone.queue.ids).toEqual([]);
  });

  it("begins anew for whoever comes after a signing out", () => {
    const [gone, effect] = update({ ...after([signedIn]), place: aCase }, { kind: "signed_out" });
    expect(gone).toMatchObject({ session: "out", expired: false, place: start });
    expect(effect).toEqual({ do: "address", place: start, replace: true });
  });

  it("treats a poll that finds the door closed as the end of the session", () => {
    const failure = refusal("signed_out");
    expect(after([signedIn, { kind: "overview_failed", failure }])).toMatchObject({ session: "out", expired: true });
    expect(after([signedIn, { kind: "overview_failed", failure: refusal("busy") }])).toMatchObject({
      session: "in",
      outOfTouch: true,
    });
  });
});

it("asks for figures while somebody is at work, and never keeps an empty desk signed in", () => {
  const minute = 60_000;
  expect(worthAsking(0, true)).toBe(true);
  expect(worthAsking(0, false)).toBe(false);
  expect(worthAsking(6 * minute, true)).toBe(false);
  expect(worthAsking(36.5 * minute, false)).toBe(true);
  expect(worthAsking(38 * minute, true)).toBe(false);
});

describe("going about", () => {
  it("makes a new screen each time one comes", () => {
    const there = after([signedIn, { kind: "go", place: start }, { kind: "go", place: start }]);
    expect(there.visit).toBe(2);
  });

  it("changes the address of a filter without a new screen", () => {
    const place: Place = { at: "cases", status: "settled", kind: "" };
    const [moved, effect] = update(after([signedIn]), { kind: "moved", place });
    expect(moved).toMatchObject({ place, visit: 0, queue: { place } });
    expect(effect).toEqual({ do: "address", place, replace: true });
  });

  it("knows the neighbours of a case in the queue it was opened from", () => {
    const queue: Event = { kind: "queued", ids: ["c1", "c2", "c3"] };
    expect(neighbours(after([signedIn, queue, { kind: "go", place: aCase }]))).toEqual({
      at: 2,
      of: 3,
      before: "c1",
      after: "c3",
    });
    expect(neighbours(after([signedIn, { kind: "arrived", place: aCase }]))).toMatchObject({ of: 0, after: null });
  });
});
