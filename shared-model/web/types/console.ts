// Generated from sync-server/src/http/console/view.rs; see tests/contracts/bindings_are_fresh.rs.
import type { CaseLine } from "./model";

export type SignIn = { name: string, password: string, };

export type MeView = { name: string, 
/**
 * `admin` may settle and manage devices; `viewer` may look.
 */
role: string, server_version: string, campaign: string, now_ms: number, };

export type CaseList = { cases: Array<CaseLine>, open: number, sent_back: number, settled: number, 
/**
 * Pass back as `after` for the next page.
 */
next: string | null, };

export type Settle = { answer: string, 
/**
 * The statement chosen, for answers that choose one.
 */
names: string | null, note: string, };

export type Undo = { 
/**
 * The settlement to take back.
 */
settlement: string, note: string, };

export type LogView = { epoch: number, 
/**
 * Held without a hole from 1 to here.
 */
durable_to: number, 
/**
 * The head the device itself named at its last contact.
 */
claimed_head: number, 
/**
 * Numbers the device has signed and this server does not hold, as ranges `from–to`.
 */
missing: Array<MissingRange>, forked: boolean, };

export type MissingRange = { from: number, to: number, };

export type DeviceLine = { id: string, name: string, site: string, area: string, people: Array<string>, enrolled_at_ms: number, last_contact_ms: number | null, clock_offset_ms: number | null, logs: Array<LogView>, quarantined: number, revoked: boolean, 
/**
 * The server's own console, whose log holds settlements.
 */
is_console: boolean, };

export type NewCode = { site: string, area: string, };

export type CodeView = { code: string, expires_at_ms: number, };

export type Revoke = { note: string, };

export type QuarantineLine = { id: number, device: string, device_name: string, position: string, code: string, received_at_ms: number, bytes: number, };

/**
 * Each figure with how many devices have not reported since when.
 */
export type OverviewView = { doses: number, people: number, devices: number, devices_silent_today: number, statements_missing: number, cases_open: number, quarantined: number, 
/**
 * Entries received and not yet in the record.
 */
projector_behind: number, now_ms: number, };

/**
 * What was signed, what is here, and between which bounds the rest must lie.
 */
export type SumView = { devices: number, 
/**
 * Not heard for a day.
 */
devices_silent: number, held: number, 
/**
 * Of what is still out, how much lies at hubs and will come without the laptop.
 */
at_hubs: number, 
/**
 * Certain: numbers that a device named, or a hub holds, and that are not here.
 */
out_low: number, 
/**
 * With as much as its busiest day for each day of silence, seven at most.
 */
out_high: number, };

/**
 * An administrative unit, or an area that the register of units does not have on that day.
 */
export type UnitLine = { code: string, 
/**
 * Nothing for a code that the register does not have.
 */
name: string | null, sum: SumView, };

export type SiteLine = { site: string, sum: SumView, };

export type LogCompleteness = { epoch: number, 
/**
 * The highest number its device ever named.
 */
signed: number, 
/**
 * Held by the nation, or by a hub.
 */
held: number, 
/**
 * Held by the nation; what this server holds, where it is the nation.
 */
nationally: number, hole: MissingRange | null, };

export type ArrivedOn = { day: string, entries: number, };

export type DeviceCompleteness = { id: string, name: string, site: string, revoked: boolean, last_contact_ms: number | null, 
/**
 * Server time minus the device's wall clock.
 */
clock_offset_ms: number | null, held: number, 
/**
 * Of what is still out, how much lies at hubs.
 */
at_hubs: number, out_low: number, out_high: number, logs: Array<LogCompleteness>, 
/**
 * Days on which something arrived, of the month that ends with the day asked for, oldest first.
 */
days: Array<ArrivedOn>, };

/**
 * The country or one unit of it: the sum, what lies directly below, and the devices of the unit itself.
 */
export type CompletenessView = { now_ms: number, 
/**
 * The day whose borders are drawn with.
 */
day: string, sum: SumView, 
/**
 * What the unit lies in, the largest first, itself last; empty for the country.
 */
lies_in: Array<UnitLine>, below: Array<UnitLine>, 
/**
 * Pass back as `after_unit`.
 */
below_next: string | null, sites: Array<SiteLine>, 
/**
 * Sites beyond those that are told.
 */
sites_more: number, devices: Array<DeviceCompleteness>, 
/**
 * Pass back as `after_device`.
 */
devices_next: string | null, };

/**
 * Six words read out from a laptop, with or without marks.
 */
export type CheckEnd = { words: string, };

export type EndChecked = { "kind": "held", device: string, device_name: string, site: string, area: string, epoch: number, held_to: number, } | { "kind": "not_held" } | { "kind": "not_understood", code: string, unknown: Array<UnknownWordView>, };

/**
 * A word that is none of the list.
 */
export type UnknownWordView = { 
/**
 * Counted from 1.
 */
place: number, 
/**
 * What was perhaps meant, the nearest first.
 */
nearest: Array<string>, };

export type RouteFailure = { code: string, };
