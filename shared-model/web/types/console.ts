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

export type RouteFailure = { code: string, };
