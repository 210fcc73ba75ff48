/** Two short sounds: a code was read; a code was no card. Made on the spot, so that nothing is loaded. */
let context: AudioContext | undefined;

function tone(hz: number, from: number, length: number, at: AudioContext): void {
  const oscillator = at.createOscillator();
  const gain = at.createGain();
  oscillator.type = "triangle";
  oscillator.frequency.value = hz;
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(0.25, from + 0.008);
  gain.gain.exponentialRampToValueAtTime(0.001, from + length);
  oscillator.connect(gain).connect(at.destination);
  oscillator.start(from);
  oscillator.stop(from + length);
}

export function sound(which: "hit" | "miss"): void {
  if (typeof AudioContext === "undefined") return;
  try {
    context ??= new AudioContext();
    void context.resume();
    const now = context.currentTime;
    if (which === "hit") {
      tone(1320, now, 0.12, context);
    } else {
      tone(330, now, 0.16, context);
      tone(247, now + 0.18, 0.22, context);
    }
  } catch {
    // A laptop without a loudspeaker still scans.
  }
}
