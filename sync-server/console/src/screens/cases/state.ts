import type { CaseList, OverviewView } from "@so-tiem/web/console";
import type { CaseLine } from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";
import type { Refusal } from "../../api";
import type { ListStatus } from "../../place";

/** The kinds a queue can be narrowed to, as the model numbers them. */
export const kinds = [
  "edited_in_two_places",
  "same_dose_twice",
  "too_many_doses",
  "too_soon",
  "mixed_products",
  "one_card_two_persons",
  "two_cards_one_person",
  "cloned_device",
  "implausible_time",
] as const;

export interface Query {
  status: ListStatus;
  kind: string;
}

export interface Model {
  query: Query;
  list: CaseList | null;
  failure: Refusal | null;
  loading: boolean;
  /** Only the answer to the last question counts. */
  asked: number;
}

export type Event =
  | { kind: "status_chosen"; status: ListStatus }
  | { kind: "kind_chosen"; of: string }
  | { kind: "reload" }
  | { kind: "more" }
  | { kind: "came"; asked: number; list: CaseList; after: string | null }
  | { kind: "failed"; asked: number; failure: Refusal }
  | { kind: "open"; id: string };

export type Effect =
  | { do: "load"; asked: number; query: Query; after: string | null }
  | { do: "moved"; query: Query }
  | { do: "queued"; ids: readonly string[] }
  | { do: "open"; id: string };

export function first(query: Query): Step<Model, Effect> {
  return [
    { query, list: null, failure: null, loading: true, asked: 1 },
    { do: "load", asked: 1, query, after: null },
  ];
}

function load(model: Model, query: Query, ...more: Effect[]): Step<Model, Effect> {
  const asked = model.asked + 1;
  const same = query === model.query;
  // Another list: its rows are not those on screen, but the counts hold until new ones come.
  const list = same || !model.list ? model.list : { ...model.list, cases: [], next: null };
  return [
    { query, list, failure: null, loading: true, asked },
    { do: "load", asked, query, after: null },
    ...more,
  ];
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "status_chosen": {
      const query = { ...model.query, status: event.status };
      return load(model, query, { do: "moved", query });
    }
    case "kind_chosen": {
      const query = { ...model.query, kind: event.of };
      return load(model, query, { do: "moved", query });
    }
    case "reload":
      return load(model, model.query);
    case "more": {
      if (model.loading || !model.list?.next) return [model];
      const asked = model.asked + 1;
      const after = model.list.next;
      return [
        { ...model, loading: true, failure: null, asked },
        { do: "load", asked, query: model.query, after },
      ];
    }
    case "came": {
      if (event.asked !== model.asked) return [model];
      const before = event.after === null ? [] : (model.list?.cases ?? []);
      const known = new Set(before.map((line) => line.id));
      const cases = [...before, ...event.list.cases.filter((line) => !known.has(line.id))];
      return [
        { ...model, list: { ...event.list, cases }, failure: null, loading: false },
        { do: "queued", ids: cases.map((line) => line.id) },
      ];
    }
    case "failed":
      return event.asked === model.asked ? [{ ...model, failure: event.failure, loading: false }] : [model];
    case "open":
      return [model, { do: "open", id: event.id }];
  }
}

/** Whether the server counts other cases than the list on screen does. */
export function outdated(model: Model, overview: OverviewView | null): boolean {
  if (!overview || !model.list || model.loading) return false;
  return overview.cases_open !== model.list.open + model.list.sent_back;
}

export function countOf(list: CaseList, status: ListStatus): number {
  return list[status];
}

const doseKinds: readonly string[] = [
  "same_dose_twice",
  "too_many_doses",
  "too_soon",
  "mixed_products",
  "implausible_time",
  "cloned_device",
];

/** What one entry says, in parts; the number of a dose is told from its product and lot. */
export type Part = { is: "text" | "dose" | "day" | "sex"; text: string };

export function parts(line: Pick<CaseLine, "kind">, summary: string): Part[] {
  const texts = summary.split(" · ");
  const dose = doseKinds.includes(line.kind) && texts.length === 3;
  return texts.map((text, at) => {
    if (dose && at === 1 && /^\d{1,2}$/.test(text)) return { is: "dose", text };
    if (/^\d{4}-\d\d-\d\d$/.test(text)) return { is: "day", text };
    if (!dose && ["male", "female", "other"].includes(text)) return { is: "sex", text };
    return { is: "text", text };
  });
}

/** The row to stand on after coming back: the case just left, or whatever took its place. */
export function rowOf(ids: readonly string[], queue: { ids: readonly string[]; last: string | null }): number {
  if (queue.last === null || ids.length === 0) return -1;
  const still = ids.indexOf(queue.last);
  if (still >= 0) return still;
  const was = queue.ids.indexOf(queue.last);
  return was < 0 ? -1 : Math.min(was, ids.length - 1);
}
