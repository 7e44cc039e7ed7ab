import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PROJECTS } from '../vitest.config.ts';
import { cyclesIn, graphOf, IMPORTS, SOURCES, SRC } from './support/import-graph.ts';

const STAGES = [
  'identify',
  'admit',
  'callers',
  'forward',
  'exchange',
  'count',
  'meter',
  'tariff',
  'invoice',
  'report',
  'config',
  'probe',
  'verify',
  'evidence',
  'reconcile',
  'chart',
  'notify',
  'whatif',
  'rights',
  'terms',
  'seller',
  'receivable',
  'proposal',
  'document',
];

/** Names that are exported more than once, with the reason why that is clear to a reader. */
const SAME_MEANING = new Map([
  ['ExchangeContext', 'what an exchange needs, on each runtime'],
  ['MeteredWebSocket', 'a WebSocket whose messages are counted, on each runtime'],
  [
    'VERSION',
    'the version of the program: from package.json on Node, from a constant in the bundle of the Worker',
  ],
  ['boundedBody', "a request's body with a bound, on each runtime"],
  ['readBody', "a request's body that is read before it is forwarded, on each runtime"],
]);

/** Imports of a package or its sub-paths from files for which `allowed` returns false. */
function strays(pattern: RegExp, allowed: (file: string) => boolean): string[] {
  return IMPORTS.filter(({ file, specifier }) => pattern.test(specifier) && !allowed(file)).map(
    ({ file, specifier }) => `${file} imports ${specifier}`,
  );
}

const within =
  (...places: string[]) =>
  (file: string) =>
    places.some((place) => file === place || file.startsWith(`${place}/`));

