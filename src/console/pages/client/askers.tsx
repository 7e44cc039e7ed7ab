/** What the client asked as: its classes in the last day, and the class that an operator gives it. */

import type { AskersJson } from '../../../admin/routes/askers/askers.ts';
import { CLIENT_CLASSES } from '../../../rights/asker.ts';
import { mayAct, type PageContext } from '../../context.ts';
import { Facts, Panel } from '../../parts/figure.tsx';
import { Field, PostForm, Submit } from '../../parts/form.tsx';
import { Empty, ProblemNotice } from '../../parts/notice.tsx';
import { ClassName, codeText } from '../../parts/rights/askers.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Count, None } from '../../parts/value.tsx';
import type { Sent } from './actions.ts';
import type { ClientData } from './data.ts';

type Row = AskersJson['clients'][number];

const COLUMNS: ReadonlyArray<Column<Row>> = [
  { head: 'Class', cell: (row) => <ClassName class={row.class} /> },
  { head: 'Agent', cell: ({ agent }) => (agent === null ? <None /> : <bdi>{agent}</bdi>) },
  { head: 'Answers', isFigure: true, cell: ({ answers }) => <Count value={answers} /> },
  { head: 'Posts', isFigure: true, cell: ({ posts }) => <Count value={posts} /> },
  { head: 'Withheld', isFigure: true, cell: ({ withheld }) => <Count value={withheld} /> },
];

export function AskerPanel({ c, data, sent }: { c: PageContext; data: ClientData; sent: Sent }) {
  const { askers, client } = data;
  const state = sent('class');
  return (
    <Panel title="Class of asker" aside={<a href="/askers">All askers</a>}>
      <Facts facts={[['Class', client.askerClass === null ? 'by evidence' : codeText(client.askerClass)]]} />
      {!askers.ok ? (
        <ProblemNotice problem={askers.problem} hasFocus={false} />
      ) : askers.value.clients.length === 0 ? (
        <Empty title="Nothing was asked in the last 24 hours" />
      ) : (
        <DataTable
          c={c}
          caption="Answers in the last 24 hours"
          columns={COLUMNS}
          rows={askers.value.clients}
        />
      )}
      {mayAct(c, 'operator') ? (
        <PostForm state={state} api={`PATCH ${data.path}`} class="form inline">
          <input type="hidden" name="action" value="class" />
          <Field
            name="askerClass"
            label="Its class"
            state={state}
            required
            value={client.askerClass ?? ''}
            options={[['', 'by evidence'], ...CLIENT_CLASSES.map((one) => [one, codeText(one)] as const)]}
          />
          <Submit>Set the class</Submit>
        </PostForm>
      ) : null}
    </Panel>
  );
}
