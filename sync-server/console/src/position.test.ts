import { expect, it } from "vitest";
import { inLog } from "./position";

it("reads a place in a log", () => {
  expect(inLog("4fab/2/57")).toEqual({ epoch: "2", seq: "57" });
  expect(inLog("<b>/x/1")).toBeUndefined();
});
