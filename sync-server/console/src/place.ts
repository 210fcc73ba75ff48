/** Where one can be, and how that is written after the `#` of the address. */
export type ListStatus = "open" | "sent_back" | "settled";
export const listStatuses: readonly ListStatus[] = ["open", "sent_back", "settled"];

export type Show = "all" | "silent" | "missing" | "revoked";
export const shows: readonly Show[] = ["all", "silent", "missing", "revoked"];

export type Place =
  | { at: "cases"; status: ListStatus; kind: string }
  | { at: "case"; id: string }
  | { at: "devices"; show: Show }
  | { at: "quarantine"; device: string }
  | { at: "citizen"; id: string };

export const start: Place = { at: "cases", status: "open", kind: "" };

/** An address nobody knows leads to the beginning. */
export function read(hash: string): Place {
  const [path = "", search = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const [room, id, ...more] = path.split("/").map(decoded);
  const query = new URLSearchParams(search);
  if (more.length > 0) return start;
  switch (room) {
    case "cases": {
      if (id) return { at: "case", id };
      const kind = query.get("kind") ?? "";
      return { at: "cases", status: oneOf(listStatuses, query.get("status")), kind: /^[a-z_]+$/.test(kind) ? kind : "" };
    }
    case "devices":
      return { at: "devices", show: oneOf(shows, query.get("show")) };
    case "quarantine":
      return { at: "quarantine", device: query.get("device") ?? "" };
    case "citizens":
      return id ? { at: "citizen", id } : start;
    default:
      return start;
  }
}

export function write(place: Place): string {
  const query = new URLSearchParams();
  switch (place.at) {
    case "case":
      return `#/cases/${encodeURIComponent(place.id)}`;
    case "citizen":
      return `#/citizens/${encodeURIComponent(place.id)}`;
    case "cases":
      if (place.status !== "open") query.set("status", place.status);
      if (place.kind) query.set("kind", place.kind);
      break;
    case "devices":
      if (place.show !== "all") query.set("show", place.show);
      break;
    case "quarantine":
      if (place.device) query.set("device", place.device);
      break;
  }
  const search = query.toString();
  return `#/${place.at}${search && `?${search}`}`;
}

/** The room of the top bar a place belongs to. */
export function room(place: Place): "cases" | "devices" | "quarantine" {
  return place.at === "case" || place.at === "citizen" ? "cases" : place.at;
}

function oneOf<Word extends string>(known: readonly Word[], word: string | null): Word {
  return known.find((one) => one === word) ?? known[0]!;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
