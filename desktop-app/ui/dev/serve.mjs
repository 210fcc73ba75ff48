/** Serves the production bundle with a pretend laptop behind it, under the content policy of the real window. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { PretendLaptop } from "./pretend-laptop.mjs";

const dist = join(import.meta.dirname, "..", "dist");
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2" };
export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const internals = `Object.freeze(Object.prototype);
window.__TAURI_INTERNALS__ = {
  invoke: async (command, payload) => {
    const answer = await fetch("/__ipc/" + command, { method: "POST", body: JSON.stringify(payload?.args ?? {}) });
    const body = await answer.json();
    if (!answer.ok) throw body;
    return body;
  },
};`;

/** `laptop()` is asked for the laptop at every command, so that a caller can put another one behind the window. */
export function serve(laptop, port = 0) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    if (path.startsWith("/__ipc/")) {
      let text = "";
      for await (const part of request) text += part;
      try {
        const answer = await laptop().ask(path.slice(7), JSON.parse(text || "{}"));
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
      } catch (thrown) {
        const failure = thrown?.code ? thrown : { code: "other", params: { detail: String(thrown) } };
        response.writeHead(422, { "content-type": "application/json" }).end(JSON.stringify(failure));
      }
      return;
    }
    if (path === "/__internals.js") {
      response.writeHead(200, { "content-type": "text/javascript" }).end(internals);
      return;
    }
    try {
      const file = normalize(path === "/" ? "/index.html" : path);
      let body = await readFile(join(dist, file));
      if (file === "/index.html") body = body.toString().replace("<script", '<script src="/__internals.js"></script>\n    <script');
      response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", "content-security-policy": policy });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((done) => server.listen(port, "127.0.0.1", () => done({ server, url: `http://127.0.0.1:${server.address().port}/` })));
}

if (process.argv[1] === import.meta.filename) {
  const laptop = new PretendLaptop();
  const { url } = await serve(() => laptop, Number(process.env.PORT ?? 5199));
  console.log(url);
}
