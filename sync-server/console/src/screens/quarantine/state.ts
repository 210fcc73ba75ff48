import type { QuarantineLine } from "@so-tiem/web/console";
import { plain } from "@so-tiem/web/plain";
import type { Step } from "@so-tiem/web/loop";
import type { Refusal } from "../../api";

export interface Model {
  lines: readonly QuarantineLine[] | null;
  failure: Refusal | null;
  loading: boolean;
  typed: string;
  /** Code of a reason; empty for all. */
  why: string;
  /** Id of the one device looked at; empty for all. */
  device: string;
}

export type Event =
  | { kind: "came"; lines: readonly QuarantineLine[] }
  | { kind: "failed"; failure: Refusal }
  | { kind: "reload" }
  | { kind: "typed"; text: string }
  | { kind: "why_chosen"; why: string }
  | { kind: "every_device" };

export type Effect = { do: "load" } | { do: "moved"; device: string };

export function first(device: string): Step<Model, Effect> {
  return [{ lines: null, failure: null, loading: true, typed: "", why: "", device }, { do: "load" }];
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "came":
      return [{ ...model, lines: event.lines, failure: null, loading: false }];
    case "failed":
      return [{ ...model, failure: event.failure, loading: false }];
    case "reload":
      return [{ ...model, failure: null, loading: true }, { do: "load" }];
    case "typed":
      return [{ ...model, typed: event.text }];
    case "why_chosen":
      return [{ ...model, why: event.why }];
    case "every_device":
      return [
        { ...model, device: "" },
        { do: "moved", device: "" },
      ];
  }
}

export function shown(model: Model): QuarantineLine[] {
  const words = plain(model.typed).split(/\s+/).filter((word) => word);
  return (model.lines ?? []).filter((line) => {
    const text = plain(`${line.device_name} ${line.position}`);
    return (
      (model.why === "" || line.code === model.why) &&
      (model.device === "" || line.device === model.device) &&
      words.every((word) => text.includes(word))
    );
  });
}

/** The reasons there are, the most frequent first. */
export function reasons(lines: readonly QuarantineLine[]): { code: string; n: number }[] {
  const found = new Map<string, number>();
  for (const { code } of lines) found.set(code, (found.get(code) ?? 0) + 1);
  return [...found].map(([code, n]) => ({ code, n })).toSorted((a, b) => b.n - a.n || (a.code < b.code ? -1 : 1));
}
