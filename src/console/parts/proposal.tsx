/** Proposals in words: what they do, on what, and how they ended. */

import type { ProposalJson } from '../../admin/routes/proposals/proposal-json.ts';
import { Badge } from './badge.tsx';
import type { Tone } from './notice.tsx';

export const PROPOSAL_WORDS: Readonly<Record<ProposalJson['kind'], string>> = {
  bank_account: 'Bank account',
  write_off: 'Write-off',
  credit_note: 'Manual credit note or supplement',
};

const TONES: Readonly<Record<NonNullable<ProposalJson['decision']>, Tone>> = {
  accepted: 'good',
  rejected: 'bad',
  withdrawn: 'quiet',
};

export function ProposalBadge({ decision }: Pick<ProposalJson, 'decision'>) {
  return decision === null ? (
    <Badge tone="warn">waits</Badge>
  ) : (
    <Badge tone={TONES[decision]}>{decision}</Badge>
  );
}

/** A link to the page of the concerned invoice; other subjects are text. */
export function ProposalSubject({ subject }: { subject: string }) {
  const [kind, id] = subject.split('/');
  return kind === 'invoices' ? <a href={`/invoices/${id}`}>{subject}</a> : <code>{subject}</code>;
}
