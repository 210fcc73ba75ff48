/** The only door to the laptop behind the window: one function per command. */
import { invoke } from "@tauri-apps/api/core";
import type {
  CameraNext,
  CameraView,
  Checked,
  CitizenRef,
  CitizenView,
  CorrectDose,
  DoseAnswer,
  DoseDraft,
  DoseSheet,
  EditCitizen,
  Enrol,
  Failure,
  GiveDose,
  JoinSiteHub,
  Look,
  LookAnswer,
  Register,
  Registered,
  SetHubs,
  SetLanguage,
  SiteHubView,
  StatusView,
  StickExport,
  StickImport,
  StickRead,
  StickView,
  StickWritten,
  SyncView,
  TodayView,
  Unlock,
  Withdraw,
} from "@so-tiem/web/model";

const ask =
  <Args, Answer>(command: string) =>
  (args: Args): Promise<Answer> =>
    invoke<Answer>(command, { args });
const tell =
  <Answer>(command: string) =>
  (): Promise<Answer> =>
    invoke<Answer>(command);

export const status = tell<StatusView>("status");
export const enrol = ask<Enrol, StatusView>("enrol");
export const unlock = ask<Unlock, StatusView>("unlock");
export const lock = tell<StatusView>("lock");
export const setLanguage = ask<SetLanguage, StatusView>("set_language");

export const cameraStart = tell<CameraView>("camera_start");
export const cameraStop = tell<CameraView>("camera_stop");
export const cameraRetry = tell<CameraView>("camera_retry");
export const cameraNext = ask<CameraNext, CameraView>("camera_next");

export const look = ask<Look, LookAnswer>("look");
/** Asks the nation about somebody of whom no feed tells here; what was fetched before is found without a line too. */
export const lookElsewhere = ask<Look, LookAnswer>("look_elsewhere");
export const openCitizen = ask<CitizenRef, CitizenView>("open_citizen");
export const register = ask<Register, Registered>("register");
export const editCitizen = ask<EditCitizen, CitizenView>("edit_citizen");

export const doseSheet = ask<CitizenRef, DoseSheet>("dose_sheet");
export const checkDose = ask<DoseDraft, Checked>("check_dose");
export const giveDose = ask<GiveDose, DoseAnswer>("give_dose");
export const withdraw = ask<Withdraw, CitizenView>("withdraw");
export const correctDose = ask<CorrectDose, CitizenView>("correct_dose");

export const today = tell<TodayView>("today");
export const syncState = tell<SyncView>("sync_state");
export const syncNow = tell<SyncView>("sync_now");
export const setHubs = (urls: string[]): Promise<SyncView> => ask<SetHubs, SyncView>("set_hubs")({ urls });

export const stickState = tell<StickView>("stick_state");
export const stickExport = ask<StickExport, StickWritten>("stick_export");
export const stickImport = ask<StickImport, StickRead>("stick_import");

export const siteHub = tell<SiteHubView>("site_hub");
export const siteHubJoin = ask<JoinSiteHub, SiteHubView>("site_hub_join");
export const siteHubStart = tell<SiteHubView>("site_hub_start");
export const siteHubStop = tell<SiteHubView>("site_hub_stop");

/** What a rejected command said; anything that is no failure of ours becomes `other`. */
export function failureOf(thrown: unknown): Failure {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && typeof thrown.code === "string") {
    const params = "params" in thrown && typeof thrown.params === "object" && thrown.params !== null ? thrown.params : {};
    return { code: thrown.code, params: params as Failure["params"] };
  }
  return { code: "other", params: { detail: String(thrown) } };
}
