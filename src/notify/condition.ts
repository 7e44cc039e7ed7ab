/** Conditions that are reported when they have lasted: what is wrong with a process or a route, and that it is over. */

import type { NewEvent } from './event.ts';

/** A change counts once it has lasted this long. */
export const HYSTERESIS_MS = 60_000;

/** A condition as observed so far. */
export interface ConditionState {
  /** Whether the condition was reported and is not over. */
  readonly isRaised: boolean;
  /** Since when the observation differs from `isRaised`; null if it does not. */
  readonly differsSinceMs: number | null;
}

export const SOUND: ConditionState = { isRaised: false, differsSinceMs: null };

export interface Observed {
  readonly state: ConditionState;
  readonly change: 'raised' | 'cleared' | null;
}

/** Adds an observation. A condition that comes and goes within `HYSTERESIS_MS` is not reported. */
export function observe(state: ConditionState, isBad: boolean, nowMs: number): Observed {
  if (isBad === state.isRaised) return { state: { ...state, differsSinceMs: null }, change: null };
  const differsSinceMs = state.differsSinceMs ?? nowMs;
  if (nowMs - differsSinceMs < HYSTERESIS_MS) return { state: { ...state, differsSinceMs }, change: null };
  return { state: { isRaised: isBad, differsSinceMs: null }, change: isBad ? 'raised' : 'cleared' };
}

/** Conditions of a process, with the events that begin and end them. */
export const PROCESS_CONDITIONS = {
  ledger: ['ledger.away', 'ledger.back'],
  window: ['window.degraded', 'window.recovered'],
  clock: ['clock.wrong', 'clock.right'],
  journal: ['journal.faulty', 'journal.sound'],
  billing: ['billing.stalled', 'billing.resumed'],
} as const;

export type ProcessCondition = keyof typeof PROCESS_CONDITIONS;

/** @param reason why the condition was raised; null when it is over. */
export function processEvent(
  condition: ProcessCondition,
  process: string,
  reason: string | null,
  atMs: number,
): NewEvent {
  const [raised, cleared] = PROCESS_CONDITIONS[condition];
  return {
    type: reason === null ? cleared : raised,
    subject: `processes/${process}`,
    clientId: null,
    atMs,
    data: { process, ...(reason === null ? {} : { reason }) },
  };
}

/** True if billing has not finished a run for ten intervals, at least five minutes. */
export function isBillingStalled(lastRunAtMs: number, intervalMs: number, nowMs: number): boolean {
  return nowMs - lastRunAtMs > Math.max(10 * intervalMs, 300_000);
}
