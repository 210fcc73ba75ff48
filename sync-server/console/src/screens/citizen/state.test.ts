import { expect, it } from "vitest";
import type { CitizenView } from "@so-tiem/web/model";
import { first, update } from "./state";

const view = { id: "a1", name: "Nguyễn Thị Minh Khai" } as CitizenView;

it("loads the record it was asked for", () => {
  const [model, effect] = first("a1");
  expect(effect).toEqual({ do: "load", id: "a1" });
  expect(update(model, { kind: "came", view })[0]).toMatchObject({ view, failure: null });
});

it("says why it has none, and tries again", () => {
  const [failed] = update(first("a1")[0], { kind: "failed", failure: { code: "not_found", waitS: 0 } });
  expect(failed).toMatchObject({ view: null, failure: { code: "not_found" } });
  const [again, effect] = update(failed, { kind: "reload" });
  expect(again.failure).toBeNull();
  expect(effect).toEqual({ do: "load", id: "a1" });
});
