/** A comparison of tables with the audit log. */

import type { SQL } from 'drizzle-orm';

export interface AuditComparison {
  readonly code: 'record_differs' | 'tariff_differs';
  /** Selects a subject and, as a JSON array, the facts that the audit log records of it. */
  readonly written: SQL;
  /** Selects the same from the tables. */
  readonly kept: SQL;
}
