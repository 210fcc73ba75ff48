import type { Failure, TodayLine, TodayView } from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";

export interface Model {
  view: TodayView | null;
  failure: Failure | null;
}

export type Event =
  | { kind: "came"; view: TodayView }
  | { kind: "failed"; failure: Failure }
  | { kind: "reload" }
  | { kind: "open"; citizen: string };

export type Effect = { do: "load" } | { do: "open"; citizen: string };

export function first(): Step<Model, Effect> {
  return [{ view: null, failure: null }, { do: "load" }];
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "came":
      return [{ view: event.view, failure: null }];
    case "failed":
      return [{ ...model, failure: event.failure }];
    case "reload":
      return [{ ...model, failure: null }, { do: "load" }];
    case "open":
      return [model, { do: "open", citizen: event.citizen }];
  }
}

/** The last injection first. */
export function newestFirst(lines: readonly TodayLine[]): TodayLine[] {
  return lines.toSorted(
    (a, b) => b.dose.given_at_ms - a.dose.given_at_ms || (a.dose.statement < b.dose.statement ? -1 : 1),
  );
}

/** Given although something was said against it; notes about the rules themselves do not count. */
export function insisted(line: TodayLine): boolean {
  return line.dose.in_spite_of.some((code) => code !== "rules_unconfirmed");
}
