import { beforeEach, expect, it, vi } from "vitest";
import type { CitizenView, LookAnswer } from "@so-tiem/web/model";
import type { Go } from "../../go";
import { lookElsewhere, openCitizen } from "../../ipc";
import { effects } from "./effects";
import type { Event } from "./state";

vi.mock("../../ipc", () => ({ lookElsewhere: vi.fn(), openCitizen: vi.fn() }));

const view = { id: "c1" } as CitizenView;
const renew = { do: "renew", citizen: "c1", code: "SOTIEM:1:C1", written: 3 } as const;

async function told(): Promise<Event[]> {
  const events: Event[] = [];
  effects({} as Go)(renew, (event) => events.push(event), new AbortController().signal);
  await new Promise((done) => setTimeout(done));
  return events;
}

beforeEach(() => {
  vi.mocked(openCitizen).mockReset().mockResolvedValue(view);
});

it("asks the nation by the record's own code, and shows what came", async () => {
  vi.mocked(lookElsewhere).mockResolvedValue({ kind: "citizen", citizen: "c1" });
  expect(await told()).toEqual([{ kind: "renewed", written: 3, view }]);
  expect(lookElsewhere).toHaveBeenCalledWith({ text: "SOTIEM:1:C1", from_camera: true });
});

it("leaves the record alone where nobody need be asked for, and without a word where it can't ask", async () => {
  const nothing: LookAnswer = { kind: "nothing" };
  vi.mocked(lookElsewhere).mockResolvedValue(nothing);
  expect(await told()).toEqual([]);
  vi.mocked(lookElsewhere).mockRejectedValue({ code: "not_open", params: {} });
  expect(await told()).toEqual([]);
  expect(openCitizen).not.toHaveBeenCalled();
});
