/** The financial reports by name, in the order of their list. */

import { ageingReport } from './ageing.ts';
import { collectionReport, writeOffReport } from './collection.ts';
import { dsoReport } from './dso.ts';
import type { Report } from './report.ts';
import { revenueReport } from './revenue.ts';
import { taxReport } from './tax.ts';
import { usageReport } from './usage.ts';

export const REPORT_NAMES = ['revenue', 'ageing', 'dso', 'tax', 'collection', 'write-offs', 'usage'] as const;
export type ReportName = (typeof REPORT_NAMES)[number];

export const REPORTS: Readonly<Record<ReportName, Report>> = {
  revenue: revenueReport,
  ageing: ageingReport,
  dso: dsoReport,
  tax: taxReport,
  collection: collectionReport,
  'write-offs': writeOffReport,
  usage: usageReport,
};
