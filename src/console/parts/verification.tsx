/** The journals of all processes, and the verification of the ledger with its result. */

import type { JournalJson, LedgerVerificationJson } from '../../admin/routes/verification.ts';
import { counted } from '../../report/counted.ts';
import type { Answer } from '../api.ts';
import { mayAct, type PageContext } from '../context.ts';
import { Panel } from './figure.tsx';
import { FRESH, PostForm, Submit } from './form.tsx';
import { Empty, Notice } from './notice.tsx';
import { type Column, DataTable } from './table.tsx';
import { Count, Moment, None } from './value.tsx';

const JOURNALS: ReadonlyArray<Column<JournalJson>> = [
  { head: 'Journal', field: 'id', cell: ({ id }) => <code>{id}</code> },
  { head: 'Version', field: 'version', cell: ({ version }) => version ?? <None /> },
  { head: 'Last batch (UTC)', field: 'takenAt', cell: ({ takenAt }) => <Moment at={takenAt} seconds /> },
  {
    ...{ head: 'Last record', field: 'lastSequence', isFigure: true },
    cell: ({ lastSequence }) => <Count value={lastSequence} />,
  },
  {
    head: 'Configuration',
    cell: ({ configuration }) =>
      configuration === null ? <None /> : <code title={configuration}>{configuration.slice(0, 12)}</code>,
  },
];

export function Journals({ c, journals }: { c: PageContext; journals: readonly JournalJson[] }) {
  if (journals.length === 0) return <Empty title="No process has sent usage yet" />;
  return (
    <DataTable
      c={c}
      caption="Each process on Node and each client at the edge has a journal; the newest batches first"
      columns={JOURNALS}
      rows={journals}
      keyOf={({ id }) => id}
    />
  );
}

const FINDINGS: ReadonlyArray<Column<LedgerVerificationJson['findings'][number]>> = [
  { head: 'Difference', cell: ({ code }) => <code>{code}</code> },
  { head: 'Of', cell: ({ subject }) => subject },
  { head: 'Expected', cell: ({ expected }) => expected },
  { head: 'Found', cell: ({ found }) => found },
];

export function VerificationPanel({ c, answer }: { c: PageContext; answer: Answer<LedgerVerificationJson> }) {
  return (
    <Panel title="Verification of the ledger">
      {answer.ok ? <Result c={c} run={answer.value} /> : <p>{answer.problem.detail}</p>}
      {answer.ok && answer.value.state !== 'running' && mayAct(c, 'operator', 'finance', 'admin') ? (
        <PostForm state={FRESH} class="buttons" api="POST /v1/verification">
          <Submit name="action" value="verify">
            Verify now
          </Submit>
        </PostForm>
      ) : null}
    </Panel>
  );
}

function Result({ c, run }: { c: PageContext; run: LedgerVerificationJson }) {
  const { state, startedAt, finishedAt, startedBy, differences, findings, verified, failure } = run;
  if (state === 'none') {
    return <p>It recomputes everything from usage to invoice. It has not run since this process started.</p>;
  }
  if (state === 'running') {
    return (
      <Notice tone="info" title="It runs">
        <p>
          Since <Moment at={startedAt} seconds /> UTC, started by {startedBy}.
        </p>
      </Notice>
    );
  }
  if (state === 'failed') {
    return (
      <Notice tone="bad" title="It could not finish">
        <p>{failure}</p>
      </Notice>
    );
  }
  return (
    <>
      <Notice
        tone={differences === 0 ? 'good' : 'bad'}
        title={differences === 0 ? 'Nothing differs' : counted(differences, 'difference')}
      >
        <p>
          {verified === null ? null : `${verifiedText(verified)}. `}
          Finished <Moment at={finishedAt} seconds /> UTC, started by {startedBy}.
        </p>
      </Notice>
      {findings.length === 0 ? null : (
        <DataTable c={c} caption="The first differences" columns={FINDINGS} rows={findings} />
      )}
    </>
  );
}

function verifiedText(verified: NonNullable<LedgerVerificationJson['verified']>): string {
  const { invoices, breaches, batches, journals } = verified;
  return (
    `Compared ${counted(invoices, 'issued invoice')}, ${counted(breaches, 'breach', 'breaches')} and ` +
    `${counted(batches, 'batch', 'batches')} of ${counted(journals, 'journal')}`
  );
}
