import { expect, it } from "vitest";
import { type Place, read, room, start, write } from "./place";

it("reads every address it writes", () => {
  const places: Place[] = [
    start,
    { at: "cases", status: "settled", kind: "too_soon" },
    { at: "case", id: "ab12" },
    { at: "devices", show: "all" },
    { at: "devices", show: "missing" },
    { at: "quarantine", device: "" },
    { at: "quarantine", device: "ff00" },
    { at: "citizen", id: "0a/1?b" },
  ];
  expect(places.map((place) => read(write(place)))).toEqual(places);
});

it("leads to the beginning from an address nobody knows", () => {
  for (const hash of ["", "#", "#/", "#/nowhere", "#/citizens", "#/cases/a/b", "#/cases?status=all&kind=%3Cb%3E", "#/%E0%A4%A"]) {
    expect(read(hash)).toEqual(start);
  }
});

it("counts a record among the cases", () => {
  expect(room({ at: "citizen", id: "a" })).toBe("cases");
  expect(room({ at: "devices", show: "all" })).toBe("devices");
});
