/** Refusals of the book as problems, and amounts of requests as money. */

import type { Allocation } from '../../../receivable/allocate.ts';
import { parseMoney } from '../../../tariff/money.ts';
import type { BookRefusal, BookResult } from '../../payments/port.ts';
import { faultsProblem, fieldProblem, HttpProblem } from '../../problem.ts';

const STATUS = { not_found: 404, invalid_request: 400 } as const;

/** The code of the first fault is that of the problem. */
export function bookProblem({ faults }: BookRefusal): HttpProblem {
  const [first] = faults;
  const detail = faults.map(({ field, reason, hint }) => `${field} ${reason}: ${hint}`).join('; ');
  const errors = faults.map(({ field, reason, hint }) => ({ field, reason, hint }));
  const status = first!.code in STATUS ? STATUS[first!.code as keyof typeof STATUS] : 409;
  return new HttpProblem(status, detail, { errors, code: first!.code });
}

export function writtenOrProblem<T>(result: BookResult<T>): T {
  if (result.kind === 'refused') throw bookProblem(result);
  return result.value;
}

/** Throws a problem unless the text is a positive amount of the currency. */
export function positiveAmount(field: string, text: string, currency: string): bigint {
  const parsed = parseMoney(text, currency);
  if (!parsed.ok) throw fieldProblem(400, field, parsed.reason, 'write it as 15000.00, without a sign');
  if (parsed.minor === 0n || parsed.minor >= 1n << 63n) {
    throw fieldProblem(400, field, 'is 0 or too large', 'send the positive amount in major units');
  }
  return parsed.minor;
}

/** Throws a problem that names each amount that is not one. */
export function allocationsIn(
  given: readonly { readonly invoiceId: string; readonly amount: string }[],
  currency: string,
): Allocation[] {
  return given.map(({ invoiceId, amount }, at) => ({
    invoiceId,
    amountMinor: positiveAmount(`allocations.${at}.amount`, amount, currency),
  }));
}

/** Throws a problem for a date after today, UTC. */
export function demandPast(field: string, date: string, today: string): void {
  if (date <= today) return;
  throw faultsProblem([{ field, reason: 'is in the future', hint: `use ${today} or an earlier date (UTC)` }]);
}
