import type {
  CameraRead,
  CameraView,
  CitizenLine,
  Failure,
  FieldProblem,
  LookAnswer,
  PriorView,
  Registered,
  RegistrationForm,
} from "@so-tiem/web/model";
import type { Step } from "@so-tiem/web/loop";
import { type Draft, draftOf, valuesOf } from "../../person/draft";

export interface People {
  lines: readonly CitizenLine[];
  more: boolean;
  form: RegistrationForm;
}

export interface Registering {
  form: RegistrationForm;
  /** What the nation's filter says of the card's holder. */
  prior: PriorView | null;
  draft: Draft;
  problems: readonly FieldProblem[];
  /** Who was found at the nation meanwhile. The form stays until a hand leaves it. */
  elsewhere: readonly string[];
  /** People who resemble this one; asked about before a second record is made. */
  lookalikes: readonly CitizenLine[];
  saving: boolean;
  /** How often it was not saved for its problems; each time the hand is led to them. */
  refusals: number;
  failure: Failure | null;
}

export interface Model {
  text: string;
  camera: CameraView | null;
  cameraFailure: Failure | null;
  /** The code in the picture, for the overlay, and when it was last there. */
  mark: CameraRead | null;
  markedAt: number;
  /** The card in view is the one that was opened last; it is not opened again by itself. */
  held: string | null;
  /** Number of the last question asked; answers to earlier ones are not heard. */
  asked: number;
  /** Its text, which a scanner leaves in no field. */
  askedText: string;
  looking: boolean;
  /** The question came by itself while somebody types: its answer makes no noise. */
  quiet: boolean;
  people: People | null;
  /** Nobody matches the text asked for. */
  nobody: string | null;
  notUnderstood: string | null;
  failure: Failure | null;
  /** The row that Enter opens; one past the people is “register”. */
  chosen: number;
  registering: Registering | null;
  muted: boolean;
  mirrored: boolean;
}

export type Event =
  | { kind: "camera_came"; view: CameraView; admitted: readonly CameraRead[]; held: string | null; now: number }
  | { kind: "camera_failed"; failure: Failure }
  | { kind: "retry_camera" }
  | { kind: "typed"; text: string }
  /** Enter in the field; `burst` is the text of a wedge scanner, where it was one. */
  | { kind: "entered"; burst?: string | undefined }
  | { kind: "looked"; asked: number; answer: LookAnswer }
  /** The nation was asked about the same text; whoever it knew is here now. */
  | { kind: "found_elsewhere"; asked: number; answer: LookAnswer }
  | { kind: "look_failed"; asked: number; failure: Failure }
  | { kind: "moved"; by: 1 | -1 }
  | { kind: "open"; citizen: string }
  | { kind: "open_held" }
  | { kind: "cleared" }
  | { kind: "register" }
  | { kind: "draft_changed"; draft: Draft }
  | { kind: "save"; inSpiteOfLookalikes: boolean }
  | { kind: "registered"; answer: Registered }
  | { kind: "register_failed"; failure: Failure }
  | { kind: "lookalikes_closed" }
  | { kind: "open_elsewhere" }
  | { kind: "register_left" }
  | { kind: "muted"; yes: boolean }
  | { kind: "mirrored"; yes: boolean };

export type Effect =
  | { do: "watch" }
  | { do: "retry_camera" }
  | { do: "look"; text: string; fromCamera: boolean; asked: number; later: boolean }
  | { do: "register"; form: RegistrationForm; inSpiteOfLookalikes: boolean }
  | { do: "open"; citizen: string }
  | { do: "sound"; which: "hit" | "miss" }
  | { do: "keep"; muted: boolean; mirrored: boolean };

/** Hands shake and frames fail: the overlay stays a little longer than the read. */
const MARK_MS = 700;
/** A shorter text matches half the country. */
const SEARCH_CHARS_MIN = 2;

const emptyForm: RegistrationForm = { values: [], source: "typed", scan: null, citizen: null, doubts: [] };

export function first(start: { scanned?: string | undefined; muted: boolean; mirrored: boolean }): Step<Model, Effect> {
  const model: Model = {
    text: "",
    camera: null,
    cameraFailure: null,
    mark: null,
    markedAt: -Infinity,
    held: null,
    asked: 0,
    askedText: "",
    looking: false,
    quiet: false,
    people: null,
    nobody: null,
    notUnderstood: null,
    failure: null,
    chosen: 0,
    registering: null,
    muted: start.muted,
    mirrored: start.mirrored,
  };
  if (start.scanned === undefined) return [model, { do: "watch" }];
  const [asking, look] = ask({ ...model, text: start.scanned }, start.scanned, false, false);
  return [asking, { do: "watch" }, look];
}

/** Rows one can move over: the people found, then “register”. */
export function rows(model: Model): number {
  return model.people ? model.people.lines.length + 1 : model.nobody !== null ? 1 : 0;
}