describe('the layout', () => {
  it('is checked on real imports', () => {
    expect(IMPORTS.length).toBeGreaterThan(100);
  });

  it.each([
    ['node:*', /^node:/, within('adapters', 'entry')],
    ['hono', /^(hono|@hono\/)/, within('app.ts', 'admin', 'console', 'entry', 'adapters/node')],
    ['ioredis', /^ioredis/, within('adapters/redis', 'entry')],
    ['rate-limiter-flexible', /^rate-limiter-flexible/, within('adapters/redis', 'adapters/memory', 'entry')],
    ['postgres', /^postgres($|\/)/, within('adapters/postgres', 'entry')],
    ['drizzle-orm', /^drizzle-orm/, within('adapters/postgres', 'adapters/pglite', 'entry')],
    ['nodemailer', /^nodemailer/, within('adapters/node')],
    ['PGlite', /^@electric-sql\//, within('adapters/pglite', 'entry')],
    ['undici', /^undici/, () => false],
    ['@e-invoice-eu/core', /^@e-invoice-eu\//, within('adapters/node')],
    ['cloudflare:*', /^cloudflare:/, within('adapters/durable-object', 'adapters/worker', 'entry')],
  ])('keeps %s in its adapter', (_name, pattern, allowed) => {
    expect(strays(pattern, allowed)).toEqual([]);
  });

  it('forbids stages to import adapters, entries or the administration', () => {
    const reaching = IMPORTS.filter(
      ({ file, target }) =>
        target !== null &&
        within(...STAGES, 'gateway.ts', 'billing.ts')(file) &&
        within('adapters', 'entry', 'admin', 'console')(target),
    );
    expect(reaching).toEqual([]);
  });

  it('has no folder with more than 20 files', () => {
    const sizes = new Map<string, number>();
    for (const file of SOURCES) sizes.set(dirname(file), (sizes.get(dirname(file)) ?? 0) + 1);
    expect([...sizes].filter(([, size]) => size > 20)).toEqual([]);
  });

  it('forbids adapters to import entries', () => {
    const reaching = IMPORTS.filter(
      ({ file, target }) => target !== null && within('adapters')(file) && within('entry')(target),
    );
    expect(reaching).toEqual([]);
  });

  it('forbids stages to read a clock, the environment or random numbers', () => {
    const reads = SOURCES.filter(within(...STAGES, 'gateway.ts', 'billing.ts')).filter((file) =>
      /\b(Date\.now\(|new Date\(\)|process\.|Math\.random\(|performance\.now\(|setTimeout\(|setInterval\(|setImmediate\()/.test(
        readFileSync(join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
      ),
    );
    expect(reads).toEqual([]);
  });

  it('requires upper case for numeric constants, and MAX_ and MIN_ for limits', () => {
    const declarations = SOURCES.flatMap((file) =>
      [
        ...readFileSync(join(SRC, file), 'utf8').matchAll(
          /^(?:export )?const (\w+)(?:: number)? = ([^;]+);$/gm,
        ),
      ].map(([, name, value]) => ({
        file,
        name: name!,
        isNumber: /^[-(\d][-\d_.*+/ ()nA-Z]*$/.test(value!),
      })),
    );
    const misnamed = declarations.filter(
      ({ name, isNumber }) =>
        (isNumber && /[a-z]/.test(name)) || /^(MOST|LONGEST|LARGEST|LEAST|SHORTEST)_/.test(name),
    );
    expect(declarations.filter(({ isNumber }) => isNumber).length).toBeGreaterThan(100);
    expect(misnamed).toEqual([]);
  });

  it('exports no name twice, unless both mean the same', () => {
    const exporters = new Map<string, string[]>();
    for (const file of SOURCES) {
      const text = readFileSync(join(SRC, file), 'utf8');
      for (const [, name] of text.matchAll(
        /^export (?:abstract |async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm,
      )) {
        if (exporters.get(name!)?.at(-1) !== file)
          exporters.set(name!, [...(exporters.get(name!) ?? []), file]);
      }
    }
    const shared = new Map(
      [...exporters].filter(([name, from]) => from.length > 1 && !SAME_MEANING.has(name)),
    );
    expect(shared).toEqual(new Map());
    expect([...SAME_MEANING.keys()].filter((name) => (exporters.get(name)?.length ?? 0) < 2)).toEqual([]);
  });

  it('has no cycle of imports between files', () => {
    expect(cyclesIn(graphOf((file) => file))).toEqual([]);
  });

  it('has no cycle of imports between stages, adapters, the administration and entries', () => {
    expect(cyclesIn(graphOf(roomOf))).toEqual([]);
  });

  it('allows between adapters only the imports in the table', () => {
    const arrows = graphOf((file) => (within('adapters')(file) ? roomOf(file) : null));
    expect(new Map([...arrows].map(([from, to]) => [from, [...to].sort()]))).toEqual(new Map(ADAPTER_ARROWS));
  });
});

/** The adapters that each adapter imports. A new arrow needs a reason in this table. */
const ADAPTER_ARROWS: ReadonlyArray<readonly [from: string, to: readonly string[]]> = [
  // The embedded ledger is PostgreSQL in this process, with the same schema and statements, in a locked folder.
  ['adapters/pglite', ['adapters/node', 'adapters/postgres']],
  ['adapters/postgres', ['adapters/crypto']],
  // A pace that several processes share falls back to the pace of one process.
  ['adapters/redis', ['adapters/memory']],
  // The protocol between the Worker and its objects is in adapters/edge.
  ['adapters/worker', ['adapters/edge']],
  ['adapters/durable-object', ['adapters/crypto', 'adapters/edge', 'adapters/postgres']],
];

/** A stage, one adapter, or all entries: a part of src whose files may import each other. */
function roomOf(file: string): string {
  const [top, below] = file.split('/');
  return top === 'adapters' ? `adapters/${below}` : top!;
}

describe('the projects of vitest', () => {
  it('name folders that exist, so that no file becomes a unit test by mistake', () => {
    const root = fileURLToPath(new URL('..', import.meta.url));
    const named = PROJECTS.flatMap(({ folders }) => folders);
    expect(named.filter((folder) => !existsSync(join(root, folder)))).toEqual([]);
  });
});
