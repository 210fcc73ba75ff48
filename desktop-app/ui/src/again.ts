/** Runs it now and from time to time, until whoever asked has left. */
export function again(run: () => unknown, everyMs: number, signal: AbortSignal): void {
  void run();
  const timer = setInterval(() => void run(), everyMs);
  signal.addEventListener("abort", () => clearInterval(timer));
}