function ask(model: Model, text: string, fromCamera: boolean, later: boolean): [Model, Effect] {
  const asked = model.asked + 1;
  return [
    { ...model, asked, askedText: text, looking: true, quiet: later, notUnderstood: null, failure: null },
    { do: "look", text, fromCamera, asked, later },
  ];
}

function openForm(model: Model, form: RegistrationForm, prior: PriorView | null = null): Model {
  const draft = draftOf(form.values);
  return {
    ...model,
    registering: { form, prior, draft, problems: [], elsewhere: [], lookalikes: [], saving: false, refusals: 0, failure: null },
  };
}

function refused(model: Model, problems: readonly FieldProblem[]): Model {
  return inForm(model, { saving: false, problems, refusals: (model.registering?.refusals ?? 0) + 1 });
}

function inForm(model: Model, change: Partial<Registering>): Model {
  return model.registering ? { ...model, registering: { ...model.registering, ...change } } : model;
}

export function update(model: Model, event: Event): Step<Model, Effect> {
  switch (event.kind) {
    case "camera_came": {
      const latest = event.view.reads.at(-1);
      const mark = latest ?? (event.now - model.markedAt < MARK_MS ? model.mark : null);
      const markedAt = latest ? event.now : model.markedAt;
      const seen = { ...model, camera: event.view, cameraFailure: null, mark, markedAt, held: event.held };
      const read = event.admitted.findLast((candidate) => candidate.text !== "");
      // A form half filled in is not swept away by a card passing the camera.
      if (!read || model.registering) return [seen];
      const [asking, look] = ask({ ...seen, text: "", people: null, nobody: null }, read.text, true, false);
      return [asking, { do: "sound", which: "hit" }, look];
    }
    case "camera_failed":
      return [{ ...model, camera: null, cameraFailure: event.failure, mark: null }];
    case "retry_camera":
      return [{ ...model, cameraFailure: null }, { do: "retry_camera" }];
    case "typed": {
      const typed = { ...model, text: event.text, chosen: 0 };
      if (event.text.trim().length < SEARCH_CHARS_MIN) {
        const asked = model.asked + 1;
        return [{ ...typed, asked, looking: false, people: null, nobody: null, notUnderstood: null, failure: null }];
      }
      return ask(typed, event.text, false, true);
    }
    case "entered": {
      if (event.burst !== undefined) {
        const [asking, look] = ask({ ...model, text: "", people: null, nobody: null }, event.burst, false, false);
        return [asking, { do: "sound", which: "hit" }, look];
      }
      const line = model.people?.lines[model.chosen];
      if (!model.looking && line) return [model, { do: "open", citizen: line.id }];
      if (!model.looking && rows(model) > 0 && model.chosen === rows(model) - 1) return update(model, { kind: "register" });
      if (model.text.trim() !== "") return ask(model, model.text, false, false);
      return model.held !== null ? update(model, { kind: "open_held" }) : [model];
    }
    case "looked":
      return event.asked === model.asked ? answered({ ...model, looking: false }, event.answer) : [model];
    case "found_elsewhere":
      return event.asked === model.asked ? foundElsewhere(model, event.answer) : [model];
    case "look_failed":
      if (event.asked !== model.asked) return [model];
      return [{ ...model, looking: false, failure: event.failure }];
    case "moved": {
      const last = rows(model) - 1;
      return [{ ...model, chosen: Math.max(0, Math.min(last, model.chosen + event.by)) }];
    }
    case "open":
      return [model, { do: "open", citizen: event.citizen }];
    case "open_held": {
      if (model.held === null) return [model];
      return ask({ ...model, held: null }, model.held, true, false);
    }
    case "cleared":
      return [
        {
          ...model,
          text: "",
          asked: model.asked + 1,
          looking: false,
          people: null,
          nobody: null,
          notUnderstood: null,
          failure: null,
          chosen: 0,
        },
      ];
    case "register":
      return [openForm(model, model.people?.form ?? formFrom(model.text))];
    case "draft_changed": {
      // A problem goes once its field is touched.
      const was = model.registering?.draft;
      const problems = model.registering?.problems.filter(
        ({ register }) => was && was[register as keyof Draft] === event.draft[register as keyof Draft],
      );
      return [inForm(model, { draft: event.draft, problems: problems ?? [] })];
    }
    case "save": {
      if (!model.registering || model.registering.saving) return [model];
      const { values, problems } = valuesOf(model.registering.draft);
      if (problems.length > 0) return [refused(model, problems)];
      const form = { ...model.registering.form, values };
      return [
        inForm(model, { saving: true, problems: [], lookalikes: [], failure: null }),
        { do: "register", form, inSpiteOfLookalikes: event.inSpiteOfLookalikes },
      ];
    }
    case "registered":
      switch (event.answer.kind) {
        case "citizen":
          return [inForm(model, { saving: false }), { do: "open", citizen: event.answer.citizen }];
        case "lookalikes":
          return [inForm(model, { saving: false, lookalikes: event.answer.lines })];
        case "refused":
          return [refused(model, event.answer.problems)];
      }
      return [model];
    case "register_failed":
      return [inForm(model, { saving: false, failure: event.failure })];
    case "lookalikes_closed":
      return [inForm(model, { lookalikes: [] })];
    case "open_elsewhere": {
      const found = model.registering?.elsewhere ?? [];
      // Of several, a person chooses: they are in the list behind the form.
      return found.length === 1 ? [model, { do: "open", citizen: found[0]! }] : [{ ...model, registering: null }];
    }
    case "register_left":
      return [{ ...model, registering: null }];
    case "muted":
      return [{ ...model, muted: event.yes }, { do: "keep", muted: event.yes, mirrored: model.mirrored }];
    case "mirrored":
      return [{ ...model, mirrored: event.yes }, { do: "keep", muted: model.muted, mirrored: event.yes }];
  }
}

