import { expect, it } from "vitest";
import type { SiteHubView } from "@so-tiem/web/model";
import { canJoin, first, update, type Model } from "./site-hub";

const never: SiteHubView = { phase: "never", name: "", areas: [], addresses: [], waiting: 0, last_contact_ms: null, detail: null };
const serving: SiteHubView = { ...never, phase: "serving", name: "Hẻm 62", addresses: ["http://192.168.1.7:8641"] };

function filled(): Model {
  let [model] = update(first()[0], { kind: "came", view: never });
  [model] = update(model, { kind: "ask" });
  [model] = update(model, { kind: "code", code: " ABCD-EFGH " });
  return update(model, { kind: "name", name: " Hẻm 62 " })[0];
}

it("joins with a code and a name, once", () => {
  const [asking] = update(first()[0], { kind: "ask" });
  expect(canJoin(asking)).toBe(false);
  expect(update(asking, { kind: "join" })).toHaveLength(1);
  const [joining, effect] = update(filled(), { kind: "join" });
  expect(effect).toEqual({ do: "join", code: "ABCD-EFGH", name: "Hẻm 62" });
  expect(update(joining, { kind: "join" })).toHaveLength(1);
  const [done] = update(joining, { kind: "done", view: serving });
  expect(done).toMatchObject({ view: serving, asking: false, code: "", doing: null });
});

it("keeps what was typed when the code is refused", () => {
  const [joining] = update(filled(), { kind: "join" });
  const failure = { code: "code_refused", params: {} };
  const [refused] = update(joining, { kind: "failed", failure });
  expect(refused).toMatchObject({ asking: true, code: " ABCD-EFGH ", doing: null, failure });
  expect(update(refused, { kind: "cancel" })[0]).toMatchObject({ asking: false, failure: null });
});

it("does not show what was so before a deed was done", () => {
  const [model] = update(first()[0], { kind: "came", view: serving });
  const [stopping, effect] = update(model, { kind: "stop" });
  expect(effect).toEqual({ do: "stop" });
  expect(update(stopping, { kind: "start" })).toHaveLength(1);
  const stopped: SiteHubView = { ...serving, phase: "stopped", addresses: [] };
  const [done] = update(stopping, { kind: "done", view: stopped });
  expect(done.view).toEqual(stopped);
  expect(update(stopping, { kind: "came", view: stopped })[0].view).toEqual(serving);
});
