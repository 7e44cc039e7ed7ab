/** Routes of the journals of all processes, and of the verification of the whole ledger. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp, isoTimestampOrNull } from '../../report/timestamp.ts';
import { anyRole, requires } from '../auth.ts';
import { json } from '../content.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { NO_QUERY, TimestampOut } from '../fields.ts';
import type { VerificationRun } from '../health/port.ts';
import { pageAsk, pageFields, pageJson, pageResponse } from '../paging.ts';
import { HttpProblem, problems } from '../problem.ts';

const tags = ['health'];
const JOURNAL_KEY = /^\d{1,15} [a-zA-Z0-9:._/-]{1,128}$/;

const JournalSchema = z
  .object({
    id: z.string().openapi({ description: 'Of a process on Node, or of a client at the edge.' }),
    lastSequence: z.int(),
    takenAt: TimestampOut.openapi({ description: 'When the ledger took its last batch.' }),
    version: z.string().nullable().openapi({ description: 'The program that metered its last records.' }),
    configuration: z
      .string()
      .nullable()
      .openapi({ description: 'Hash of the configuration of its last records.' }),
  })
  .openapi('Journal');

const LedgerVerificationSchema = z
  .object({
    state: z.enum(['none', 'running', 'done', 'failed']).openapi({
      description: 'Of the last run that this process was asked for. none: no run since it started.',
    }),
    startedAt: TimestampOut.nullable(),
    startedBy: z.string().nullable(),
    finishedAt: TimestampOut.nullable(),
    differences: z.int(),
    findings: z
      .array(z.object({ code: z.string(), subject: z.string(), expected: z.string(), found: z.string() }))
      .openapi({ description: 'The first 100 differences, with the codes of `postmeter verify`.' }),
    verified: z
      .object({
        ...{ clients: z.int(), journals: z.int(), batches: z.int(), breaches: z.int() },
        ...{ invoices: z.int(), tariffVersions: z.int() },
      })
      .nullable()
      .openapi({ description: 'What was compared; null before the end.' }),
    failure: z.string().nullable(),
  })
  .openapi('LedgerVerification');

export type JournalJson = z.infer<typeof JournalSchema>;
export type LedgerVerificationJson = z.infer<typeof LedgerVerificationSchema>;

export function verificationRoutes(
  app: AdminApp,
  { journals, verification }: Pick<AdminDeps, 'journals' | 'verification'>,
): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/journals',
      operationId: 'listJournals',
      summary: 'Journals of processes and clients at the edge, those that sent last first',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(JOURNAL_KEY)) },
      responses: { ...pageResponse(JournalSchema, 'JournalPage'), ...problems() },
    }),
    async (c) => {
      const page = await journals.journals(pageAsk(c.req.valid('query')));
      return c.json(
        pageJson(page, ({ takenAtMs, ...rest }) => ({ ...rest, takenAt: isoTimestamp(takenAtMs) })),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/verification',
      operationId: 'getLedgerVerification',
      summary: 'The last verification of the ledger by this process',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY },
      responses: { ...json(200, 'The verification.', LedgerVerificationSchema), ...problems(501) },
    }),
    (c) => c.json(runJson(existing(verification).latest()), 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/verification',
      operationId: 'verifyLedger',
      summary: 'Recompute the ledger from usage to invoice in the background, as `postmeter verify` does',
      description: 'Changes nothing. One run at a time: a further request returns the one that is running.',
      tags,
      ...requires('operator', 'finance', 'admin'),
      request: { query: NO_QUERY },
      responses: { ...json(202, 'It runs.', LedgerVerificationSchema), ...problems(501) },
    }),
    (c) => c.json(runJson(existing(verification).start(c.get('caller').actor)), 202),
  );
}

function existing(verification: AdminDeps['verification']): NonNullable<AdminDeps['verification']> {
  if (verification !== null) return verification;
  throw new HttpProblem(
    501,
    'A Worker may not compute for so long. Run `postmeter verify` with DATABASE_URL, or ask a Node process on the same ledger.',
  );
}

function runJson(run: VerificationRun | null): LedgerVerificationJson {
  if (run === null) {
    const none = { startedAt: null, startedBy: null, finishedAt: null, verified: null, failure: null };
    return { state: 'none', ...none, differences: 0, findings: [] };
  }
  const { startedAtMs, finishedAtMs, findings, verified, ...same } = run;
  const state = finishedAtMs === null ? 'running' : run.failure === null ? 'done' : 'failed';
  return {
    ...same,
    state,
    startedAt: isoTimestamp(startedAtMs),
    finishedAt: isoTimestampOrNull(finishedAtMs),
    findings: findings.map(({ code, subject, expected, found }) => ({ code, subject, expected, found })),
    verified,
  };
}
