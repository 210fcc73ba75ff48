/** A pretend country, large enough for every screen of the console to have something to say. */
import type { DeviceLine, LogView, QuarantineLine } from "@so-tiem/web/console";
import { alley, type Case, cloned, DAY, drawAgain, hex, home, HOUR, type Laptop, laptop, MINUTE, NOW, school, stolen, tower } from "./said.ts";
import { clonedDevice, crowd, editedName, family, given, implausible, middle, mixedGone, oneCard, sameTwice, tooMany, tooSoonSettled, twoCards } from "./stories.ts";

const log = (epoch: number, durable_to: number, missing: LogView["missing"] = [], forked = false): LogView => ({
  epoch,
  durable_to,
  claimed_head: missing.at(-1)?.to ?? durable_to,
  missing,
  forked,
});
const line = (of: Laptop, last_contact_ms: number | null, logs: LogView[], more: Partial<DeviceLine> = {}): DeviceLine => ({
  ...of,
  enrolled_at_ms: NOW - 60 * DAY,
  last_contact_ms,
  clock_offset_ms: 1_200,
  logs,
  quarantined: 0,
  revoked: false,
  is_console: false,
  ...more,
});

export interface Country {
  cases: Case[];
  devices: DeviceLine[];
  quarantine: QuarantineLine[];
}

export function country(): Country {
  drawAgain();
  const cases = [
    tooMany(),
    sameTwice(),
    editedName(),
    twoCards(),
    clonedDevice(),
    ...crowd(58),
    oneCard(),
    implausible(),
    tooSoonSettled(),
    mixedGone(),
  ].toSorted((a, b) => b.line.raised_at_ms - a.line.raised_at_ms);
  const many = Array.from({ length: 34 }, (_, at) =>
    line(
      laptop(`Bàn ${(at % 4) + 1}`, `TD-DIEM-${String(at + 1).padStart(2, "0")}`, String(26_800 + at), `${family[at % 12]} ${middle[at % 9]} ${given[at % 10]}`),
      NOW - (at + 3) * 7 * MINUTE,
      [log(1, 180 + at * 23)],
      { clock_offset_ms: (at % 5) * 700 - 1_000 },
    ),
  );
  const devices = [
    line(alley, NOW - 2 * MINUTE, [log(1, 1_204)]),
    line(tower, NOW - 48 * MINUTE, [log(1, 987)], { clock_offset_ms: 200_000 }),
    line(school, NOW - 31 * HOUR, [log(1, 640, [{ from: 641, to: 672 }])], { clock_offset_ms: null }),
    line(home, NOW - 3 * DAY, [log(1, 88, [{ from: 89, to: 89 }, { from: 92, to: 97 }, { from: 101, to: 101 }, { from: 104, to: 140 }, { from: 150, to: 155 }])], { clock_offset_ms: -3 * DAY, quarantined: 3 }),
    line({ ...cloned }, NOW - 8 * HOUR, [log(1, 402), log(2, 318, [], true), log(3, 41)], { quarantined: 12 }),
    line(stolen, NOW - 2 * DAY, [log(1, 230, [{ from: 231, to: 240 }])], { revoked: true, clock_offset_ms: 730 * DAY, quarantined: 4 }),
    line(laptop("Bàn 1 <b>mới</b>", "CG-AN-THOI-DONG", "27664"), null, [], { clock_offset_ms: null }),
    ...many,
    line(laptop("Máy chủ quốc gia", "", "", "Nguyễn Hữu Nghĩa", "Lê Minh Tâm"), null, [log(1, 417)], { is_console: true }),
  ];
  const codes = ["revoked", "unknown_author", "future_version", "body_mismatch", "malformed", "not_allowed", "wrong_author", "beyond_limits", "moon_phase"];
  const held = devices.filter((device) => device.quarantined > 0);
  const quarantine = held
    .flatMap((device) =>
      Array.from({ length: device.quarantined }, (_, at) => ({
        device: device.id,
        device_name: device.name,
        position: `${device.id}/${device.logs.at(-1)?.epoch ?? 1}/${300 + at}`,
      })),
    )
    .concat({ device: hex(32), device_name: "", position: `${hex(32)}/1/7` })
    .map((entry, at) => ({
      ...entry,
      id: 90_000 - at,
      code: codes[(at * at) % codes.length]!,
      received_at_ms: NOW - at * 3 * HOUR,
      bytes: 140 + at * 37,
    }));
  return { cases, devices, quarantine };
}
