import { createContext } from "svelte";
import type { Hint } from "@so-tiem/web";
import type { Failure, StatusView } from "@so-tiem/web/model";

/** Where one can be once the laptop is open. */
export type Place =
  | { at: "reception"; scanned?: string }
  | { at: "citizen"; citizen: string }
  | { at: "dose"; citizen: string }
  | { at: "today" }
  | { at: "sync" };

/** What a screen may ask of the shell. */
export interface Go {
  /** Whether this laptop said it, so that it may correct it or take it back. */
  isOurs(device: string): boolean;
  to(place: Place): void;
  back(): void;
  /** The laptop's state has changed, by unlocking for example. */
  status(status: StatusView): void;
  /** Tells the shell of a failure that concerns more than one screen; true when it takes over. */
  failed(failure: Failure): boolean;
  /** Something was written: counts of copies are worth asking for. */
  wrote(): void;
  /**
   * A wedge scanner has typed a text and Enter; while a screen listens, it gets the text and nothing
   * else happens. The text is undefined where only the field it was typed into knows it.
   * Answers with the way to stop listening.
   */
  onscan(listener: (text: string | undefined) => void): () => void;
  /** Asked when Esc is pressed and no dialog is open; an answer of true means the screen went one step back itself. */
  onescape(listener: () => boolean): () => void;
  /** The keys that work here and now, for the foot of the page. */
  hint(hints: readonly Hint[]): void;
  /** A short message over the page. */
  say(text: string): void;
}

/** The shell's interface, for whatever stands inside it. */
export const [theGo, setGo] = createContext<Go>();
