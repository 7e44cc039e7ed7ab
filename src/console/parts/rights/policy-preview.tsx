/** What a new version of the policy changes: verdicts of robots.txt, answers that would have been withheld, documents. */

import type { z } from 'zod';
import type { RightsWhatIfSchema } from '../../../admin/routes/askers/rights-what-if.ts';
import { counted } from '../../../report/counted.ts';
import type { Answer } from '../../api.ts';
import type { PageContext } from '../../context.ts';
import { Badge } from '../badge.tsx';
import { Figure, Figures, Panel } from '../figure.tsx';
import { Confirmation, FRESH } from '../form.tsx';
import { Empty, ProblemNotice } from '../notice.tsx';
import { type Column, DataTable } from '../table.tsx';
import { Count, Moment, None } from '../value.tsx';
import { ClassName } from './askers.tsx';
import { type PolicyPreviewJson, PublishedDocument } from './policy.tsx';

export type RightsWhatIfJson = z.output<typeof RightsWhatIfSchema>;
type Difference = PolicyPreviewJson['differences'][number];
type ClassRow = RightsWhatIfJson['classes'][number];
type ClientRow = RightsWhatIfJson['clients'][number];
type Sums = RightsWhatIfJson['total'];

const MAX_DIFFERENCES = 200;
const MAX_CLIENTS_SHOWN = 20;

/** @param values the fields of the form, which the confirmation sends again. */
export function PolicyPreview(props: {
  c: PageContext;
  values: Readonly<Record<string, string>>;
  preview: PolicyPreviewJson;
  whatIf: Answer<RightsWhatIfJson>;
}) {
  const { c, values, preview, whatIf } = props;
  const { differences, documents } = preview;
  return (
    <>
      <Panel title="Answers of the last seven days">
        {whatIf.ok ? (
          <Forecast c={c} whatIf={whatIf.value} />
        ) : (
          <ProblemNotice problem={whatIf.problem} hasFocus={false} />
        )}
      </Panel>
      <Panel title="What crawlers may fetch">
        {differences.length === 0 ? (
          <Empty title="No verdict of robots.txt changes" />
        ) : (
          <DataTable
            c={c}
            caption={differencesText(differences.length)}
            columns={DIFFERENCES}
            rows={differences.slice(0, MAX_DIFFERENCES)}
          />
        )}
      </Panel>
      <Panel title="What is published">
        {documents.map((document) => (
          <PublishedDocument document={document} />
        ))}
      </Panel>
      <Confirmation
        state={FRESH}
        label="Store the version"
        back="/policy/new"
        hidden={{ ...values, step: 'store' }}
      >
        <p>
          It applies in every process within a second of its start, at the edge within 30 seconds. It never
          changes: another version replaces it.
        </p>
      </Confirmation>
    </>
  );
}

function differencesText(count: number): string {
  const all = counted(count, 'verdict changes', 'verdicts change');
  return count > MAX_DIFFERENCES ? `${all}; these are the first ${MAX_DIFFERENCES}` : all;
}

const DIFFERENCES: ReadonlyArray<Column<Difference>> = [
  { head: 'Agent', cell: ({ agent }) => agent },
  { head: 'Path', cell: ({ path }) => <code>{path}</code> },
  {
    head: 'From now on',
    cell: ({ isAllowed }) => (
      <Badge tone={isAllowed ? 'good' : 'warn'}>{isAllowed ? 'allowed' : 'disallowed'}</Badge>
    ),
  },
];

function Forecast({ c, whatIf }: { c: PageContext; whatIf: RightsWhatIfJson }) {
  const { total, classes, clients, from, to } = whatIf;
  const concerned = clients.filter(({ wouldWithhold }) => wouldWithhold > 0).slice(0, MAX_CLIENTS_SHOWN);
  return (
    <>
      <p>
        If this matrix had been enforced for every class from <Moment at={from} /> to <Moment at={to} /> UTC.
      </p>
      <Figures label="All classes">
        <Figure label="Answers">
          <Count value={total.answers} />
        </Figure>
        <Figure label="Would be withheld">
          <Count value={total.wouldWithhold} />
        </Figure>
        <Figure label="Posts that would have stayed">
          <Count value={total.wouldWithholdPosts} />
        </Figure>
        <Figure label="Were withheld">
          <Count value={total.withheld} />
        </Figure>
        {total.unread === 0 ? null : (
          <Figure label="Not known" note="The mode of their class was off">
            <Count value={total.unread} />
          </Figure>
        )}
      </Figures>
      {classes.length === 0 ? (
        <Empty title="Nothing was asked in this time" />
      ) : (
        <DataTable
          c={c}
          caption="By class"
          columns={[
            { head: 'Class', cell: (row) => <ClassName class={row.class} /> },
            ...sumColumns<ClassRow>(),
          ]}
          rows={classes}
        />
      )}
      {concerned.length === 0 ? null : (
        <DataTable
          c={c}
          caption="The clients from which most would be withheld"
          columns={[{ head: 'Client', cell: ClientCell }, ...sumColumns<ClientRow>()]}
          rows={concerned}
        />
      )}
    </>
  );
}

function ClientCell({ clientId }: ClientRow) {
  if (clientId === '') return <None>not recorded</None>;
  return <a href={`/clients/${encodeURIComponent(clientId)}`}>{clientId}</a>;
}

function sumColumns<Row extends Sums>(): ReadonlyArray<Column<Row>> {
  const column = (head: string, name: keyof Sums): Column<Row> => ({
    head,
    isFigure: true,
    cell: (row) => <Count value={row[name]} />,
  });
  return [
    column('Answers', 'answers'),
    column('Were withheld', 'withheld'),
    column('Would be withheld', 'wouldWithhold'),
    column('Posts that would have stayed', 'wouldWithholdPosts'),
  ];
}
