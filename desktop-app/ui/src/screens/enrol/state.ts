import type { Enrol, Failure, StatusView } from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";

export interface Form extends Enrol {
  pin_again: string;
}

export type Problems = Partial<Record<keyof Form, string>>;

export interface Model {
  form: Form;
  /** Codes of problems, field by field. */
  problems: Problems;
  busy: boolean;
  failure: Failure | null;
}

export type Event =
  | { kind: "changed"; form: Form }
  | { kind: "submitted" }
  | { kind: "enrolled"; status: StatusView }
  | { kind: "failed"; failure: Failure };

export type Effect = { do: "enrol"; enrol: Enrol } | { do: "done"; status: StatusView };

/** What the laptop itself asks for at least; it has the last word. */
export const PIN_DIGITS_MIN = 6;

const emptyForm: Form = { server_url: "", code: "", device_name: "", user_name: "", pin: "", pin_again: "" };

/** Failures that are about one field and are shown there. */
const FIELD_OF: Record<string, keyof Form> = {
  server_url_bad: "server_url",
  code_refused: "code",
  code_expired: "code",
  pin_too_short: "pin",
};

export function first(): Step<Model, Effect> {
  return [{ form: emptyForm, problems: {}, busy: false, failure: null }];
}

export function problemsOf(form: Form): Problems {
  const problems: Problems = {};
  for (const name of ["server_url", "code", "device_name", "user_name", "pin"] as const) {
    if (form[name].trim() === "") problems[name] = "empty";
  }
  if (!problems.pin && form.pin.length < PIN_DIGITS_MIN) problems.pin = "too_short";
  if (form.pin !== form.pin_again) problems.pin_again = "mismatch";
  return problems;
}

/** The field a failure is about, if it is about one. */
export function fieldOf(failure: Failure | null): keyof Form | undefined {
  return failure ? FIELD_OF[failure.code] : undefined;
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "changed": {
      const problems = { ...model.problems };
      for (const name of Object.keys(problems) as (keyof Form)[]) {
        if (model.form[name] !== event.form[name]) delete problems[name];
      }
      const touched = fieldOf(model.failure);
      const failure = touched && model.form[touched] !== event.form[touched] ? null : model.failure;
      return [{ ...model, form: event.form, problems, failure }];
    }
    case "submitted": {
      if (model.busy) return [model];
      const problems = problemsOf(model.form);
      if (Object.keys(problems).length > 0) return [{ ...model, problems, failure: null }];
      const { pin_again: _, ...enrol } = model.form;
      const tidy = {
        ...enrol,
        server_url: enrol.server_url.trim(),
        code: enrol.code.trim(),
        device_name: enrol.device_name.trim(),
        user_name: enrol.user_name.trim(),
      };
      return [{ ...model, problems: {}, busy: true, failure: null }, { do: "enrol", enrol: tidy }];
    }
    case "enrolled":
      return [{ ...model, busy: false }, { do: "done", status: event.status }];
    case "failed":
      return [{ ...model, busy: false, failure: event.failure }];
  }
}
