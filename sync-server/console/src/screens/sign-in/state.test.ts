import { expect, it } from "vitest";
import type { MeView } from "@so-tiem/web/console";
import { type Event, first, type Model, update } from "./state";

const after = (...events: Event[]): Model => events.reduce((model, event) => update(model, event)[0], first()[0]);
const typed: Event[] = [
  { kind: "name_changed", name: " an " },
  { kind: "password_changed", password: "bí mật 123" },
];
const refused = (code: string, waitS = 0): Event => ({ kind: "failed", failure: { code, waitS } });

it("asks once, with the name as it is known and the password as it was typed", () => {
  const [busy, effect] = update(after(...typed), { kind: "submitted" });
  expect(effect).toEqual({ do: "sign_in", name: "an", password: "bí mật 123" });
  expect(update(busy, { kind: "submitted" })).toEqual([busy]);
});

it("says which of the two is missing", () => {
  expect(after({ kind: "submitted" }).missing).toBe("name");
  expect(after(typed[0]!, { kind: "submitted" }).missing).toBe("password");
});

it("forgets a wrong password, and keeps it when the line broke", () => {
  expect(after(...typed, { kind: "submitted" }, refused("wrong_password"))).toMatchObject({ password: "", name: " an " });
  expect(after(...typed, { kind: "submitted" }, refused("no_network")).password).toBe("bí mật 123");
});

it("waits as long as the server says", () => {
  const waiting = after(...typed, { kind: "submitted" }, refused("wait", 8), typed[1]!);
  expect(waiting.waitS).toBe(8);
  expect(update(waiting, { kind: "submitted" })).toEqual([waiting]);
  expect(update(update(waiting, { kind: "wait_over" })[0], { kind: "submitted" })).toHaveLength(2);
});

it("hands over who came in and keeps no password", () => {
  const me = { name: "an" } as MeView;
  const [model, effect] = update(after(...typed, { kind: "submitted" }), { kind: "came_in", me });
  expect(model.password).toBe("");
  expect(effect).toEqual({ do: "done", me });
});
