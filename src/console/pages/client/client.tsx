/** The page of one client: what it took, when it was over, what it owes and why. */

import { type ConsolePage, formOf, hrefWith, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { WindowChart } from '../../parts/chart.tsx';
import { Figure, Figures, Panel } from '../../parts/figure.tsx';
import { Filter, type FilterField } from '../../parts/filter.tsx';
import { Field, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Notice, ProblemNotice } from '../../parts/notice.tsx';
import { Count, grouped, Moment, None, Share } from '../../parts/value.tsx';
import { CLIENT_ACTIONS, CLIENT_DONE, type Sent } from './actions.ts';
import { AlertsPanel } from './alerts.tsx';
import { AskerPanel } from './askers.tsx';
import { BuyerPanel, CoDebtorsPanel } from './buyer.tsx';
import { type ClientData, RANGE_DAYS, readClient } from './data.ts';
import { BillingPanel, HoldPanel, IdentifiersPanel, NotesPanel, PolicyPanel } from './forms.tsx';
import { AuditPanel, BreachesPanel, InvoicesPanel, TariffPanel, UsagePanel } from './panels.tsx';
import { ReadingsPanel } from './readings.tsx';

export const clientPage: ConsolePage = {
  path: '/clients/:id',
  get: (c) => render(c, () => FRESH),

  async post(c) {
    const { action = '', ...values } = await formOf(c);
    const id = encodeURIComponent(c.req.param('id') ?? '');
    const act = CLIENT_ACTIONS.get(action);
    if (act === undefined) return render(c, () => FRESH);
    const answer = await act(c, `/v1/clients/${id}`, values);
    if (!answer.ok) {
      const sent = { values, problem: answer.problem };
      return render(c, (name) => (name === action ? sent : FRESH), null, answer.problem.status);
    }
    const key = (answer.value as { key?: string }).key;
    // A generated key is shown once: no address can contain it.
    return key === undefined ? seeDone(c, `/clients/${id}`, action) : render(c, () => FRESH, key);
  },
};

const FIELDS: readonly FilterField[] = [
  { name: 'from', label: 'From (UTC)', type: 'datetime-local' },
  { name: 'to', label: 'To (UTC)', type: 'datetime-local' },
  { name: 'threshold', label: 'Try the threshold', type: 'number' },
  { name: 'price', label: 'Try the price', placeholder: '15000.00' },
  { name: 'block', label: 'Try the block', type: 'number' },
  { name: 'currency', label: 'Try the currency', placeholder: 'USD' },
];

async function render(c: PageContext, sent: Sent, key: string | null = null, status = 200) {
  const read = await readClient(c);
  if (!read.ok) return problemPage(c, read.problem);
  const data = read.value;
  const { client, chart } = data;
  const frame = {
    title: client.name,
    aside: <Head data={data} />,
    live: ['usage', 'breaches', 'invoices', 'holds', 'audit'],
    done: CLIENT_DONE,
    status,
  };
  return page(
    c,
    frame,
    <>
      {key === null ? null : <NewKey value={key} />}
      <HoldPanel c={c} data={data} sent={sent} />
      <Now data={data} />
      <Panel title="Posts in the window" aside={<Ranges c={c} data={data} />}>
        {chart.ok ? (
          <WindowChart c={c} chart={chart.value} api={data.chartPath} />
        ) : (
          <ProblemNotice problem={chart.problem} hasFocus={false} />
        )}
      </Panel>
      <Filter c={c} fields={FIELDS} />
      <ReadingsPanel c={c} data={data} />
      <BreachesPanel c={c} data={data} />
      <InvoicesPanel c={c} data={data} />
      <CoDebtorsPanel c={c} data={data} sent={sent} />
      <IdentifiersPanel c={c} data={data} sent={sent} />
      <AskerPanel c={c} data={data} sent={sent} />
      <TariffPanel c={c} data={data} />
      <UsagePanel c={c} data={data} />
      <div class="columns">
        <NotesPanel c={c} data={data} sent={sent} />
        <AuditPanel data={data} />
        <BillingPanel c={c} data={data} sent={sent} />
        <BuyerPanel c={c} data={data} sent={sent} />
        <PolicyPanel c={c} data={data} sent={sent} />
        <AlertsPanel c={c} data={data} sent={sent} />
      </div>
      {mayAct(c, 'operator') ? <Rename data={data} sent={sent} /> : null}
    </>,
  );
}

function Head({ data }: { data: ClientData }) {
  const { client, breaches, holds } = data;
  const states = breaches.ok ? breaches.value.items.map(({ state }) => state) : [];
  return (
    <>
      <code>{client.id}</code>
      {client.source === 'operator' ? null : <Badge tone="quiet">known by its address</Badge>}
      {states.includes('open') ? <Badge tone="bad">in breach</Badge> : null}
      {states.includes('settling') ? <Badge tone="warn">settling</Badge> : null}
      {holds.ok && holds.value.items.length > 0 ? <Badge tone="warn">billing on hold</Badge> : null}
    </>
  );
}

function NewKey({ value }: { value: string }) {
  return (
    <Notice tone="good" title="The key is added. It is shown only now." hasFocus>
      <p>
        <code>{value}</code>
      </p>
      <p>Copy it before you leave the page. The ledger stores only its hash.</p>
    </Notice>
  );
}

function Now({ data }: { data: ClientData }) {
  const { latest, path } = data;
  if (!latest.ok) return <ProblemNotice problem={latest.problem} hasFocus={false} />;
  const { total, peak, threshold, tariffs, over, to } = latest.value;
  const limit = threshold.find((span) => span.to === to)?.value ?? null;
  const since = over.find((span) => span.to === to)?.from;
  const tariff = tariffs.at(-1);
  const at = (pointer: string) => `${path}/chart#/${pointer}`;
  return (
    <Figures label="The window that ends now">
      <Figure
        label="Posts in the window"
        note={limit === null ? 'no threshold' : `of ${grouped(String(limit))}`}
      >
        <Count value={total} api={at('total')} />
      </Figure>
      <Figure
        label="Of the threshold"
        note={since === undefined ? 'not over' : <>over since {<Moment at={since} />}</>}
      >
        {limit === null ? <None /> : <Share value={total / limit} />}
      </Figure>
      <Figure label="Largest total in two days" note={<Moment at={peak.at} />}>
        <Count value={peak.total} api={at('peak/total')} />
      </Figure>
      <Figure
        label="Tariff"
        note={
          tariff === undefined ? undefined : `${tariff.isOwn ? 'own' : 'default'}, version ${tariff.version}`
        }
      >
        {tariff === undefined ? <None /> : tariff.kind}
      </Figure>
    </Figures>
  );
}

function Ranges({ c, data }: { c: PageContext; data: ClientData }) {
  const { chart, path } = data;
  const { range = '48h', from, to } = c.req.query();
  const isChosen = (from ?? '') !== '' || (to ?? '') !== '';
  const span = chart.ok ? { from: chart.value.from, to: chart.value.to } : {};
  const csv = new URLSearchParams({ ...span, step: 'minute', format: 'csv' });
  return (
    <>
      {[...RANGE_DAYS.keys()].map((name) => (
        <a
          href={hrefWith(c, { range: name, from: undefined, to: undefined })}
          aria-current={name === range && !isChosen ? 'true' : undefined}
        >
          {name.replace('h', ' h').replace('d', ' d')}
        </a>
      ))}
      <a href={`${path}/usage?${csv}`} download>
        CSV by minute
      </a>
    </>
  );
}

function Rename({ data, sent }: { data: ClientData; sent: Sent }) {
  return (
    <Panel title="Name">
      <PostForm state={sent('rename')} class="form inline">
        <input type="hidden" name="action" value="rename" />
        <Field name="name" label="Name" state={sent('rename')} value={data.client.name} required />
        <Submit>Rename</Submit>
      </PostForm>
    </Panel>
  );
}
