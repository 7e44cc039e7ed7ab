/** The claim of an issued invoice: disputes, reminders and proposals, and the actions of finance. */

import type { DisputeJson, DunningJson } from '../../../admin/routes/claims/claim-schemas.ts';
import type { InvoiceDetailJson } from '../../../admin/routes/invoices/invoice-schemas.ts';
import type { ProposalJson } from '../../../admin/routes/proposals/proposal-json.ts';
import { api, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { type ClaimAction, ClaimForms, isClaimAction } from '../../parts/claims/claim-forms.tsx';
import { ClaimProposals, Disputes, Dunnings } from '../../parts/claims/claim-lists.tsx';
import { Panel } from '../../parts/figure.tsx';
import { type FormState, FRESH } from '../../parts/form.tsx';
import { invoiceName } from '../../parts/invoice-state.tsx';

const DONE = {
  done: 'It is done and recorded.',
  proposed: 'It is proposed. Another person with the role finance decides on the page Proposals.',
};

export const invoiceClaimPage: ConsolePage = {
  path: '/invoices/:id/claim',
  get: (c) => render(c, FRESH),
  async post(c) {
    const values = await formOf(c);
    const { action, line, amount = '', ground, reason = '', text = '', disputed, outcome } = values;
    if (!isClaimAction(action)) return render(c, FRESH);
    const lines = [{ line: Number(line), amount }];
    const bodies: Readonly<Record<ClaimAction, unknown>> = {
      credit: { lines, ground, reason },
      back: { lines, reason },
      'write-off': { reason },
      remind: undefined,
      dispute: { ground, text, ...(disputed ? { disputed } : {}) },
      answer: { text },
      resolve: { outcome, text },
    };
    const answer = await api(c).post<object>(await targetOf(c, action), bodies[action]);
    if (!answer.ok) return render(c, { values, problem: answer.problem });
    return seeDone(c, c.req.path, 'proposedBy' in answer.value ? 'proposed' : 'done');
  },
};

const NAMES: Readonly<Record<Exclude<ClaimAction, 'answer' | 'resolve'>, string>> = {
  credit: 'credit-note',
  back: 'supplement',
  'write-off': 'write-off',
  remind: 'remind',
  dispute: 'disputes',
};

async function targetOf(c: PageContext, action: ClaimAction): Promise<string> {
  if (action !== 'answer' && action !== 'resolve') return `${pathOf(c)}/${NAMES[action]}`;
  const disputes = await api(c).get<{ items: DisputeJson[] }>(`${pathOf(c)}/disputes`);
  const open = disputes.ok ? openIn(disputes.value.items) : undefined;
  return `/v1/disputes/${open?.id ?? 'none'}/${action}`;
}

function pathOf(c: PageContext): string {
  return `/v1/invoices/${encodeURIComponent(c.req.param('id') ?? '')}`;
}

function openIn(disputes: readonly DisputeJson[]): DisputeJson | undefined {
  return disputes.find(({ outcome }) => outcome === null);
}

async function render(c: PageContext, state: FormState): Promise<Response> {
  const path = pathOf(c);
  const [found, disputes, dunnings, proposals] = await Promise.all([
    api(c).get<InvoiceDetailJson>(path),
    api(c).get<{ items: DisputeJson[] }>(`${path}/disputes`),
    api(c).get<{ items: DunningJson[] }>(`${path}/dunnings`),
    api(c).get<PageOf<ProposalJson>>('/v1/proposals', { subject: path.slice('/v1/'.length), limit: 100 }),
  ]);
  if (!found.ok) return problemPage(c, found.problem);
  if (!disputes.ok) return problemPage(c, disputes.problem);
  if (!dunnings.ok) return problemPage(c, dunnings.problem);
  if (!proposals.ok) return problemPage(c, proposals.problem);
  const invoice = found.value;
  const { items } = disputes.value;
  return page(
    c,
    {
      title: `Claim: ${invoiceName(invoice)}`,
      aside: (
        <a class="button" href={`/invoices/${invoice.id}`}>
          Invoice
        </a>
      ),
      done: DONE,
      status: state.problem?.status ?? 200,
    },
    <>
      <Panel title="Disputes">
        <Disputes c={c} items={items} currency={invoice.currency} />
      </Panel>
      <Panel title="Dunning">
        <Dunnings c={c} items={dunnings.value.items} />
      </Panel>
      <Panel title="Proposals">
        <ClaimProposals c={c} items={proposals.value.items} />
      </Panel>
      {mayAct(c, 'finance') && invoice.status === 'issued' ? (
        <ClaimForms state={state} open={openIn(items)} />
      ) : null}
    </>,
  );
}