function answered(model: Model, answer: LookAnswer): Step<Model, Effect> {
  const clear = { ...model, people: null, nobody: null, notUnderstood: null, chosen: 0 };
  switch (answer.kind) {
    case "citizen":
      return [{ ...clear, text: "" }, { do: "open", citizen: answer.citizen }];
    case "new_card":
      return [openForm({ ...clear, text: "" }, answer.form, answer.prior)];
    case "people":
      return [
        {
          ...clear,
          nobody: answer.lines.length === 0 ? model.askedText : null,
          people: { lines: answer.lines, more: answer.more, form: answer.form },
        },
      ];
    case "not_understood":
      return model.quiet
        ? [{ ...clear, notUnderstood: answer.reason }]
        : [{ ...clear, notUnderstood: answer.reason }, { do: "sound", which: "miss" }];
    case "nothing":
      return [{ ...clear, nobody: model.askedText }];
  }
}

/** Comes late, while hands are at work: nothing that is being filled in is swept away, and no line moves under a hand. */
function foundElsewhere(model: Model, answer: LookAnswer): Step<Model, Effect> {
  switch (answer.kind) {
    case "citizen":
      return model.registering ? [inForm(model, { elsewhere: [answer.citizen] })] : answered(model, answer);
    case "people": {
      const before = model.people?.lines ?? [];
      const fresh = answer.lines.filter(({ id }) => !before.some((line) => line.id === id));
      const same = before.map((line) => answer.lines.find(({ id }) => id === line.id) ?? line);
      const listed = {
        ...model,
        nobody: same.length + fresh.length === 0 ? model.nobody : null,
        notUnderstood: null,
        people: { lines: [...same, ...fresh], more: answer.more, form: answer.form },
        // “Register” stands behind the people: chosen before, it is chosen still.
        chosen: model.chosen < before.length ? model.chosen : model.chosen + fresh.length,
      };
      return [fresh.length > 0 ? inForm(listed, { elsewhere: fresh.map(({ id }) => id) }) : listed];
    }
    case "new_card":
    case "not_understood":
    case "nothing":
      return [model];
  }
}

/** A form for somebody nobody has found: what was typed is a number or a name. */
function formFrom(text: string): RegistrationForm {
  const tidy = text.trim();
  if (tidy === "") return emptyForm;
  const digits = tidy.replace(/[\s.-]/g, "");
  const register = /^\d{12}$/.test(digits) ? "national_id" : /^0\d{9}$/.test(digits) ? "phone" : /\d/.test(tidy) ? "" : "name";
  if (register === "") return emptyForm;
  return { ...emptyForm, values: [{ register, text: tidy, precision: null, relation: null, phone: null }] };
}

/** What the scanner remembers while screens come and go. */
export interface Memory {
  /** Number of the last view seen. */
  after: number;
  /** The last text that was acted on, and when it was last in view. */
  text: string;
  seenAt: number;
  /** When a read of that text was last passed over. */
  heldAt: number;
}

export const noMemory: Memory = { after: 0, text: "", seenAt: -Infinity, heldAt: -Infinity };

/** Out of view this long, a card counts as shown anew. */
const AWAY_MS = 4_000;
/** A scanner says once that a card is there; it is offered again this long. */
const HELD_MS = 20_000;

/** The camera was not watched for a while; what lay before it then may lie there still. */
export function resume(memory: Memory, now: number): Memory {
  return memory.text === "" ? memory : { ...memory, seenAt: now, heldAt: -Infinity };
}

/**
 * Which reads are new. A card that lies before the camera is acted on once: coming back from its
 * holder's record must not open that record again.
 */
export function admit(
  memory: Memory,
  view: CameraView,
  now: number,
): { memory: Memory; admitted: CameraRead[]; held: string | null } {
  let { text, seenAt, heldAt } = memory;
  const admitted: CameraRead[] = [];
  for (const read of view.reads) {
    if (read.text === "") continue;
    if (read.text !== text || now - seenAt > AWAY_MS) {
      admitted.push(read);
      heldAt = -Infinity;
    } else {
      heldAt = now;
    }
    text = read.text;
    seenAt = now;
  }
  const held = admitted.length === 0 && now - heldAt < HELD_MS ? text : null;
  return { memory: { after: view.seq, text, seenAt, heldAt }, admitted, held };
}
