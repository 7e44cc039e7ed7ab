/** What holds for the resource of a request: the registry, its age, free paths, and the record of the answer. */

import { describe, expect, it } from 'vitest';
import { RouteProblems } from '../../src/count/route/problem.ts';
import { ResourceRights, resourceRights } from '../../src/exchange/resource-rights.ts';
import { GatewayCounters } from '../../src/report/gateway-counters.ts';
import type { Asker, AskerClass } from '../../src/rights/asker.ts';
import { NOT_EVALUATED, NOT_KNOWN } from '../../src/rights/enforcement.ts';
import type { RegistryAge, RightsLookup } from '../../src/rights/port.ts';
import { compileSubjectRules } from '../../src/rights/request-subjects.ts';
import { maskOf, NO_STATES, type State } from '../../src/rights/state.ts';
import { type Subject, subjectText } from '../../src/rights/subject.ts';
import { policySchema } from '../../src/terms/policy.ts';

const NOW_MS = Date.UTC(2026, 2, 1);
const FRESH: RegistryAge = { sequence: 7, readAtMs: NOW_MS - 1_000 };
const STALE: RegistryAge = { sequence: 7, readAtMs: NOW_MS - 301_000 };

interface Setup {
  readonly enforcement?: object | null;
  readonly regime?: string;
  readonly asOf?: RegistryAge | null;
  readonly states?: Readonly<Record<string, State[]>>;
}

function rig({ enforcement = { mode: 'enforce' }, regime = 'opt_out', asOf = FRESH, states = {} }: Setup) {
  const policy =
    enforcement === null
      ? null
      : policySchema.parse({
          terms: { version: '1', url: 'https://platform.example/tos' },
          rightsholder: { name: 'Platform Inc.', email: 'rights@platform.example' },
          ...{ regime, enforcement },
        });
  const asked: Subject[][] = [];
  const rights: RightsLookup = {
    asOf,
    statesOf: (subjects) => {
      asked.push([...subjects]);
      return subjects.map((subject) => {
        const on = states[subjectText(subject)];
        return on === undefined ? NO_STATES : { on: maskOf(on), off: 0 };
      });
    },
  };
  const tally = new GatewayCounters();
  const deps = {
    ...{ rights, tally },
    subjectRules: compileSubjectRules(
      [{ path: '/**', kind: 'post', from: 'query p', scope: 'host' }],
      new RouteProblems(),
    ),
  };
  const of = (own: AskerClass, path: string, method = 'GET'): ResourceRights => {
    const asker: Asker = { class: own, agent: null, verdict: null, evidence: 'behaviour' };
    const request = { asker, clientId: 'acme', method, path, hosts: () => ['a.example'], route: '/r' };
    const found = resourceRights(deps, request, policy, NOW_MS);
    if (!(found instanceof ResourceRights)) throw new Error('it waits');
    return found;
  };
  const recorded = (one: ResourceRights) => {
    one.record(false, 3);
    return tally.exposure.take(false)[0]!;
  };
  return { of, asked, recorded };
}

const BLOG = subjectText({ kind: 'blog', scope: '', name: 'a.example' });

describe('the registry', () => {
  it.each<[AskerClass, RegistryAge | null, number | undefined]>([
    ['partner', FRESH, undefined],
    ['partner', STALE, 503],
    ['partner', null, 503],
    ['ai_training', STALE, 503],
    ['search', STALE, undefined],
    ['unknown', null, undefined],
    ['human', null, undefined],
  ])('serves %s with a registry %j by %s', (own, asOf, status) => {
    const refusal = rig({ asOf }).of(own, '/x').refusal();
    expect(refusal?.status).toBe(status);
    if (status === 503) expect(refusal?.headers['retry-after']).toBe('30');
  });

  it('withholds by what is known, although it is old', () => {
    const { of, recorded } = rig({ asOf: STALE, states: { [BLOG]: ['private'] } });
    expect(of('search', '/x').refusal()?.status).toBe(404);
    expect(recorded(of('search', '/x')).mask).toBe(NOT_KNOWN | maskOf(['private']));
  });

  it('is not asked for people, without a policy, or in mode off', () => {
    const on = rig({});
    expect(recordedMask(on, 'human')).toBe(0);
    expect(recordedMask(on, 'first_party')).toBe(0);
    const without = rig({ enforcement: null });
    expect(recordedMask(without, 'partner')).toBe(NOT_EVALUATED);
    const off = rig({ enforcement: { mode: 'off' } });
    expect(recordedMask(off, 'partner')).toBe(NOT_EVALUATED);
    expect([...on.asked, ...without.asked, ...off.asked]).toEqual([]);
  });
});

function recordedMask({ of, recorded }: ReturnType<typeof rig>, own: AskerClass): number {
  return recorded(of(own, '/x')).mask;
}

it('an opt-in regime withholds from training what nothing allows', () => {
  const { of } = rig({ regime: 'opt_in' });
  expect(of('ai_training', '/x').refusal()?.status).toBe(403);
  expect(of('search', '/robots.txt').refusal()).toBeNull();
});

describe('a free path', () => {
  const { of } = rig({ states: { [BLOG]: ['private'] } });

  it.each([
    ['/robots.txt', 'GET', undefined],
    ['/robots.txt', 'POST', 404],
    ['/robots.txt?p=5', 'GET', 404],
    ['/x', 'GET', 404],
  ])('%s by %s is answered with %s', (path, method, status) => {
    expect(of('search', path, method).refusal()?.status).toBe(status);
  });

  it('is served to a forged agent too', () => {
    expect(of('forged', '/robots.txt').refusal()).toBeNull();
    expect(of('forged', '/x').refusal()?.status).toBe(403);
  });
});

it('declarations of the platform add to what the registry knows', () => {
  const { of, recorded } = rig({ states: { [BLOG]: ['no_archive'] } });
  const rights = of('ai_training', '/x');
  expect(rights.refusal()).toBeNull();
  rights.declare(maskOf(['no_training']));
  expect(rights.refusal()?.headers.link).toContain('rel="license"');
  expect(recorded(rights)).toMatchObject({
    mask: maskOf(['no_archive', 'no_training']),
    posts: 3,
    route: '/r',
  });
});

it('in shadow mode nothing is refused, and nothing is held', () => {
  const rights = rig({ enforcement: { mode: 'shadow' }, states: { [BLOG]: ['private'] } }).of('search', '/x');
  expect([rights.refusal(), rights.isJudged, rights.isEnforced]).toEqual([null, true, false]);
});
