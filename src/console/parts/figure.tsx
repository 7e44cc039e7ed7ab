/** Figures: a label, a value and a note, in a row of tiles; and facts of one object as a list. */

import type { Child, PropsWithChildren } from 'hono/jsx';

export function Figures({ children, label }: PropsWithChildren<{ label: string }>) {
  return (
    <section class="figures" aria-label={label}>
      {children}
    </section>
  );
}

/** @param href the list behind the figure. */
export function Figure(props: PropsWithChildren<{ label: string; note?: Child; href?: string }>) {
  const { label, note, href, children } = props;
  return (
    <div class="figure">
      <p class="label">{href === undefined ? label : <a href={href}>{label}</a>}</p>
      <p class="value">{children}</p>
      {note === undefined ? null : <p class="note">{note}</p>}
    </div>
  );
}

/** Names and values of one object. Facts without a value are left out. */
export function Facts({ facts }: { facts: ReadonlyArray<readonly [name: string, value: Child | null]> }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) =>
        value === null ? null : (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** A part of a page with a heading. */
export function Panel(props: PropsWithChildren<{ title: string; id?: string; aside?: Child }>) {
  const { title, id, aside, children } = props;
  return (
    <section class="panel" id={id} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside === undefined ? null : <div class="aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}
