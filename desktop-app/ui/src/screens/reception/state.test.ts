import { describe, expect, it } from "vitest";
import type { CameraView, CitizenLine, LookAnswer, RegistrationForm } from "@so-tiem/web/model";
import { admit, type Effect, type Event, first, type Model, noMemory, resume, rows, update } from "./state";

const start = { muted: false, mirrored: true };
const plain = { precision: null, relation: null, phone: null };
const form: RegistrationForm = { values: [], source: "typed", scan: null, citizen: null, doubts: [] };
const line = (id: string): CitizenLine => ({
  id,
  name: `Người ${id}`,
  birth: "1990-05-01",
  birth_precision: "day",
  sex: "female",
  id_tail: "4521",
  phone_tail: "",
  address: "",
  doses_given: 0,
  last_given_at_ms: null,
  has_conflict: false,
});
const view = (more: Partial<CameraView> = {}): CameraView => ({
  seq: 1,
  state: "live",
  trouble: null,
  source: "camera",
  preview: "…",
  reads: [],
  ...more,
});
const read = (text: string, seq = 1) => ({ seq, text, unreadable: text === "", corners: [] });

function play(model: Model, ...events: Event[]): { model: Model; effects: Effect[] } {
  let effects: Effect[] = [];
  for (const event of events) [model, ...effects] = update(model, event);
  return { model, effects };
}
const begin = () => first(start)[0];
const answer = (model: Model, given: LookAnswer): Event => ({ kind: "looked", asked: model.asked, answer: given });
const found = (...ids: string[]): LookAnswer => ({ kind: "people", lines: ids.map(line), more: false, form });

describe("typing", () => {
  it("asks after a pause, and again for every change", () => {
    const { model, effects } = play(begin(), { kind: "typed", text: "ng" }, { kind: "typed", text: "ngu" });
    expect(effects).toEqual([{ do: "look", text: "ngu", fromCamera: false, asked: 2, later: true }]);
    expect(model.looking).toBe(true);
  });

  it("hears no answer to an earlier question", () => {
    const { model } = play(begin(), { kind: "typed", text: "ng" }, { kind: "typed", text: "ngu" });
    expect(update(model, { kind: "looked", asked: 1, answer: found("a") })[0].people).toBeNull();
    expect(update(model, { kind: "look_failed", asked: 1, failure: { code: "other", params: {} } })[0].failure).toBeNull();
  });

  it("asks nothing for one letter and forgets what was found", () => {
    const { model } = play(begin(), { kind: "typed", text: "ng" });
    const { model: shown } = play(model, answer(model, found("a")));
    const { model: cleared, effects } = play(shown, { kind: "typed", text: "n" });
    expect(effects).toEqual([]);
    expect(cleared.people).toBeNull();
  });

  it("Enter opens the chosen person; one row further it registers", () => {
    const { model } = play(begin(), { kind: "typed", text: "ng" });
    const { model: shown } = play(model, answer(model, found("a", "b")));
    expect(rows(shown)).toBe(3);
    expect(play(shown, { kind: "moved", by: 1 }, { kind: "entered" }).effects).toEqual([{ do: "open", citizen: "b" }]);
    const down = { kind: "moved", by: 1 } as const;
    const { model: registering } = play(shown, down, down, down, { kind: "entered" });
    expect(registering.registering).not.toBeNull();
  });

  it("Enter before the answer asks at once and does not open what is on screen", () => {
    const { model } = play(begin(), { kind: "typed", text: "ng" });
    const { model: shown } = play(model, answer(model, found("a")), { kind: "typed", text: "tr" });
    expect(play(shown, { kind: "entered" }).effects).toMatchObject([{ do: "look", text: "tr", later: false }]);
  });

  it("makes no noise about half a text", () => {
    const reason = { kind: "not_understood", reason: "a_web_link" } as const;
    const { model } = play(begin(), { kind: "typed", text: "https://" });
    expect(play(model, answer(model, reason)).effects).toEqual([]);
    const { model: sure } = play(model, { kind: "entered" });
    expect(play(sure, answer(sure, reason)).effects).toEqual([{ do: "sound", which: "miss" }]);
  });
});

