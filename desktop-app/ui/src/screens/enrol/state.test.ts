import { describe, expect, it } from "vitest";
import { type Effect, type Event, first, type Form, type Model, update } from "./state";

const form: Form = {
  server_url: " https://tram.example.vn ",
  code: "K7Q2-M9XD",
  device_name: "Bàn 1",
  user_name: "Lê Thị Hồng",
  pin: "246813",
  pin_again: "246813",
};

function play(...events: Event[]): { model: Model; effects: Effect[] } {
  let [model] = first();
  let effects: Effect[] = [];
  for (const event of events) [model, ...effects] = update(model, event);
  return { model, effects };
}

describe("enrolling a laptop", () => {
  it("asks the server once everything is filled in, without the second PIN", () => {
    const { model, effects } = play({ kind: "changed", form }, { kind: "submitted" });
    expect(model.busy).toBe(true);
    const { pin_again: _, ...enrol } = form;
    expect(effects).toEqual([{ do: "enrol", enrol: { ...enrol, server_url: "https://tram.example.vn" } }]);
  });

  it("does not ask twice", () => {
    const { effects } = play({ kind: "changed", form }, { kind: "submitted" }, { kind: "submitted" });
    expect(effects).toEqual([]);
  });

  it("names every field that is not right, and forgets a problem once its field is touched", () => {
    const { model, effects } = play({ kind: "submitted" });
    expect(effects).toEqual([]);
    expect(Object.keys(model.problems)).toEqual(["server_url", "code", "device_name", "user_name", "pin"]);
    const touched = play({ kind: "submitted" }, { kind: "changed", form: { ...model.form, code: "K" } });
    expect(touched.model.problems.code).toBeUndefined();
    expect(touched.model.problems.user_name).toBe("empty");
  });

  it("wants the PIN twice and long enough", () => {
    const { model } = play({ kind: "changed", form: { ...form, pin: "123", pin_again: "124" } }, { kind: "submitted" });
    expect(model.problems).toEqual({ pin: "too_short", pin_again: "mismatch" });
  });

  it("keeps what was typed when the server refuses", () => {
    const failure = { code: "code_expired", params: {} };
    const { model } = play({ kind: "changed", form }, { kind: "submitted" }, { kind: "failed", failure });
    expect(model).toMatchObject({ busy: false, failure, form });
    const [next] = update(model, { kind: "changed", form: { ...form, code: "NEW" } });
    expect(next.failure).toBeNull();
  });
});
