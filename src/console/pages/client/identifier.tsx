/** The pages that confirm what happens to an identifier: it is revoked, or moved to another client with its usage. */

import type { z } from 'zod';
import type { MoveSchema } from '../../../admin/routes/identifiers/identifier-move.ts';
import { api } from '../../api.ts';
import { type ConsolePage, formOf, type PageContext, seeDone } from '../../context.ts';
import { page } from '../../layout.tsx';
import { BreachCount, ChangedDrafts } from '../../parts/callers/promotion.tsx';
import { Facts } from '../../parts/figure.tsx';
import { utcOf } from '../../parts/filter.tsx';
import { Confirmation, Field, type FormState, FRESH } from '../../parts/form.tsx';
import { Count } from '../../parts/value.tsx';

type MoveJson = z.output<typeof MoveSchema>;

/** The identifier in the API, and the page of its client. */
function placeOf(c: PageContext) {
  const client = encodeURIComponent(c.req.param('id') ?? '');
  const identifier = c.req.param('identifier') ?? '';
  const path = `/v1/clients/${client}/identifiers/${encodeURIComponent(identifier)}`;
  return { client: c.req.param('id') ?? '', identifier, path, back: `/clients/${client}` };
}

export const revokeIdentifierPage: ConsolePage = {
  path: '/clients/:id/identifiers/:identifier/revoke',
  get: (c) => renderRevoke(c, FRESH),
  async post(c) {
    const { path, back } = placeOf(c);
    const revoked = await api(c).delete(path);
    if (revoked.ok) return seeDone(c, back, 'revoked');
    return renderRevoke(c, { values: {}, problem: revoked.problem });
  },
};

function renderRevoke(c: PageContext, state: FormState) {
  const { client, back } = placeOf(c);
  return page(
    c,
    { title: `Revoke an identifier of ${client}`, status: state.problem?.status ?? 200 },
    <Confirmation state={state} label="Revoke the identifier" back={back} tone="danger">
      <p>
        Requests with it are not recognised as {client} any more: a key is refused, an address becomes a
        caller of its own. Usage so far stays with {client}. It cannot be undone.
      </p>
    </Confirmation>,
  );
}

export const moveIdentifierPage: ConsolePage = {
  path: '/clients/:id/identifiers/:identifier/move',
  get: (c) => renderMove(c, FRESH),
  async post(c) {
    const { path, back } = placeOf(c);
    const values = await formOf(c);
    const { to, from, until, reason, confirmed } = values;
    const dryRun = confirmed !== 'yes';
    const body = { to, from: utcOf(from), until: utcOf(until), reason, dryRun };
    const moved = await api(c).post<MoveJson>(`${path}/move`, body);
    if (!moved.ok) return renderMove(c, { values, problem: moved.problem });
    return dryRun ? previewMove(c, values, moved.value) : seeDone(c, back, 'moved');
  },
};

/** What would move and what billing makes of it, with the form to do it. */
function previewMove(c: PageContext, values: FormState['values'], { posts, effect, toClient }: MoveJson) {
  const { client, back } = placeOf(c);
  const { to = '', from = '', until = '', reason = '' } = values;
  return page(
    c,
    { title: `Move an identifier of ${client} to ${toClient}` },
    <Confirmation
      state={FRESH}
      label="Move the identifier"
      back={back}
      tone="danger"
      hidden={{ to, from, until, reason, confirmed: 'yes' }}
    >
      {effect === null ? null : (
        <>
          <Facts
            facts={[
              ['Posts moved', <Count value={posts} />],
              ['Breaches of both before', <BreachCount sum={effect.before} />],
              ['Breaches of both after', <BreachCount sum={effect.after} />],
            ]}
          />
          <ChangedDrafts invoices={effect.invoices} />
        </>
      )}
      <p class="hint">Usage that arrives later moves too.</p>
    </Confirmation>,
  );
}

function renderMove(c: PageContext, state: FormState) {
  const { client, back } = placeOf(c);
  return page(
    c,
    { title: `Move an identifier of ${client}`, status: state.problem?.status ?? 200 },
    <Confirmation state={state} label="Preview" back={back}>
      <p>
        The identifier belongs to another client, with its usage from a moment on. Billing recomputes both
        clients; issued invoices get a supplement or a credit note.
      </p>
      <Field
        name="to"
        label="To the client"
        state={state}
        required
        hint="Its id, as the list of clients shows it."
      />
      <Field name="from" label="Usage from (UTC)" state={state} type="datetime-local" required />
      <Field
        name="until"
        label="Usage until (UTC)"
        state={state}
        type="datetime-local"
        hint="Empty: permanently; the key or range moves too."
      />
      <Field name="reason" label="Reason" state={state} required hint="Recorded in the audit log." />
    </Confirmation>,
  );
}
