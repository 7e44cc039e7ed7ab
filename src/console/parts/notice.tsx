/** Notices: what an action did, what is wrong, and why a list is empty. */

import type { Child, PropsWithChildren } from 'hono/jsx';
import type { ProblemJson } from '../../admin/problem.ts';

/** `good` confirms, `warn` asks for attention, `bad` reports a failure, `info` explains. */
export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet';

const SYMBOLS: Readonly<Record<Tone, string>> = { good: '✓', warn: '!', bad: '✕', info: 'i', quiet: '·' };

/** @param hasFocus the notice is the answer to the person's action: it gets the focus and is read out. */
export function Notice(props: PropsWithChildren<{ tone: Tone; title?: string; hasFocus?: boolean }>) {
  const { tone, title, hasFocus = false, children } = props;
  const focus = hasFocus ? { tabindex: -1, autofocus: true } : {};
  return (
    <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'} {...focus}>
      <span class="symbol" aria-hidden="true">
        {SYMBOLS[tone]}
      </span>
      <div>
        {title === undefined ? null : <strong>{title}</strong>}
        {children}
      </div>
    </div>
  );
}

/** A problem of the API in words: each field with its reason and how to fix it. */
export function ProblemNotice({ problem, hasFocus = true }: { problem: ProblemJson; hasFocus?: boolean }) {
  const errors = problem.errors ?? [];
  return (
    <Notice tone="bad" title={problem.title} hasFocus={hasFocus}>
      {errors.length === 0 ? (
        <p>{problem.detail}</p>
      ) : (
        <ul>
          {errors.map(({ field, reason, hint }) => (
            <li>
              <code>{field}</code> {reason}: {hint}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

/** Why there is nothing to see, and what to do next. */
export function Empty({ title, children }: { title: string; children?: Child }) {
  return (
    <div class="empty">
      <p>
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  );
}
