import { describe, expect, it } from "vitest";
import type { StatusView } from "@so-tiem/web/model";
import { first, update } from "./state";

const locked: StatusView = {
  state: "locked",
  app_version: "0.1.0",
  device: "d1",
  device_name: "Bàn 1",
  site: "Hẻm 42",
  area: "79769",
  user_name: "Lê Thị Hồng",
  campaign: "thử nghiệm",
  language: "vi",
  wait_s: 0,
  unsealed: 0,
  notice: null,
};

describe("unlocking", () => {
  it("tries the PIN once", () => {
    const [typed] = update(first(locked)[0], { kind: "typed", pin: "246813" });
    const [busy, effect] = update(typed, { kind: "submitted" });
    expect(effect).toEqual({ do: "unlock", pin: "246813" });
    expect(update(busy, { kind: "submitted" })).toHaveLength(1);
  });

  it("forgets a wrong PIN and asks how long to wait", () => {
    const [typed] = update(first(locked)[0], { kind: "typed", pin: "000000" });
    const [wrong, effect] = update(typed, { kind: "failed", failure: { code: "wrong_pin", params: {} } });
    expect(wrong).toMatchObject({ pin: "", failure: { code: "wrong_pin" } });
    expect(effect).toEqual({ do: "status" });
  });

  it("takes no PIN while it waits", () => {
    const [waiting] = first({ ...locked, wait_s: 30 });
    const [typed] = update(waiting, { kind: "typed", pin: "246813" });
    expect(update(typed, { kind: "submitted" })).toEqual([typed]);
    const [over] = update(typed, { kind: "wait_over" });
    expect(update(over, { kind: "submitted" })[1]).toEqual({ do: "unlock", pin: "246813" });
  });

  it("believes the laptop about the wait", () => {
    const [model] = first(locked);
    const failure = { code: "pin_wait", params: { wait_s: "60" } };
    expect(update(model, { kind: "failed", failure })[0].waitS).toBe(60);
    expect(update(model, { kind: "status_came", status: { ...locked, wait_s: 12 } })[0].waitS).toBe(12);
  });
});
