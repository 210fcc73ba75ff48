import { expect, it } from "vitest";
import { Loop, type Step } from "./loop.svelte";

type Event = { kind: "add"; n: number } | { kind: "later" };
const update = (model: number, event: Event): Step<number, "echo"> =>
  event.kind === "add" ? [model + event.n] : [model, "echo"];

it("turns events into models and effects into events", () => {
  const loop = new Loop<number, Event, "echo">([1], update, (_, send) => send({ kind: "add", n: 10 }));
  loop.send({ kind: "add", n: 1 });
  loop.send({ kind: "later" });
  expect(loop.model).toBe(12);
});

it("hears nothing once it was left", () => {
  let late: () => void = () => {};
  const loop = new Loop<number, Event, "echo">([1, "echo"], update, (_, send) => {
    late = () => send({ kind: "add", n: 5 });
  });
  loop.leave();
  late();
  expect(loop.model).toBe(1);
});
