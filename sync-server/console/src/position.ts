/** A place in a device's log, `<device>/<epoch>/<seq>`, as log and number, which is how people speak of it. */
export function inLog(position: string): { epoch: string; seq: string } | undefined {
  const parts = /^[^/]+\/(\d+)\/(\d+)$/.exec(position);
  return parts ? { epoch: parts[1]!, seq: parts[2]! } : undefined;
}
