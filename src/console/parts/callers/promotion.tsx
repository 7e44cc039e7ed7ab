/** The form that names callers as one client, and what the naming or its undo would do. */

import type { z } from 'zod';
import type { CallersSchema } from '../../../admin/routes/callers/callers.ts';
import type { PromotionResultSchema } from '../../../admin/routes/callers/promotion-schemas.ts';
import { counted } from '../../../report/counted.ts';
import { Facts } from '../figure.tsx';
import { Field, type FormState, PostForm, Submit } from '../form.tsx';
import { Notice } from '../notice.tsx';
import { Count, Money } from '../value.tsx';
import { ChargedAmounts } from './callers.tsx';

type Chosen = NonNullable<z.output<typeof CallersSchema>['chosen']>;
type Result = z.output<typeof PromotionResultSchema>;
type Effect = Pick<Result, 'before' | 'invoices'>;

/** @param from start of the range that is shown, ISO 8601 in UTC. */
export function PromotionForm({ chosen, from, state }: { chosen: Chosen; from: string; state: FormState }) {
  return (
    <PostForm state={state} id="promote">
      <h3>Name them as one client</h3>
      <input type="hidden" name="callers" value={chosen.callerIds.join(' ')} />
      <Field
        name="client"
        field="client.id"
        label="Client"
        state={state}
        required
        hint="The id of an existing client, or of a new one: a-z, 0-9, _ and -."
      />
      <Field name="name" field="client.name" label="Name of a new client" state={state} />
      <Field
        name="ranges"
        label="Ranges"
        state={state}
        lines={4}
        value={chosen.ranges.join('\n')}
        hint="They recognise the client from now on. Strangers in a range are billed with it. Empty: only the usage so far moves."
      />
      <Field
        name="from"
        label="Back-dated to (UTC)"
        state={state}
        type="datetime-local"
        required
        value={from.slice(0, 16)}
        hint="Usage from this time on moves to the client."
      />
      <Field name="reason" label="Reason" state={state} required hint="Recorded in the audit log." />
      <p class="buttons">
        <Submit tone="primary">Preview</Submit>
      </p>
    </PostForm>
  );
}

/** What moves, the breaches before and after, and the drafts that billing makes of it. */
export function PromotionPreview({ result }: { result: Result }) {
  const { client, moved, ranges, before, after, invoices } = result;
  return (
    <>
      <Facts
        facts={[
          ['Client', `${client.id} (${client.isNew ? 'new' : 'existing'})`],
          ['Callers', <Count value={moved.callers} />],
          ['Posts moved', <Count value={moved.posts} />],
          ['Ranges added', ranges.added.length === 0 ? null : ranges.added.slice(0, 20).join(', ')],
          ['Breaches before', <BreachCount sum={before} />],
          ['Breaches after', <BreachCount sum={after} />],
        ]}
      />
      {ranges.uncovered === 0 ? null : (
        <Notice
          tone="warn"
          title={`${counted(ranges.uncovered, 'caller is', 'callers are')} in none of the ranges`}
        >
          <p>Their later usage stays with their addresses.</p>
        </Notice>
      )}
      <ChangedDrafts invoices={invoices} />
      <p class="hint">Posts that are served in the meantime come on top.</p>
    </>
  );
}

/** The drafts that the next billing run makes or changes. */
export function ChangedDrafts({ invoices }: Pick<Effect, 'invoices'>) {
  if (invoices.length === 0) return <p>No draft changes.</p>;
  return (
    <ul>
      {invoices.map(({ id, clientId, kind, status, amount, currency }) => (
        <li>
          {clientId}:{' '}
          {status === 'void'
            ? 'the draft becomes void'
            : `${id === null ? 'a new' : 'the'} ${KINDS[kind]} of `}
          {status === 'void' ? null : <Money amount={amount} currency={currency} />}
        </li>
      ))}
    </ul>
  );
}

const KINDS = { invoice: 'invoice', supplement: 'supplement', credit_note: 'credit note' } as const;

/** How many breaches, and what they come to. */
export function BreachCount({ sum }: { sum: Effect['before'] }) {
  return (
    <>
      <Count value={sum.breaches} /> {sum.breaches === 0 ? null : <ChargedAmounts amounts={sum.amounts} />}
    </>
  );
}
