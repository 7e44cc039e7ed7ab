import { DrizzleQueryError } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { LedgerError } from '../../src/adapters/postgres/connection/db.ts';
import { failureText } from '../../src/entry/failure-text.ts';

const STATEMENT = 'select "secret" from "tokens" where "id" = $1';
const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
const syntax = Object.assign(new Error('relation "tokens" does not exist'), { code: '42P01' });

test.each([
  [
    'a statement without a reachable server',
    new DrizzleQueryError(STATEMENT, ['parameter'], refused),
    /^The ledger is unreachable \(.*ECONNREFUSED.*\)\. Check DATABASE_URL/,
  ],
  [
    'a ledger that cannot be opened',
    new LedgerError('ledger_unavailable', 'the ledger was closed'),
    /^The ledger is unreachable \(the ledger was closed\)/,
  ],
  [
    'a statement that the server refused',
    new DrizzleQueryError(STATEMENT, ['parameter'], syntax),
    /^a statement failed: relation "tokens" does not exist$/,
  ],
  ['any other error', new Error('no such file'), /^no such file$/],
])('%s is one sentence without a statement', (_name, error, sentence) => {
  const said = failureText(error);
  expect(said).toMatch(sentence);
  expect(said).not.toMatch(/select|parameter/);
});