describe("scanning", () => {
  it("beeps, asks, and opens whoever is known", () => {
    const admitted = [read("079…|")];
    const { model, effects } = play(begin(), { kind: "camera_came", view: view({ reads: admitted }), admitted, held: null, now: 0 });
    expect(effects).toEqual([
      { do: "sound", which: "hit" },
      { do: "look", text: "079…|", fromCamera: true, asked: 1, later: false },
    ]);
    expect(play(model, answer(model, { kind: "citizen", citizen: "c1" })).effects).toEqual([{ do: "open", citizen: "c1" }]);
  });

  it("fills a form from a card nobody here has met", () => {
    const card = { ...form, source: "scanned", scan: "079…|", values: [{ ...plain, register: "name", text: "Đặng Thị Hân" }] };
    const { model } = play(begin(), { kind: "entered", burst: "079…|" });
    const { model: next } = play(model, answer(model, { kind: "new_card", form: card, prior: null }));
    expect(next.registering?.draft.name).toBe("Đặng Thị Hân");
  });

  it("keeps what the nation says of a card's holder beside the form", () => {
    const prior = { doses: 2, or_more: false, as_of: "2021-09-29" };
    const { model } = play(begin(), { kind: "entered", burst: "079…|" });
    const { model: next } = play(model, answer(model, { kind: "new_card", form, prior }));
    expect(next.registering?.prior).toEqual(prior);
    // Somebody registered by hand afterwards is somebody else.
    expect(play(next, { kind: "register_left" }, { kind: "register" }).model.registering?.prior).toBeNull();
  });

  it("does not sweep away a form that is being filled in", () => {
    const { model } = play(begin(), { kind: "register" });
    const admitted = [read("079…|")];
    const { model: next, effects } = play(model, { kind: "camera_came", view: view({ reads: admitted }), admitted, held: null, now: 0 });
    expect(effects).toEqual([]);
    expect(next.registering).toBe(model.registering);
  });

  it("keeps the overlay a moment longer than the read", () => {
    const marked = { kind: "camera_came", view: view({ reads: [read("")] }), admitted: [], held: null, now: 0 } as const;
    const without = (now: number) => ({ kind: "camera_came", view: view(), admitted: [], held: null, now }) as const;
    expect(play(begin(), marked, without(300)).model.mark?.unreadable).toBe(true);
    expect(play(begin(), marked, without(900)).model.mark).toBeNull();
  });

  it("says what a scanner typed when nobody has it", () => {
    const { model } = play(begin(), { kind: "entered", burst: "GD4797912345678" });
    expect(play(model, answer(model, found())).model.nobody).toBe("GD4797912345678");
  });

  it("begins with a text scanned on another screen", () => {
    const [, ...effects] = first({ ...start, scanned: "079…|" });
    expect(effects).toEqual([
      { do: "watch" },
      { do: "look", text: "079…|", fromCamera: false, asked: 1, later: false },
    ]);
  });
});

describe("somebody found at the nation", () => {
  const elsewhere = (model: Model, given: LookAnswer): Event => ({ kind: "found_elsewhere", asked: model.asked, answer: given });
  const known = { kind: "citizen", citizen: "c7" } as const;
  const filling = () => {
    const card = { ...form, source: "scanned", scan: "079…|", values: [{ ...plain, register: "name", text: "Đặng Thị Hân" }] };
    const { model } = play(begin(), { kind: "entered", burst: "079…|" });
    const { model: shown } = play(model, answer(model, { kind: "new_card", form: card, prior: null }));
    return play(shown, { kind: "draft_changed", draft: { ...shown.registering!.draft, phone: "0912345678" } }).model;
  };
  const searched = (...ids: string[]) => {
    const { model } = play(begin(), { kind: "typed", text: "079190004521" });
    return play(model, answer(model, found(...ids))).model;
  };

  it("is offered beside a form that is being filled in, and opened by hand", () => {
    const before = filling();
    const { model, effects } = play(before, elsewhere(before, known));
    expect(effects).toEqual([]);
    expect(model.registering).toEqual({ ...before.registering, elsewhere: ["c7"] });
    expect(play(model, { kind: "open_elsewhere" }).effects).toEqual([{ do: "open", citizen: "c7" }]);
  });

  it("is opened at once where a slip was shown and nothing else was begun", () => {
    const { model } = play(begin(), { kind: "entered", burst: "SOTIEM:1:C7" });
    const { model: unknown } = play(model, answer(model, { kind: "not_understood", reason: "own_code_unknown_here" }));
    expect(play(unknown, elsewhere(unknown, known)).effects).toEqual([{ do: "open", citizen: "c7" }]);
    const { model: next } = play(unknown, { kind: "typed", text: "Lê Văn Tám" });
    expect(play(next, elsewhere(unknown, known)).effects).toEqual([]);
  });

  it("stands behind those in the list, and the chosen line stays chosen", () => {
    const { model } = play(searched("b", "d"), { kind: "moved", by: 1 });
    const { model: more } = play(model, elsewhere(model, found("a", "b", "c", "d")));
    expect(more.people?.lines.map(({ id }) => id)).toEqual(["b", "d", "a", "c"]);
    expect(more.people?.lines[more.chosen]?.id).toBe("d");
  });

  it("does not slip in where “register” was chosen", () => {
    const model = searched();
    expect([model.nobody, model.chosen]).toEqual(["079190004521", 0]);
    const { model: more } = play(model, elsewhere(model, found("a")));
    expect([more.nobody, more.chosen, rows(more)]).toEqual([null, 1, 2]);
    expect(play(more, { kind: "entered" }).model.registering).not.toBeNull();
  });

  it("is offered beside a form for a typed number; of several, a person chooses", () => {
    const { model } = play(searched("b"), { kind: "register" });
    const { model: one } = play(model, elsewhere(model, found("a", "b")));
    expect(one.registering?.elsewhere).toEqual(["a"]);
    expect(play(one, { kind: "open_elsewhere" }).effects).toEqual([{ do: "open", citizen: "a" }]);
    const { model: two } = play(model, elsewhere(model, found("a", "b", "c")));
    const { model: list, effects } = play(two, { kind: "open_elsewhere" });
    expect([effects, list.registering, list.people?.lines.length]).toEqual([[], null, 3]);
  });

  it("changes nothing where nobody was found", () => {
    const model = filling();
    expect(play(model, elsewhere(model, { kind: "nothing" })).model).toBe(model);
    const nobody = searched();
    expect(play(nobody, elsewhere(nobody, { kind: "nothing" })).model).toBe(nobody);
  });
});

