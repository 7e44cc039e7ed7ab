/** Cells of lists of clients: who it is and its states, when it will be over its threshold, and what that comes to. */

import type { z } from '@hono/zod-openapi';
import type { ClientNowSchema } from '../../admin/routes/clients/client-now-schema.ts';
import { Badge } from './badge.tsx';
import { Moment, Money, None } from './value.tsx';

type ClientNowJson = z.infer<typeof ClientNowSchema>;

export interface ClientWithFigures {
  readonly id: string;
  readonly name: string;
  readonly now: ClientNowJson;
}

/** The client's id as a link, its name, and what is unusual about it. */
export function ClientCell({ client }: { client: ClientWithFigures }) {
  const { id, name, now } = client;
  return (
    <>
      <a href={`/clients/${encodeURIComponent(id)}`}>{id}</a>{' '}
      {name === id ? null : (
        <small>
          <bdi>{name}</bdi>
        </small>
      )}{' '}
      {now.breach === null ? null : (
        <Badge tone={now.breach === 'open' ? 'bad' : 'warn'}>
          {now.breach === 'open' ? 'in breach' : 'settling'}
        </Badge>
      )}{' '}
      {now.isOnHold ? <Badge tone="warn">on hold</Badge> : null}
    </>
  );
}

/** Since when the total is over the threshold, or when it will be if the pace continues. */
export function OverAt({ now }: { now: ClientNowJson }) {
  const { share, overAt } = now;
  if (share === null) return <None />;
  if (share > 1) {
    return overAt === null ? (
      <>just now</>
    ) : (
      <>
        since <Moment at={overAt} />
      </>
    );
  }
  if (overAt === null) return <None>not at this pace</None>;
  return (
    <>
      about <Moment at={overAt} />
    </>
  );
}

/** What the client owes so far, or the least that exceeding the threshold comes to. */
export function ComesTo({ now }: { now: ClientNowJson }) {
  const { drafts, ifCrossed, share } = now;
  if (drafts.length > 0) return <Amounts amounts={drafts} soFar />;
  if (ifCrossed === null) return <None />;
  return (
    <>
      <Money {...ifCrossed} /> <small>{share !== null && share > 1 ? 'at least' : 'if crossed'}</small>
    </>
  );
}

/** Amounts of several currencies one below the other, because they cannot be added. */
export function Amounts(props: { amounts: ClientNowJson['drafts']; soFar?: boolean; api?: string }) {
  const { amounts, soFar = false, api } = props;
  if (amounts.length === 0) return <None />;
  return amounts.map((sum, index) => (
    <>
      {index === 0 ? null : <br />}
      <Money
        amount={sum.amount}
        currency={sum.currency}
        soFar={soFar}
        api={api === undefined ? undefined : `${api}/${index}/amount`}
      />
    </>
  ));
}
