/** One proposal: what would happen, who proposed it and why, and the form that decides it. */

import type { ProposalJson } from '../../../admin/routes/proposals/proposal-json.ts';
import { DECIDING_ROLE } from '../../../proposal/four-eyes.ts';
import { api } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { Field, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { PROPOSAL_WORDS, ProposalBadge, ProposalSubject } from '../../parts/proposal.tsx';
import { Moment } from '../../parts/value.tsx';

const DONE = {
  accepted: 'The proposal is accepted, and its action is taken.',
  rejected: 'The proposal is rejected.',
  withdrawn: 'The proposal is withdrawn.',
};

export const decideProposalPage: ConsolePage = {
  path: '/proposals/:id',
  get: (c) => render(c, FRESH),
  async post(c) {
    const values = await formOf(c);
    const { decision = '', reason } = values;
    const decided = await api(c).post(`${pathOf(c)}/decide`, { decision, reason });
    return decided.ok ? seeDone(c, c.req.path, decision) : render(c, { values, problem: decided.problem });
  },
};

function pathOf(c: PageContext): string {
  return `/v1/proposals/${encodeURIComponent(c.req.param('id') ?? '')}`;
}

async function render(c: PageContext, state: FormState): Promise<Response> {
  const found = await api(c).get<ProposalJson>(pathOf(c));
  if (!found.ok) return problemPage(c, found.problem);
  const proposal = found.value;
  const { kind, subject, payload, reason, decision, decisionReason } = proposal;
  const { decidedAt } = proposal;
  return page(
    c,
    {
      title: `${PROPOSAL_WORDS[kind]}: proposal`,
      aside: <ProposalBadge decision={decision} />,
      done: DONE,
      status: state.problem?.status ?? 200,
    },
    <>
      <Facts
        facts={[
          ['On', <ProposalSubject subject={subject} />],
          ['Reason', reason],
          ['Proposed by', proposal.proposedBy],
          ['Proposed (UTC)', <Moment at={proposal.proposedAt} />],
          ['Decided by', proposal.decidedBy],
          ['Decided (UTC)', decidedAt === null ? null : <Moment at={decidedAt} />],
          ['Reason of the decision', decisionReason],
        ]}
      />
      {Object.keys(payload).length === 0 ? null : (
        <Panel title="What it does">
          <pre>{JSON.stringify(payload, null, 2)}</pre>
        </Panel>
      )}
      {decision === null && mayAct(c, DECIDING_ROLE[kind]) ? (
        <DecisionForm c={c} state={state} proposal={proposal} />
      ) : null}
    </>,
  );
}

/** The proposer withdraws; another person accepts or rejects. */
function DecisionForm(props: { c: PageContext; state: FormState; proposal: ProposalJson }) {
  const { c, state, proposal } = props;
  const isOwn = c.get('caller').actor === proposal.proposedBy;
  return (
    <PostForm state={state} api={`/v1/proposals/${proposal.id}/decide`} class="form card">
      <Field name="reason" label="Reason" state={state} required hint="Recorded in the audit log." />
      <p class="buttons">
        {isOwn ? (
          <Submit name="decision" value="withdrawn">
            Withdraw
          </Submit>
        ) : (
          <>
            <Submit tone="primary" name="decision" value="accepted">
              Accept
            </Submit>
            <Submit tone="danger" name="decision" value="rejected">
              Reject
            </Submit>
          </>
        )}
        <a href="/proposals">Back to the list</a>
      </p>
    </PostForm>
  );
}
