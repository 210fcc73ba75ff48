/** The only door to the server: one function per route. */
import type {
  CaseList,
  CodeView,
  DeviceLine,
  MeView,
  NewCode,
  OverviewView,
  QuarantineLine,
  Revoke,
  RouteFailure,
  Settle,
  SignIn,
  Undo,
} from "@so-tiem/web/console";
import type { CaseView, CitizenView } from "@so-tiem/web/model";

/** A request that was not answered. */
export interface Refusal {
  code: string;
  /** Seconds to wait before asking again; 0 where nobody said. */
  waitS: number;
}

const ROOT = "/console/api/";
/** A bad line takes long; nothing takes this long. */
const ANSWER_MS_MAX = 60_000;

async function ask(method: "GET" | "POST", path: string, body?: unknown): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(ROOT + path, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
  } catch {
    throw { code: "no_network", waitS: 0 } satisfies Refusal;
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response: Response): Promise<Refusal> {
  const waitS = Number(response.headers.get("retry-after") ?? 0);
  const said = (await response.json().catch(() => undefined)) as Partial<RouteFailure> | null | undefined;
  const code = typeof said?.code === "string" ? said.code : codeOf(response.status);
  return { code, waitS: Number.isFinite(waitS) && waitS > 0 ? waitS : 0 };
}

/** What a status means when somebody between here and the server answered in its place. */
function codeOf(status: number): string {
  switch (status) {
    case 401:
      return "signed_out";
    case 403:
      return "not_allowed";
    case 404:
      return "not_found";
    case 409:
      return "stale";
    case 429:
      return "wait";
    case 502:
    case 503:
    case 504:
      return "busy";
    default:
      return "other";
  }
}

const get = async <Answer>(path: string): Promise<Answer> => (await ask("GET", path)).json() as Promise<Answer>;
const post = async <Answer>(path: string, body?: unknown): Promise<Answer> =>
  (await ask("POST", path, body)).json() as Promise<Answer>;

export const signIn = (who: SignIn) => post<MeView>("sign-in", who);
export const signOut = () => ask("POST", "sign-out").then(() => {});
export const me = () => get<MeView>("me");
export const overview = () => get<OverviewView>("overview");

export function cases(status: string, kind: string, after: string | null): Promise<CaseList> {
  const query = new URLSearchParams({ status });
  if (kind) query.set("kind", kind);
  if (after !== null) query.set("after", after);
  return get(`cases?${query}`);
}
export const caseView = (id: string) => get<CaseView>(`cases/${encodeURIComponent(id)}`);
export const settle = (id: string, answer: Settle) => post<CaseView>(`cases/${encodeURIComponent(id)}/settle`, answer);
export const undo = (id: string, what: Undo) => post<CaseView>(`cases/${encodeURIComponent(id)}/undo`, what);

export const devices = () => get<DeviceLine[]>("devices");
/** What the list says afterwards is asked for anew: the revoked device is not the only line that may have changed. */
export const revoke = (id: string, why: Revoke) =>
  ask("POST", `devices/${encodeURIComponent(id)}/revoke`, why).then(devices);
export const newCode = (where: NewCode) => post<CodeView>("enrolment-codes", where);

export const quarantine = () => get<QuarantineLine[]>("quarantine");
export const citizen = (id: string) => get<CitizenView>(`citizens/${encodeURIComponent(id)}`);

/** What a rejected request said; anything else that was thrown becomes `other`. */
export function refusalOf(thrown: unknown): Refusal {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && typeof thrown.code === "string") {
    return { code: thrown.code, waitS: "waitS" in thrown && typeof thrown.waitS === "number" ? thrown.waitS : 0 };
  }
  return { code: "other", waitS: 0 };
}
