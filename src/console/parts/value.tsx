/** Single values: moments, amounts, counts and shares. Each has its exact value in the markup beside the text. */

import type { Child } from 'hono/jsx';

/** The field of the API that the value shows, as `PATH#POINTER` (RFC 6901): `/v1/overview#/counts/over`. */
interface FromApi {
  readonly api?: string | undefined;
}

/** `2026-03-02 02:01`, in UTC. Pages say once that times are UTC. @param at ISO 8601 in UTC. */
export function Moment({ at, api, seconds = false }: FromApi & { at: string | null; seconds?: boolean }) {
  if (at === null) return <None />;
  const text = at.slice(0, seconds ? 19 : 16).replace('T', ' ');
  return (
    <time datetime={at} title={`${at.replace('T', ' ').replace('Z', '')} UTC`} data-api={api}>
      {text}
    </time>
  );
}

/** An amount with its currency. @param soFar the amount of a draft, which may still change. */
export function Money(props: FromApi & { amount: string; currency: string; soFar?: boolean }) {
  const { amount, currency, soFar = false, api } = props;
  return (
    <data class={soFar ? 'money so-far' : 'money'} value={amount} data-api={api}>
      <small>{currency}</small> {grouped(amount)}
      {soFar ? <small> so far</small> : null}
    </data>
  );
}

/** A count with separated thousands. */
export function Count({ value, unit, api }: FromApi & { value: number | string | null; unit?: string }) {
  if (value === null) return <None />;
  return (
    <data class="count" value={String(value)} data-api={api}>
      {grouped(String(value))}
      {unit === undefined ? null : <small> {unit}</small>}
    </data>
  );
}

const BAR_WIDTH = 120;
const BAR_HEIGHT = 8;

/** A share of a threshold with a bar: 1 is the threshold, which the bar marks in its middle. */
export function Share({ value, api }: FromApi & { value: number | null }) {
  if (value === null) return <None />;
  const width = Math.min(2, Math.max(0, value)) * (BAR_WIDTH / 2);
  const level = value >= 1 ? 'over' : value >= 0.8 ? 'near' : 'under';
  return (
    <data class={`share ${level}`} value={String(value)} data-api={api}>
      <svg
        width={BAR_WIDTH}
        height={BAR_HEIGHT}
        viewBox={`0 0 ${BAR_WIDTH} ${BAR_HEIGHT}`}
        aria-hidden="true"
      >
        <rect class="track" width={BAR_WIDTH} height={BAR_HEIGHT} rx="2" />
        <rect class="fill" width={width} height={BAR_HEIGHT} rx="2" />
        <path class="mark" d={`M${BAR_WIDTH / 2} 0V${BAR_HEIGHT}`} />
      </svg>
      {percent(value)}
    </data>
  );
}

/** A share as `81.2 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** The absence of a value. */
export function None({ children = '–' }: { children?: Child }) {
  return <span class="none">{children}</span>;
}

/** Separates the thousands of a decimal number: `1,600,000.50`. */
export function grouped(number: string): string {
  const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(.*)$/.exec(number) ?? [];
  if (whole === '') return number;
  return sign + whole.replaceAll(/\B(?=(\d{3})+$)/g, ',') + rest;
}