describe("a card before the camera", () => {
  it("is acted on once while it stays", () => {
    const one = admit(noMemory, view({ reads: [read("A"), read("A")] }), 0);
    expect(one.admitted.map(({ text }) => text)).toEqual(["A"]);
    const two = admit(one.memory, view({ seq: 2, reads: [read("A", 2)] }), 1_000);
    expect(two.admitted).toEqual([]);
    expect(two.held).toBe("A");
    expect(admit(two.memory, view({ seq: 3 }), 30_000).held).toBeNull();
  });

  it("counts anew when it comes back, and another card counts at once", () => {
    const { memory } = admit(noMemory, view({ reads: [read("A")] }), 0);
    expect(admit(memory, view({ reads: [read("A")] }), 5_000).admitted).toHaveLength(1);
    expect(admit(memory, view({ reads: [read("B")] }), 100).admitted).toHaveLength(1);
  });

  it("does not open its holder's record again on the way back from it", () => {
    const { memory } = admit(noMemory, view({ reads: [read("A")] }), 0);
    const told = admit(resume(memory, 60_000), view({ reads: [read("A")] }), 60_200);
    expect(told.admitted).toEqual([]);
    expect(told.held).toBe("A");
    expect(admit(told.memory, view(), 70_000).held).toBe("A");
    expect(admit(resume(memory, 60_000), view(), 60_200).held).toBeNull();
    const { effects } = play({ ...begin(), held: "A" }, { kind: "entered" });
    expect(effects).toMatchObject([{ do: "look", text: "A", fromCamera: true }]);
  });
});

describe("registering", () => {
  it("starts from what was typed", () => {
    const from = (text: string) => play({ ...begin(), text }, { kind: "register" }).model.registering?.draft;
    expect(from("Lê Văn Tám")?.name).toBe("Lê Văn Tám");
    expect(from("079190004521")?.national_id).toBe("079190004521");
    expect(from("0912345678")?.phone).toBe("0912345678");
  });

  it("sends the form with its scan, once", () => {
    const card = { ...form, source: "scanned", scan: "079…|", citizen: "c9", values: [{ ...plain, register: "name", text: "Hân" }] };
    const { model } = play(begin(), { kind: "entered", burst: "079…|" });
    const { model: open } = play(model, answer(model, { kind: "new_card", form: card, prior: null }));
    const { model: saving, effects } = play(open, { kind: "save", inSpiteOfLookalikes: false });
    expect(effects).toEqual([{ do: "register", form: card, inSpiteOfLookalikes: false }]);
    expect(play(saving, { kind: "save", inSpiteOfLookalikes: false }).effects).toEqual([]);
  });

  it("shows problems by field and forgets each once it is touched", () => {
    const problems = [
      { register: "name", problem: "empty" },
      { register: "phone", problem: "phone" },
    ];
    const { model } = play(begin(), { kind: "register" }, { kind: "registered", answer: { kind: "refused", problems } });
    const draft = { ...model.registering!.draft, name: "An" };
    const { model: touched } = play(model, { kind: "draft_changed", draft });
    expect(touched.registering?.problems).toEqual([problems[1]]);
    // The hand was led to the first of them and is left alone now.
    expect([model.registering?.refusals, touched.registering?.refusals]).toEqual([1, 1]);
  });

  it("asks about people who look alike before it makes a second record", () => {
    const { model } = play(begin(), { kind: "register" }, { kind: "registered", answer: { kind: "lookalikes", lines: [line("a")] } });
    expect(model.registering?.lookalikes).toHaveLength(1);
    expect(play(model, { kind: "save", inSpiteOfLookalikes: true }).effects).toMatchObject([{ inSpiteOfLookalikes: true }]);
    expect(play(model, { kind: "open", citizen: "a" }).effects).toEqual([{ do: "open", citizen: "a" }]);
  });
});
