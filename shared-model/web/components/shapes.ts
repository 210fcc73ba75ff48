export interface Place {
  id: string;
  label: string;
  keys?: string;
  /** A number beside the label, such as open cases. */
  mark?: string | undefined;
}
export interface Hint {
  keys: string;
  label: string;
}

export type Tone = "plain" | "one" | "complete" | "stop" | "caution" | "info";
