import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AskersOptions, Recognised } from '../../../src/identify/asker/askers.ts';
import { SHIPPED_AGENTS } from '../../../src/identify/asker/catalogue/shipped-agents.ts';
import type { AskingClient } from '../../../src/identify/asker/classify.ts';
import type { AddressVerdict, SignatureOutcome } from '../../../src/identify/asker/port.ts';
import { NO_KNOWLEDGE } from '../../../src/identify/asker/unchecked.ts';
import { identifySettingsSchema } from '../../../src/identify/settings.ts';
import { ASKER_CLASSES, type Asker } from '../../../src/rights/asker.ts';
import { DEFAULT_MATRIX, type Matrix, withheldMasks } from '../../../src/rights/matrix.ts';
import { PREFERENCES, RESTRICTED_STATES } from '../../../src/rights/state.ts';
import { askersFor } from '../../support/askers.ts';
import { draws } from '../../support/draws.ts';
import { AUTOMATED, PEOPLE } from './user-agents.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const CHROME = PEOPLE.find((userAgent) => userAgent.includes('Chrome/140'))!;
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1)';

interface Ask {
  readonly headers?: readonly string[];
  readonly userAgent?: string;
  readonly address?: string;
  readonly client?: Partial<AskingClient>;
  readonly posts?: number;
  readonly nowMs?: number;
  readonly secure?: boolean;
  readonly peer?: string;
}

/** Classifies requests of one gateway. */
function classifier(options: Partial<AskersOptions> = {}) {
  const askers = askersFor(options);
  return (ask: Ask): Asker => {
    const { address = '192.0.2.1', client = {}, posts = 0, nowMs = NOW_MS, secure = false, peer = '' } = ask;
    const headers = ask.headers ?? ['User-Agent', ask.userAgent ?? CHROME, 'Accept-Language', 'en'];
    const request = { method: 'GET', target: '/', headers, host: 'a.example', peer, secure };
    const recognised: Recognised = askers.recognise(request, address, nowMs);
    const known = { clientId: `addr:${address}`, address, class: null, by: 'address', ...client } as const;
    return askers.classify(recognised, known, request, posts, nowMs);
  };
}

const judging = (verdict: AddressVerdict['verdict'], operators: string[] = []): Partial<AskersOptions> => ({
  knowledge: {
    judge: () => ({ verdict, by: verdict === 'verified' ? 'range' : null }),
    operatorsOf: () => operators,
  },
});

describe('people', () => {
  it('are human up to humanMaxPosts, and beyond it with a session', () => {
    const reported: string[] = [];
    const sessions = [{ cookie: 'wordpress_logged_in_*' }, { header: 'X-Session' }];
    const ask = classifier({
      settings: identifySettingsSchema.parse({ humanMaxPosts: 100, sessions }),
      onNotHuman: (clientId) => reported.push(clientId),
    });
    const classOf = (posts: number, ...more: string[]) =>
      ask({ posts, headers: ['User-Agent', CHROME, 'Accept-Language', 'en', ...more] }).class;
    expect([classOf(0), classOf(100), classOf(101)]).toEqual(['human', 'human', 'unknown']);
    expect(classOf(101, 'Cookie', 'a=1; wordpress_logged_in_4f=user')).toBe('human');
    expect(classOf(101, 'COOKIE', 'wordpress_logged_in_4f=')).toBe('unknown');
    expect(classOf(101, 'Cookie', 'Wordpress_Logged_In_4f=1; x=wordpress_logged_in_4f=1')).toBe('unknown');
    expect(classOf(101, 'x-session', 'abc')).toBe('human');
    expect(classOf(101, 'x-session', '')).toBe('unknown');
    expect(reported).toEqual(['addr:192.0.2.1']);
    ask({ posts: 101, nowMs: NOW_MS + 86_400_000 });
    expect(reported).toEqual(['addr:192.0.2.1', 'addr:192.0.2.1']);
  });

  it('send Sec-Fetch-* over https, by the connection or the word of a trusted proxy', () => {
    const ask = classifier({ peer: (peer) => ({ address: peer ?? '', trusted: peer === '10.0.0.1' }) });
    const browser = ['User-Agent', CHROME, 'Accept-Language', 'en'];
    const proxied = [...browser, 'X-Forwarded-Proto', 'https'];
    expect(ask({ headers: browser }).class).toBe('human');
    expect(ask({ headers: browser, secure: true }).class).toBe('unknown');
    expect(ask({ headers: proxied, peer: '192.0.2.1' }).class).toBe('human');
    expect(ask({ headers: proxied, peer: '10.0.0.1' }).class).toBe('unknown');
    expect(ask({ headers: [...proxied, 'Sec-Fetch-Mode', 'cors'], peer: '10.0.0.1' }).class).toBe('human');
  });
});

