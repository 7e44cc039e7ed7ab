/** A state in a word and a shape, so that colour is never the only difference. */

import type { Tone } from './notice.tsx';

const SHAPES: Readonly<Record<Tone, string>> = { good: '●', warn: '▲', bad: '■', info: '◆', quiet: '○' };

export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span class={`badge ${tone}`}>
      <span aria-hidden="true">{SHAPES[tone]}</span> {children}
    </span>
  );
}
