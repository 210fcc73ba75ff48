import { expect, it } from "vitest";
import { age, birth, count, date, dateTime, day, parseDay, size, span, time } from "./i18n";

it("keeps the day of Vietnam", () => {
  const justAfterMidnight = Date.UTC(2021, 8, 29, 17, 5);
  expect(date(justAfterMidnight)).toBe("30/09/2021");
  expect(time(justAfterMidnight)).toBe("00:05");
  expect(dateTime(8.64e15)).toBe("–");
});

it("shows a birth date as far as it is known", () => {
  expect(birth("1950-01-01", "year")).toBe("1950");
  expect(birth("1950-05-01", "month")).toBe("05/1950");
  expect(birth("1950-05-17", "day")).toBe("17/05/1950");
  expect(birth("1950-01-01", "estimated")).toBe("≈ 1950");
  expect(birth("?", "day")).toBe("?");
  expect(day("no day")).toBe("no day");
});

it("understands dates as people type them", () => {
  for (const typed of ["17/5/1950", "17051950", "17-05-1950", " 17.05.1950 ", "１７/０５/１９５０", "1950-05-17"]) {
    expect(parseDay(typed), typed).toEqual({ iso: "1950-05-17", precision: "day" });
  }
  expect(parseDay("5/1950")).toEqual({ iso: "1950-05-01", precision: "month" });
  expect(parseDay("1950")).toEqual({ iso: "1950-01-01", precision: "year" });
  for (const typed of ["", "17/5", "17/5/50", "xx", "170519501"]) expect(parseDay(typed), typed).toBeUndefined();
});

it("counts completed years", () => {
  const birthday = Date.UTC(2021, 10, 22, 3);
  expect(age("2009-11-22", birthday)).toBe(12);
  expect(age("2009-11-23", birthday)).toBe(11);
  expect(age("", birthday)).toBeUndefined();
});

it("writes numbers and lengths of time", () => {
  expect(count(1234567)).toBe("1\u202f234\u202f567");
  expect(span(200_000)).toBe("3\u00a0phút 20\u00a0giây");
  expect(span(0)).toBe("0\u00a0giây");
});

it("writes sizes in the unit that fits", () => {
  expect([26, 12_400, 190_500_000, 1_900_000_000].map(size)).toEqual(["26\u202fB", "12\u202fkB", "191\u202fMB", "1\u202f900\u202fMB"]);
});