describe('a claimed search crawler', () => {
  it('has a grace of 20 requests or 10 seconds for each address while its check is pending', () => {
    const ask = classifier(judging('pending'));
    const isGraced = (address: string, nowMs: number) =>
      ask({ userAgent: GOOGLEBOT, address, nowMs }).alsoAs === undefined;
    const requests = Array.from({ length: 25 }, () => isGraced('192.0.2.1', NOW_MS));
    expect(requests.lastIndexOf(true)).toBe(19);
    expect([0, 9_999, 10_000, 3_600_000].map((ms) => isGraced('192.0.2.2', NOW_MS + ms))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(ask({ userAgent: GOOGLEBOT })).toMatchObject({
      class: 'search',
      alsoAs: 'unknown',
      verdict: 'pending',
    });
  });

  it.each([
    ['an uncheckable claim', 'uncheckable', GOOGLEBOT],
    ['another class', 'pending', 'GPTBot/1.2'],
  ] as const)('has no grace: %s', (_, verdict, userAgent) => {
    expect(classifier(judging(verdict))({ userAgent }).alsoAs).toBe('unknown');
  });

  it('has none if the configuration says so', () => {
    const ask = classifier({ ...judging('pending'), grace: { requests: 0, seconds: 10 } });
    expect(ask({ userAgent: GOOGLEBOT }).alsoAs).toBe('unknown');
  });
});

describe('signatures', () => {
  it('are checked only if the request carries Signature-Input', () => {
    const checked: unknown[] = [];
    const outcome: SignatureOutcome = {
      signer: 'https://chatgpt.com/',
      outcome: 'verified',
      grade: 'bound',
      reason: null,
    };
    const signatures = {
      check: (request: unknown) => {
        checked.push(request);
        return outcome;
      },
    };
    const ask = classifier({ signatures });
    expect(ask({}).class).toBe('human');
    const headers = ['User-Agent', CHROME, 'Accept-Language', 'en', 'Signature-Input', 'a=()'];
    expect(ask({ headers })).toEqual({
      class: 'user_fetch',
      agent: 'ChatGPT Agent',
      verdict: 'verified',
      evidence: 'signature',
    });
    const address = { text: '192.0.2.1', bytes: [192, 0, 2, 1] };
    expect(checked).toEqual([
      { method: 'GET', target: '/', host: 'a.example', secure: false, headers, address, nowMs: NOW_MS },
    ]);
  });
});

describe('knowledge of addresses', () => {
  it('is asked again after 10 seconds', () => {
    let operators: string[] = [];
    const ask = classifier({ knowledge: { ...NO_KNOWLEDGE, operatorsOf: () => operators } });
    expect(ask({}).class).toBe('human');
    operators = ['OpenAI'];
    expect(ask({ nowMs: NOW_MS + 9_999 }).class).toBe('human');
    expect(ask({ nowMs: NOW_MS + 10_000 }).class).toBe('ai_training');
  });

  it('does not cover an address that cannot be read', () => {
    expect(classifier(judging('pending', ['OpenAI']))({ address: 'unknown' }).class).toBe('human');
  });
});

/** The states that an asker does not receive: those of either class. Written without the masks of the gateway's code. */
function withheldFrom(asker: Asker, matrix: Matrix): ReadonlySet<string> {
  const classes = asker.alsoAs === undefined ? [asker.class] : [asker.class, asker.alsoAs];
  if (classes.includes('forged')) return new Set([...PREFERENCES, ...RESTRICTED_STATES, 'all']);
  return new Set(
    classes.flatMap((name) => (name === 'human' || name === 'first_party' ? [] : (matrix[name] ?? []))),
  );
}

describe('a User-Agent', () => {
  const known = { verdict: 'pending' as AddressVerdict['verdict'], operators: [] as string[] };
  const knowledge = {
    judge: () => ({ verdict: known.verdict, by: null }),
    operatorsOf: () => known.operators,
  };
  const ask = classifier({ knowledge, grace: { requests: 0, seconds: 0 } });
  const words = fc.oneof(
    fc.constantFrom(...SHIPPED_AGENTS.map(({ token }) => token)),
    fc.constantFrom(...PEOPLE, ...AUTOMATED),
    fc.string({ maxLength: 30 }),
  );
  const userAgents = fc
    .array(words, { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join(' '))
    .filter((text) => /^[ -~]*$/.test(text));
  const states = fc.subarray([...PREFERENCES, ...RESTRICTED_STATES]);
  const concerned = ASKER_CLASSES.filter((name) => name !== 'human' && name !== 'first_party');
  const matrices = fc.oneof(
    fc.constant(DEFAULT_MATRIX),
    fc.dictionary(fc.constantFrom(...concerned), states).map((matrix) => matrix as Matrix),
  );
  const verdicts = fc.constantFrom('forged', 'pending', 'uncheckable') as fc.Arbitrary<
    AddressVerdict['verdict']
  >;

  it('never earns a class that receives more than an unknown client does, except that of people', () => {
    fc.assert(
      fc.property(userAgents, verdicts, matrices, (userAgent, verdict, matrix) => {
        known.verdict = verdict;
        known.operators = [];
        const asker = ask({ userAgent });
        const withheld = withheldFrom(asker, matrix);
        const byMask = withheldMasks(matrix);
        // People who took too much do not become human by any User-Agent.
        expect(ask({ userAgent, posts: 10_001 }).class).not.toBe('human');
        if (asker.class === 'human') return;
        expect(['forged', 'unknown']).toContain(asker.alsoAs ?? asker.class);
        for (const state of matrix.unknown ?? []) expect(withheld).toContain(state);
        if (asker.class !== 'forged') {
          const mask = byMask[asker.class] | byMask[asker.alsoAs ?? asker.class];
          expect(mask & byMask.unknown).toBe(byMask.unknown);
        }
      }),
      { numRuns: draws(1_000) },
    );
  });

  const openAi = SHIPPED_AGENTS.filter(({ operator }) => operator === 'OpenAI').map(({ token }) => token);

  it('earns no more than the strictest agent of the operator whose address it has, unless it names one of them', () => {
    fc.assert(
      fc.property(userAgents, verdicts, (userAgent, verdict) => {
        known.verdict = verdict;
        known.operators = ['OpenAI'];
        const asker = ask({ userAgent, address: '192.0.2.2' });
        const isNamed = openAi.some((token) => userAgent.toLowerCase().includes(token.toLowerCase()));
        if (!isNamed) expect(['forged', 'ai_training']).toContain(asker.class);
      }),
      { numRuns: draws(500) },
    );
  });
});
