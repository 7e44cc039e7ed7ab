/** When an alarm is held to be lost. */

/** The platform may be a minute late with an alarm, as it says; one that is later than this was lost. */
export const LATEST_ALARM_MS = 120_000;
