import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));
const STAGES = [
  'identify',
  'admit',
  'forward',
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
];

interface Import {
  readonly file: string;
  readonly target: string;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const imports: readonly Import[] = files.flatMap((file) =>
  [
    ...readFileSync(join(SRC, file), 'utf8').matchAll(
      /^(?:import|export)[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm,
    ),
  ].map((match) => ({ file, target: match[1] ?? match[2]! })),
);

/** Imports of a package (also below it) from files for which `allowed` says no. */
function strays(pattern: RegExp, allowed: (file: string) => boolean): string[] {
  return imports
    .filter(({ file, target }) => pattern.test(target) && !allowed(file))
    .map(({ file, target }) => `${file} imports ${target}`);
}

const within =
  (...places: string[]) =>
  (file: string) =>
    places.some((place) => file === place || file.startsWith(`${place}/`));

describe('the layout', () => {
  it('is read from real imports', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it.each([
    ['node:*', /^node:/, within('adapters', 'entry')],
    ['hono', /^(hono|@hono\/)/, within('app.ts', 'admin', 'entry', 'adapters/node')],
    ['ioredis', /^ioredis/, within('adapters/redis', 'entry')],
    ['rate-limiter-flexible', /^rate-limiter-flexible/, within('adapters/redis', 'adapters/memory', 'entry')],
    ['postgres', /^postgres($|\/)/, within('adapters/postgres', 'entry')],
    ['drizzle-orm', /^drizzle-orm/, within('adapters/postgres', 'adapters/pglite', 'entry')],
    ['PGlite', /^@electric-sql\//, within('adapters/pglite', 'entry')],
    ['undici', /^undici/, () => false],
    ['cloudflare:*', /^cloudflare:/, within('adapters/durable-object', 'adapters/worker', 'entry')],
  ])('keeps %s in its adapter', (_name, pattern, allowed) => {
    expect(strays(pattern, allowed)).toEqual([]);
  });

  it('lets no stage reach into adapters, entries or the administration', () => {
    const reaching = imports.filter(({ file, target }) => {
      if (!within(...STAGES, 'gateway.ts', 'billing.ts')(file) || !target.startsWith('.')) return false;
      return within('adapters', 'entry', 'admin')(relative('', normalize(join(dirname(file), target))));
    });
    expect(reaching).toEqual([]);
  });

  it('has no folder with more than 20 files', () => {
    const sizes = new Map<string, number>();
    for (const file of files) sizes.set(dirname(file), (sizes.get(dirname(file)) ?? 0) + 1);
    expect([...sizes].filter(([, size]) => size > 20)).toEqual([]);
  });

  it('lets no adapter reach into entries', () => {
    const reaching = imports.filter(
      ({ file, target }) =>
        within('adapters')(file) && within('entry')(relative('', normalize(join(dirname(file), target)))),
    );
    expect(reaching).toEqual([]);
  });

  it('lets stages read no clock, environment or chance', () => {
    const reads = files
      .filter(within(...STAGES, 'gateway.ts', 'billing.ts'))
      .filter((file) =>
        /\b(Date\.now\(|new Date\(\)|process\.|Math\.random\(|performance\.now\(|setTimeout\(|setInterval\(|setImmediate\()/.test(
          readFileSync(join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
        ),
      );
    expect(reads).toEqual([]);
  });

  it('writes numeric constants in capitals, and limits with MAX_ and MIN_', () => {
    const declarations = files.flatMap((file) =>
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
});
