import type { Perform } from "@so-tiem/web/loop";
import { setMirrored, setMuted } from "../../choices";
import type { Go } from "../../go";
import { cameraNext, cameraRetry, cameraStart, cameraStop, failureOf, look, lookElsewhere, register } from "../../ipc";
import { sound } from "../../sound";
import { admit, type Effect, type Event, noMemory, resume } from "./state";

const TYPING_PAUSE_MS = 220;
const CAMERA_AGAIN_MS = 1_500;
/** The camera is kept warm this long after the screen is left: the next person is usually near. */
const CAMERA_WARM_MS = 60_000;

// One camera, one laptop: this outlives the screen.
let memory = noMemory;
let cooling: ReturnType<typeof setTimeout> | undefined;
let pause: ReturnType<typeof setTimeout> | undefined;

export function effects(go: Go, isMuted: () => boolean): Perform<Effect, Event> {
  return (effect, send, signal) => {
    switch (effect.do) {
      case "watch":
        void watch(send, signal);
        return;
      case "retry_camera":
        // One that is off must be started, one in trouble must be told to try again.
        cameraStart()
          .then(cameraRetry)
          .catch((thrown: unknown) => send({ kind: "camera_failed", failure: failureOf(thrown) }));
        return;
      case "look": {
        const { text, fromCamera, asked, later } = effect;
        const doLook = () =>
          !signal.aborted &&
          look({ text, from_camera: fromCamera }).then(
            (answer) => {
              send({ kind: "looked", asked, answer });
              // The record of somebody known asks by itself once it is open.
              if (answer.kind !== "citizen") findElsewhere(text, fromCamera, asked, send, signal);
            },
            (thrown: unknown) => {
              const failure = failureOf(thrown);
              if (!go.failed(failure)) send({ kind: "look_failed", asked, failure });
            },
          );
        clearTimeout(pause);
        if (later) pause = setTimeout(() => void doLook(), TYPING_PAUSE_MS);
        else void doLook();
        return;
      }
      case "register":
        register({ form: effect.form, in_spite_of_lookalikes: effect.inSpiteOfLookalikes }).then(
          (answer) => {
            if (answer.kind === "citizen") go.wrote();
            send({ kind: "registered", answer });
          },
          (thrown: unknown) => {
            const failure = failureOf(thrown);
            if (!go.failed(failure)) send({ kind: "register_failed", failure });
          },
        );
        return;
      case "open":
        go.to({ at: "citizen", citizen: effect.citizen });
        return;
      case "sound":
        if (!isMuted()) sound(effect.which);
        return;
      case "keep":
        setMuted(effect.muted);
        setMirrored(effect.mirrored);
        return;
    }
  };
}

const rest = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Whoever is not here may be known to the nation. The screen goes on meanwhile; without a line nothing comes of it. */
function findElsewhere(
  text: string,
  fromCamera: boolean,
  asked: number,
  send: (event: Event) => void,
  signal: AbortSignal,
): void {
  lookElsewhere({ text, from_camera: fromCamera }).then(
    (answer) => {
      if (!signal.aborted) send({ kind: "found_elsewhere", asked, answer });
    },
    () => {},
  );
}

/** Asks for the next view again and again while the screen is open. */
async function watch(send: (event: Event) => void, signal: AbortSignal): Promise<void> {
  clearTimeout(cooling);
  signal.addEventListener("abort", () => {
    cooling = setTimeout(() => void cameraStop().catch(() => {}), CAMERA_WARM_MS);
  });
  memory = resume(memory, performance.now());
  try {
    await cameraStart();
  } catch (thrown) {
    send({ kind: "camera_failed", failure: failureOf(thrown) });
    await rest(CAMERA_AGAIN_MS);
  }
  while (!signal.aborted) {
    const asked = performance.now();
    try {
      const view = await cameraNext({ after: memory.after });
      if (signal.aborted) return;
      const now = performance.now();
      const told = admit(memory, view, now);
      memory = told.memory;
      send({ kind: "camera_came", view, admitted: told.admitted, held: told.held, now });
      // An answer that did not wait for news must not turn this into a busy loop.
      if (view.state !== "live" && performance.now() - asked < 50) await rest(250);
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (isClosed(failure.code)) return;
      send({ kind: "camera_failed", failure });
      await rest(CAMERA_AGAIN_MS);
    }
  }
}

/** A locked laptop has no camera to watch. */
const isClosed = (code: string) => code === "not_open";

/** Turns the camera off at once, when the laptop is locked. */
export function stopCamera(): void {
  clearTimeout(cooling);
  memory = noMemory;
  void cameraStop().catch(() => {});
}
