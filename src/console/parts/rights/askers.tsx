/** What the pages of askers, rights and the policy share: classes, verdicts and states as words. */

import type { AgentVerdict, AskerClass } from '../../../rights/asker.ts';
import type { PageContext } from '../../context.ts';
import { Badge } from '../badge.tsx';
import type { Tone } from '../notice.tsx';
import { None } from '../value.tsx';

const TABS = [
  ['/askers', 'Who asks'],
  ['/askers/agents', 'Agents'],
] as const;

export function AskerTabs({ c }: { c: PageContext }) {
  return (
    <nav class="tabs" aria-label="Askers">
      {TABS.map(([path, label]) => (
        <a href={path} aria-current={c.req.path === path ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
  );
}

const VERDICT_TONES: Readonly<Record<AgentVerdict, Tone>> = {
  ...{ verified: 'good', forged: 'bad', pending: 'info', uncheckable: 'quiet' },
};

export function VerdictBadge({ verdict }: { verdict: AgentVerdict | null }) {
  if (verdict === null) return <None />;
  return <Badge tone={VERDICT_TONES[verdict]}>{verdict}</Badge>;
}

/** @param alsoAs the second class of an asker that gets only what both classes may have. */
export function ClassName(props: { class: AskerClass; alsoAs?: AskerClass | null }) {
  const { class: own, alsoAs = null } = props;
  return (
    <>
      {codeText(own)}
      {alsoAs === null ? null : <small> and {codeText(alsoAs)}</small>}
    </>
  );
}

/** A code of the API as words: `ai_training` is `AI training`. */
export function codeText(code: string): string {
  return code.replaceAll('_', ' ').replace(/\bai\b/, 'AI');
}

/** Names of states, in the order of the API. */
export function StateList({ states }: { states: readonly string[] }) {
  return states.length === 0 ? <None /> : <span>{states.map(codeText).join(', ')}</span>;
}
