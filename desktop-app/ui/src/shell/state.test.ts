import { describe, expect, it } from "vitest";
import type { StatusView } from "@so-tiem/web/model";
import type { Place } from "../go";
import { type Event, first, here, type Model, update } from "./state";

const open: StatusView = {
  state: "open",
  app_version: "0.1.0",
  device: "d1",
  device_name: "Bàn 1",
  site: "Hẻm 42",
  area: "79769",
  user_name: "Lê Thị Hồng",
  campaign: "thử",
  language: "en",
  wait_s: 0,
  unsealed: 0,
  notice: null,
};
const citizen: Place = { at: "citizen", citizen: "a" };
const dose: Place = { at: "dose", citizen: "a" };
const go = (place: Place): Event => ({ kind: "go", place });
const play = (...events: Event[]): Model => events.reduce((model, event) => update(model, event)[0], first()[0]);

describe("the shell", () => {
  it("follows the laptop's language and starts at reception once it is open", () => {
    const [model, ...effects] = update(first()[0], { kind: "status_came", status: open });
    expect(here(model)).toEqual({ at: "reception" });
    expect(effects).toEqual([{ do: "language", code: "en", tell: false }, { do: "sync" }]);
  });

  it("says what a crash had left unsealed", () => {
    const [, ...effects] = update(first()[0], { kind: "status_came", status: { ...open, unsealed: 14 } });
    expect(effects).toContainEqual({ do: "say_sealed", count: 14 });
  });

  it("forgets where it was when the laptop is locked, and turns the camera off", () => {
    const model = play({ kind: "status_came", status: open }, go(citizen));
    const [locked, ...effects] = update(model, { kind: "status_came", status: { ...open, state: "locked" } });
    expect(locked.trail).toEqual([{ at: "reception" }]);
    expect(locked.sync).toBeNull();
    expect(effects).toContainEqual({ do: "stop_camera" });
  });

  it("goes back the way it came", () => {
    const model = play(go({ at: "today" }), go(citizen), go(dose));
    const back = (from: Model) => update(from, { kind: "back" })[0];
    expect(here(back(model))).toEqual(citizen);
    expect(here(back(back(model)))).toEqual({ at: "today" });
    expect(here(back(back(back(model))))).toEqual({ at: "reception" });
    expect(here(back(back(back(back(model)))))).toEqual({ at: "reception" });
  });

  it("looks a scanned text up once", () => {
    const model = play(go({ at: "reception", scanned: "079…|" }), go(citizen));
    expect(here(update(model, { kind: "back" })[0])).toEqual({ at: "reception" });
  });

  it("does not pile up the same record", () => {
    const model = play(go({ at: "reception" }), go(citizen), go(dose), go(citizen));
    expect(model.trail).toEqual([{ at: "reception" }, citizen]);
  });

  it("makes a new screen for every visit", () => {
    const before = play(go({ at: "reception" }));
    expect(update(before, go({ at: "reception" }))[0].visit).toBe(before.visit + 1);
  });

  it("locks once", () => {
    const [leaving, effect] = update(first()[0], { kind: "lock" });
    expect(effect).toEqual({ do: "lock" });
    expect(update(leaving, { kind: "lock" })).toHaveLength(1);
  });
});
