/**
 * A server that is not there: answers the console's API from memory, for looking at screens.
 * Runs with `vite --mode pretend` and, over the built console, with `vite preview --mode pretend`.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { CaseList, CodeView, MeView, NewCode, OverviewView, Revoke, Settle, SignIn, Undo } from "@so-tiem/web/console";
import type { CitizenView } from "@so-tiem/web/model";
import type { Connect, Plugin } from "vite";
import { type Country, country } from "./country.ts";
import { hex, NOW } from "./said.ts";

const API = "/console/api/";
const COOKIE = "pretend-session";
const PAGE = 50;
/** What the server itself says to browsers, and nothing more is allowed. */
const POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** How the server behaves until told otherwise; told by `POST …/pretend`. */
interface Mood {
  /** Every answer is this refusal. */
  refuse?: { status: number; code: string; retryAfterS?: number };
  /** The next deed finds that somebody else came first. */
  stale?: boolean;
  empty?: boolean;
  /** Answers never come. */
  silent?: boolean;
  role?: string;
  /** The projector lies behind. */
  behind?: number;
}

class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterS: number | undefined;

  constructor(status: number, code: string, retryAfterS?: number) {
    super(code);
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

class Server {
  #country: Country = country();
  #mood: Mood = {};
  #mistakes = 0;

  me(): MeView {
    return {
      name: "Nguyễn Hữu Nghĩa",
      role: this.#mood.role ?? "admin",
      server_version: "0.1.0",
      campaign: "Tiêm chủng COVID-19, TP. Hồ Chí Minh, đợt 5",
      now_ms: NOW,
    };
  }

  async answer(method: string, path: string, query: URLSearchParams, body: unknown, signedIn: boolean): Promise<unknown> {
    if (path === "pretend") {
      this.#mood = body as Mood;
      if ((body as { anew?: boolean }).anew) this.#country = country();
      return {};
    }
    if (this.#mood.silent) await new Promise(() => {});
    if (this.#mood.refuse) {
      const { status, code, retryAfterS } = this.#mood.refuse;
      throw new Refused(status, code, retryAfterS);
    }
    if (path === "sign-in") return this.#signIn(body as SignIn);
    if (!signedIn) throw new Refused(401, "signed_out");
    const [what, id, deed] = path.split("/");
    const route = `${method} ${what}${id ? "/:id" : ""}${deed ? `/${deed}` : ""}`;
    switch (route) {
      case "POST sign-out":
        return undefined;
      case "GET me":
        return this.me();
      case "GET overview":
        return this.#overview();
      case "GET cases":
        return this.#list(query);
      case "GET cases/:id":
        return this.#case(id!).view;
      case "POST cases/:id/settle":
        return this.#settle(id!, body as Settle);
      case "POST cases/:id/undo":
        return this.#undo(id!, body as Undo);
      case "GET devices":
        return this.#mood.empty ? [] : this.#country.devices;
      case "POST devices/:id/revoke":
        return this.#revoke(id!, body as Revoke);
      case "POST enrolment-codes":
        return this.#code(body as NewCode);
      case "GET quarantine":
        return this.#mood.empty ? [] : this.#country.quarantine;
      case "GET citizens/:id":
        return this.#citizen(id!);
      default:
        throw new Refused(404, "not_found");
    }
  }

  #signIn({ name, password }: SignIn): MeView {
    if (name === "nghia" && password === "demo-demo") {
      this.#mistakes = 0;
      return this.me();
    }
    this.#mistakes += 1;
    if (this.#mistakes > 2) throw new Refused(429, "wait", 30);
    throw new Refused(401, "wrong_password");
  }

  #overview(): OverviewView {
    const { cases, devices, quarantine } = this.#country;
    const today = NOW - 14 * 3_600_000;
    const laptops = devices.filter((device) => !device.is_console && !device.revoked);
    return {
      doses: 643_330,
      people: 521_904,
      devices: laptops.length,
      devices_silent_today: this.#mood.empty ? 0 : laptops.filter((device) => (device.last_contact_ms ?? 0) < today).length,
      statements_missing: this.#mood.empty
        ? 0
        : devices.flatMap((device) => device.logs).reduce((sum, log) => sum + Math.max(0, log.claimed_head - log.durable_to), 0),
      cases_open: this.#mood.empty ? 0 : cases.filter(({ line }) => line.status === "open" || line.status === "sent_back").length,
      quarantined: this.#mood.empty ? 0 : quarantine.length,
      projector_behind: this.#mood.behind ?? 0,
      now_ms: NOW,
    };
  }

  #list(query: URLSearchParams): CaseList {
    const cases = this.#mood.empty ? [] : this.#country.cases.map(({ line }) => line);
    const of = (status: string) => cases.filter((line) => line.status === status);
    const kind = query.get("kind");
    const found = of(query.get("status") ?? "open").filter((line) => !kind || line.kind === kind);
    const from = found.findIndex((line) => line.id === query.get("after")) + 1;
    const page = found.slice(from, from + PAGE);
    return {
      cases: page,
      open: of("open").length,
      sent_back: of("sent_back").length,
      settled: of("settled").length,
      next: found.length > from + PAGE ? (page.at(-1)?.id ?? null) : null,
    };
  }

  #case(id: string): Country["cases"][number] {
    const found = this.#country.cases.find(({ view }) => view.id === id);
    if (!found) throw new Refused(404, "not_found");
    const { view } = found;
    const open = view.status === "open" || view.status === "sent_back";
    return { line: found.line, view: open ? view : { ...view, answers: [] } };
  }

  #move(id: string, status: Country["cases"][number]["view"]["status"], change: (view: Country["cases"][number]["view"]) => void) {
    const found = this.#country.cases.find(({ view }) => view.id === id)!;
    found.view.status = status;
    found.line.status = status;
    change(found.view);
    return this.#case(id).view;
  }

  #settle(id: string, { answer, names, note }: Settle) {
    const { view } = this.#case(id);
    const settled = {
      statement: hex(64),
      answer: { code: answer, names },
      note,
      who: { ...view.sides[0]!.who, author_name: "Lê Minh Tâm", said_at_ms: NOW, corrected_at_ms: NOW },
      undone: false,
    };
    const status = answer === "send_back" ? "sent_back" : "settled";
    if (this.#mood.stale || view.answers.length === 0) {
      this.#mood.stale = false;
      this.#move(id, "settled", (one) => one.settlements.push(settled));
      throw new Refused(409, "stale");
    }
    return this.#move(id, status, (one) => one.settlements.push({ ...settled, who: { ...settled.who, author_name: this.me().name } }));
  }

  #undo(id: string, { settlement }: Undo) {
    if (this.#mood.stale) throw new Refused(409, "stale");
    return this.#move(id, "open", (one) => {
      one.settlements = one.settlements.map((given) => (given.statement === settlement ? { ...given, undone: true } : given));
    });
  }

  #revoke(id: string, _why: Revoke): undefined {
    const device = this.#country.devices.find((known) => known.id === id);
    if (!device) throw new Refused(404, "not_found");
    device.revoked = true;
    return undefined;
  }

  #code({ site, area }: NewCode): CodeView {
    if (/\s/.test(site + area)) throw new Refused(400, "malformed");
    return { code: "7K2M-9QXD", expires_at_ms: NOW + 24 * 3_600_000 };
  }

  #citizen(id: string): CitizenView {
    const found = this.#country.cases.flatMap(({ view }) => view.citizens).find((citizen) => citizen.id === id);
    if (!found) throw new Refused(404, "not_found");
    return found;
  }
}

