import type { MeView, OverviewView } from "@so-tiem/web/console";
import type { Step } from "@so-tiem/web/loop";
import type { Refusal } from "../api";
import { type Place, start } from "../place";

export interface Model {
  /** `asking` until the server has said who one is. */
  session: "asking" | "out" | "in";
  me: MeView | null;
  /** The session ended under the hands of somebody, who comes back to where they were. */
  expired: boolean;
  /** The server did not say who one is. */
  failure: Refusal | null;
  place: Place;
  /** Counts visits, so that coming to the same place twice makes a new screen. */
  visit: number;
  overview: OverviewView | null;
  /** The last time the server was asked for figures it did not answer. */
  outOfTouch: boolean;
  /** Server time minus the time here. */
  skewMs: number;
  /** The queue as it was left: which list, its cases in order, and the one opened last. */
  queue: { place: Place; ids: readonly string[]; last: string | null };
  help: boolean;
  leaving: boolean;
}

export type Event =
  | { kind: "me_came"; me: MeView; skewMs: number }
  | { kind: "me_failed"; failure: Refusal }
  | { kind: "reload" }
  | { kind: "lost" }
  | { kind: "sign_out" }
  | { kind: "signed_out" }
  | { kind: "sign_out_failed"; failure: Refusal }
  | { kind: "go"; place: Place }
  | { kind: "arrived"; place: Place }
  | { kind: "moved"; place: Place }
  | { kind: "queued"; ids: readonly string[] }
  | { kind: "poll" }
  | { kind: "overview_came"; overview: OverviewView; skewMs: number }
  | { kind: "overview_failed"; failure: Refusal }
  | { kind: "help"; open: boolean };

export type Effect =
  | { do: "me" }
  | { do: "overview" }
  | { do: "sign_out" }
  | { do: "address"; place: Place; replace: boolean }
  | { do: "say_failure"; failure: Refusal };

export function first(place: Place): Step<Model, Effect> {
  return [
    {
      session: "asking",
      me: null,
      expired: false,
      failure: null,
      place,
      visit: 0,
      overview: null,
      outOfTouch: false,
      skewMs: 0,
      queue: { place: place.at === "cases" ? place : start, ids: [], last: null },
      help: false,
      leaving: false,
    },
    { do: "me" },
  ];
}

/** Figures are asked for while somebody is at work, and once more when the server must have ended the session. */
const AT_WORK_MS = 5 * 60_000;
const SESSION_OVER_MS = 36 * 60_000;
const ONCE_MS = 60_000;

/** Asking all the time would keep a session alive at a desk that nobody sits at. */
export function worthAsking(idleMs: number, visible: boolean): boolean {
  if (idleMs >= SESSION_OVER_MS) return idleMs < SESSION_OVER_MS + ONCE_MS;
  return visible && idleMs < AT_WORK_MS;
}

export function acts(model: Model): boolean {
  return model.me?.role === "admin";
}

/** The cases before and after the one on screen, in the queue as it was left. */
export function neighbours(model: Model): { at: number; of: number; before: string | null; after: string | null } {
  const { ids, last } = model.queue;
  const at = last === null ? -1 : ids.indexOf(last);
  if (at < 0) return { at: 0, of: 0, before: null, after: null };
  return { at: at + 1, of: ids.length, before: ids[at - 1] ?? null, after: ids[at + 1] ?? null };
}

/** What is known of people and devices leaves the page with whoever signs out. */
function out(model: Model, expired: boolean): Step<Model, Effect> {
  const [fresh] = first(expired ? model.place : start);
  return [{ ...fresh, session: "out", expired, visit: model.visit + 1 }];
}

function arrive(model: Model, place: Place): Model {
  const queue =
    place.at === "cases"
      ? { ...model.queue, place }
      : place.at === "case"
        ? { ...model.queue, last: place.id }
        : model.queue;
  return { ...model, place, queue, visit: model.visit + 1, help: false };
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "me_came":
      return [
        { ...model, session: "in", me: event.me, skewMs: event.skewMs, expired: false, failure: null },
        { do: "overview" },
        ...(model.session === "out" ? [{ do: "address", place: model.place, replace: true } as const] : []),
      ];
    case "me_failed":
      // Nobody was signed in yet: the address one came with is kept for afterwards.
      if (event.failure.code === "signed_out") return [{ ...model, session: "out", failure: null }];
      return [{ ...model, failure: event.failure }];
    case "reload":
      return [{ ...model, failure: null }, { do: "me" }];
    case "lost":
      return model.session === "in" ? out(model, true) : [model];
    case "sign_out":
      return model.leaving ? [model] : [{ ...model, leaving: true }, { do: "sign_out" }];
    case "signed_out": {
      const [gone] = out(model, false);
      return [gone, { do: "address", place: start, replace: true }];
    }
    case "sign_out_failed":
      if (event.failure.code === "signed_out") return out(model, false);
      return [{ ...model, leaving: false }, { do: "say_failure", failure: event.failure }];
    case "go":
      return [arrive(model, event.place), { do: "address", place: event.place, replace: false }];
    case "arrived":
      return [arrive(model, event.place)];
    case "moved": {
      const queue = event.place.at === "cases" ? { ...model.queue, place: event.place } : model.queue;
      return [{ ...model, place: event.place, queue }, { do: "address", place: event.place, replace: true }];
    }
    case "queued":
      return [{ ...model, queue: { ...model.queue, ids: event.ids } }];
    case "poll":
      return model.session === "in" ? [model, { do: "overview" }] : [model];
    case "overview_came":
      return [{ ...model, overview: event.overview, skewMs: event.skewMs, outOfTouch: false }];
    case "overview_failed":
      if (event.failure.code === "signed_out") return model.session === "in" ? out(model, true) : [model];
      return [{ ...model, outOfTouch: true }];
    case "help":
      return [{ ...model, help: event.open }];
  }
}
