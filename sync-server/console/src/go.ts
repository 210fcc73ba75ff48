import { createContext } from "svelte";
import type { Refusal } from "./api";
import type { Place } from "./place";

/** What a screen may ask of the shell. */
export interface Go {
  to(place: Place): void;
  /** The same screen looks at something else; the address follows, the way back does not grow. */
  moved(place: Place): void;
  /** Back to the queue as it was left. */
  toQueue(): void;
  /** Tells the shell of a refusal that concerns more than one screen; true when it takes over. */
  failed(refusal: Refusal): boolean;
  /** Something was written: the figures are worth asking for. */
  wrote(): void;
  /** The cases in the order of the list that is on screen. */
  queued(ids: readonly string[]): void;
  /** A short message over the page. */
  say(text: string): void;
}

/** The shell's interface, for whatever stands inside it. */
export const [theGo, setGo] = createContext<Go>();