async function read(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString("utf8");
  return text ? (JSON.parse(text) as unknown) : undefined;
}

function middleware(server: Server): Connect.NextHandleFunction {
  return (request, response, next) => {
    const url = new URL(request.url ?? "/", "http://pretend");
    const path = url.pathname.startsWith(API) ? url.pathname.slice(API.length) : undefined;
    if (path === undefined) return next();
    void handle(server, path, url.searchParams, request, response);
  };
}

async function handle(server: Server, path: string, query: URLSearchParams, request: IncomingMessage, response: ServerResponse) {
  const say = (status: number, body: unknown) => {
    response.statusCode = body === undefined ? 204 : status;
    response.setHeader("content-type", "application/json");
    response.setHeader("cache-control", "no-store");
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  try {
    const signedIn = (request.headers.cookie ?? "").includes(`${COOKIE}=yes`);
    const answer = await server.answer(request.method ?? "GET", path, query, await read(request), signedIn);
    if (path === "sign-in") response.setHeader("set-cookie", `${COOKIE}=yes; Path=/; HttpOnly; SameSite=Strict`);
    if (path === "sign-out") response.setHeader("set-cookie", `${COOKIE}=; Path=/; Max-Age=0`);
    say(200, answer);
  } catch (thrown) {
    const refused = thrown instanceof Refused ? thrown : new Refused(500, "other");
    if (!(thrown instanceof Refused)) console.error(thrown);
    if (refused.retryAfterS !== undefined) response.setHeader("retry-after", String(refused.retryAfterS));
    say(refused.status, { code: refused.code });
  }
}

export function pretend(): Plugin {
  const server = new Server();
  return {
    name: "pretend",
    configureServer: ({ middlewares }) => void middlewares.use(middleware(server)),
    configurePreviewServer: ({ middlewares }) => {
      middlewares.use((_, response, next) => {
        response.setHeader("content-security-policy", POLICY);
        next();
      });
      middlewares.use(middleware(server));
    },
  };
}
