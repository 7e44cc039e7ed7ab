/** What happened to one object, in order of time. */

import type { Child } from 'hono/jsx';
import { Moment } from './value.tsx';

export interface TimelineEntry {
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly title: Child;
  readonly by?: string;
  readonly detail?: Child;
}

export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  return (
    <ol class="timeline">
      {entries.map(({ at, title, by, detail }) => (
        <li>
          <Moment at={at} />
          <div>
            <strong>{title}</strong>
            {by === undefined ? null : <small> by {by}</small>}
            {detail === undefined ? null : <div>{detail}</div>}
          </div>
        </li>
      ))}
    </ol>
  );
}
