export interface Toast {
  id: number;
  text: string;
  undo?: { label: string; ms: number; act: () => void };
}

const STAYS_MS = 6_000;

export class Toasts {
  list: readonly Toast[] = $state.raw([]);
  #next = 1;

  say(text: string, undo?: Toast["undo"]): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-2), undo ? { id, text, undo } : { id, text }];
    if (!undo) setTimeout(() => this.drop(id), STAYS_MS);
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}
