/** Reports each client once in a UTC day. */

/** Clients remembered in a day. Beyond this number, further ones are not reported. */
const MAX_REPORTED = 10_000;
const DAY_MS = 86_400_000;

export function oncePerDay(report: (clientId: string) => void): (clientId: string, nowMs: number) => void {
  let day = Number.NaN;
  const reported = new Set<string>();
  return (clientId, nowMs) => {
    const today = Math.floor(nowMs / DAY_MS);
    if (today !== day) reported.clear();
    day = today;
    if (reported.has(clientId) || reported.size >= MAX_REPORTED) return;
    reported.add(clientId);
    report(clientId);
  };
}
