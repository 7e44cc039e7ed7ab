/** Logs that the platform's robots.txt cannot be merged as it is: at most one line an hour for each reason. */

import type { AdminLog } from '../../admin/port.ts';
import type { RobotsFault } from '../../terms/replacement.ts';

const EVERY_MS = 3_600_000;

const MESSAGES: Readonly<Record<RobotsFault, string>> = {
  html: "the platform's robots.txt is an HTML page; only the rules of the policy are published",
  too_long: "the platform's robots.txt exceeds 512 KiB; the rest of it is left out",
  encoding: "the platform's robots.txt cannot be decoded; it is published without the rules of the policy",
};

export function robotsLog(log: Pick<AdminLog, 'warn'>, nowMs: () => number): (fault: RobotsFault) => void {
  const loggedMs = new Map<RobotsFault, number>();
  return (fault) => {
    const now = nowMs();
    if (now - (loggedMs.get(fault) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
    loggedMs.set(fault, now);
    log.warn({ fault }, MESSAGES[fault]);
  };
}
