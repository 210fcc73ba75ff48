import * as m from "./compiled/messages/_index.js";
import { dateTime } from "./when";

/** How long ago, in words, up to a day; beyond that the date itself says more. */
export function ago(ms: number, nowMs: number): string {
  const s = Math.round((nowMs - ms) / 1000);
  if (s < 0 || s >= 86_400) return dateTime(ms);
  if (s < 60) return m.when_just_now();
  if (s < 3600) return m.when_minutes_ago({ n: Math.floor(s / 60) });
  return m.when_hours_ago({ n: Math.floor(s / 3600) });
}

export function agoNow(ms: number): string {
  return ago(ms, Date.now());
}

/** A length of time: `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 2 h`. */
export function span(ms: number): string {
  const s = Math.round(Math.abs(ms) / 1000);
  const parts: string[] = [];
  const take = (n: number, unit: string) => {
    if (n > 0) parts.push(`${n}\u00a0${unit}`);
  };
  take(Math.floor(s / 86_400), m.unit_day());
  take(Math.floor((s % 86_400) / 3600), m.unit_hour());
  take(Math.floor((s % 3600) / 60), m.unit_minute());
  take(s % 60, m.unit_second());
  return parts.slice(0, 2).join(" ") || `0\u00a0${m.unit_second()}`;
}
