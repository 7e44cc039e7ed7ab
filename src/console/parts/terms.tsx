/** The terms of a tariff: as a sentence, and as the fields of a form. */

import type { z } from 'zod';
import type { TariffTerms } from '../../admin/routes/tariffs/tariff-schemas.ts';
import { Field, type FormState } from './form.tsx';
import { grouped } from './value.tsx';

export type TermsJson = z.output<typeof TariffTerms>;

/** `More than 1,000,000 posts in 24 h: USD 15,000.00 per 1,000,000, all posts, prorated`. */
export function termsSentence(terms: TermsJson | null): string {
  if (terms === null) return 'follows the default tariff';
  if (terms.kind === 'exempt') return 'exempt: metered, never billed';
  const price = `${terms.currency} ${grouped(terms.price ?? '')} per ${grouped(String(terms.block))}`;
  const counted = terms.count === 'unique' ? ' unique' : '';
  if (terms.kind === 'licence') {
    const included = `${grouped(String(terms.included))}${counted} posts a month included`;
    return `licence: ${included}, then ${price}, ${terms.rounding}`;
  }
  const over = `more than ${grouped(String(terms.threshold))}${counted} posts in ${duration(terms.windowSeconds)}`;
  const refused = terms.onThreshold === 'refuse' ? ', refused beyond' : '';
  return `${over}: ${price}, ${terms.basis}, ${terms.rounding}${refused}`;
}

function duration(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds} s`;
}

const OPTIONS = {
  kind: [
    ['damages', 'damages'],
    ['licence', 'licence'],
    ['exempt', 'exempt'],
  ],
  basis: [
    ['all', 'all posts of a breach'],
    ['excess', 'only posts beyond the threshold'],
  ],
  rounding: [
    ['prorated', 'prorated'],
    ['completed', 'completed blocks'],
    ['started', 'started blocks'],
  ],
  onThreshold: [
    ['bill', 'bill'],
    ['refuse', 'refuse (429)'],
  ],
} as const;

/** @param terms the values of a fresh form. */
export function TermsFields({ state, terms }: { state: FormState; terms: TermsJson | null }) {
  const given = (terms ?? {}) as Readonly<Record<string, unknown>>;
  const textOf = (name: string) => (given[name] === undefined ? undefined : String(given[name]));
  const field = (name: string, label: string, more: Partial<Parameters<typeof Field>[0]> = {}) => (
    <Field name={name} field={`terms.${name}`} label={label} state={state} value={textOf(name)} {...more} />
  );
  return (
    <div class="fields">
      {field('kind', 'Kind', { options: OPTIONS.kind })}
      {field('threshold', 'Threshold', { inputmode: 'numeric', hint: 'Of damages: posts in a window.' })}
      {field('included', 'Included posts', { inputmode: 'numeric', hint: 'Of a licence: posts in a month.' })}
      {field('price', 'Price', { inputmode: 'decimal' })}
      {field('block', 'Per posts', { inputmode: 'numeric' })}
      {field('currency', 'Currency')}
      {field('basis', 'Basis', { options: OPTIONS.basis })}
      {field('rounding', 'Rounding', { options: OPTIONS.rounding })}
      {field('windowSeconds', 'Window in seconds', { inputmode: 'numeric' })}
      {field('onThreshold', 'On the threshold', { options: OPTIONS.onThreshold })}
    </div>
  );
}

const CHARGE = ['price', 'block', 'rounding', 'currency'];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  damages: ['threshold', ...CHARGE, 'basis', 'windowSeconds', 'onThreshold'],
  licence: ['included', ...CHARGE],
  exempt: [],
};
const NUMBERS = new Set(['threshold', 'included', 'block', 'windowSeconds']);

/** The terms of a submitted form. Fields of other kinds and empty ones are left out; the API checks the rest. */
export function termsOfForm(values: Readonly<Record<string, string>>): Record<string, unknown> {
  const kind = values.kind ?? 'damages';
  const terms: Record<string, unknown> = { kind };
  for (const name of FIELDS[kind] ?? []) {
    const text = values[name]?.trim() ?? '';
    if (text !== '') terms[name] = NUMBERS.has(name) ? numberOf(text) : text;
  }
  return terms;
}

/** People write thousands with separators. Text that is not a number stays text, which the API refuses with the reason. */
function numberOf(text: string): number | string {
  const plain = text.replaceAll(/[\s,_']/g, '');
  return /^\d{1,16}$/.test(plain) ? Number(plain) : text;
}
