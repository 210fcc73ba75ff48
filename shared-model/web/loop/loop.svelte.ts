/**
 * What every screen runs on: a model, events, and a pure `update` that answers with the next model
 * and the effects it wants done. Effects talk to the world and send events back.
 */
export type Step<Model, Effect> = readonly [model: Model, ...effects: Effect[]];
export type Send<Event> = (event: Event) => void;
/** `signal` fires when the screen is left; what arrives afterwards is not heard. */
export type Perform<Effect, Event> = (effect: Effect, send: Send<Event>, signal: AbortSignal) => void;

export class Loop<Model, Event, Effect> {
  #model: Model;
  readonly #update: (model: Model, event: Event) => Step<Model, Effect>;
  readonly #perform: Perform<Effect, Event>;
  readonly #left = new AbortController();

  constructor(
    first: Step<Model, Effect>,
    update: (model: Model, event: Event) => Step<Model, Effect>,
    perform: Perform<Effect, Event>,
  ) {
    const [model, ...effects] = first;
    this.#model = $state.raw(model);
    this.#update = update;
    this.#perform = perform;
    for (const effect of effects) perform(effect, this.send, this.#left.signal);
  }

  get model(): Model {
    return this.#model;
  }

  readonly send: Send<Event> = (event) => {
    if (this.#left.signal.aborted) return;
    const [model, ...effects] = this.#update(this.#model, event);
    this.#model = model;
    for (const effect of effects) this.#perform(effect, this.send, this.#left.signal);
  };

  leave(): void {
    this.#left.abort();
  }
}
