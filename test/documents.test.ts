/** Checks the documents without running them: links, configurations, commands, scripts and paths. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../src/config/parse.ts';
import { PRESETS } from '../src/count/presets/presets.ts';
import { createProgram } from '../src/entry/program.ts';
import { policySchema } from '../src/terms/policy.ts';
import { blocksOf } from './support/document-blocks.ts';

const program = await createProgram();
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FILES = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'examples/README.md'],
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
  ...['count', 'meter', 'invoice', 'adapters'].map((folder) => `src/${folder}/README.md`),
];
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const DOCUMENTS = FILES.map((file) => ({ file, text: textOf(file) }));

interface Found {
  readonly file: string;
  readonly what: string;
}

/** All matches of the first group of `pattern`, with the document that each is in. */
const allOf = (pattern: RegExp): Found[] =>
  DOCUMENTS.flatMap(({ file, text }) =>
    [...text.matchAll(pattern)].map((match) => ({ file, what: match[1]! })),
  );

/** The anchor of a heading, as GitHub and GitLab derive it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

const anchorsOf = (file: string) =>
  [...textOf(file).matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1]!));

const blocks = (language: string) => allOf(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'));

describe('links', () => {
  const links = allOf(/\]\((?!https?:)([^)\s]+)\)/g);

  it('exist in the documents', () => {
    expect(links.length).toBeGreaterThan(20);
  });

  it.each(links)('in $file resolve: $what', ({ file, what }) => {
    const [path = '', anchor] = what.split('#');
    const target = path === '' ? file : relative(ROOT, join(ROOT, dirname(file), path));
    expect(existsSync(join(ROOT, target))).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(target)).toContain(anchor);
  });

  it('lead from the README to every document', () => {
    const reached = new Set(['README.md']);
    for (const file of reached) {
      for (const link of links.filter((one) => one.file === file)) {
        reached.add(relative(ROOT, join(ROOT, dirname(file), link.what.split('#')[0]!)));
      }
    }
    expect(FILES.filter((file) => !reached.has(file))).toEqual([]);
  });
});

/** The documents of the terms show policies, all others configurations. */
const isPolicy = ({ file }: Found) => file === 'docs/terms.md';

it.each(blocks('json').filter(isPolicy))('the policy in $file is valid: $what', ({ what }) => {
  expect(policySchema.safeParse(JSON.parse(what)).error).toBeUndefined();
});

it.each(blocks('json').filter((block) => !isPolicy(block)))(
  'the configuration in $file is valid: $what',
  ({ what }) => {
    const result = parseConfig(what);
    expect(result.ok ? [] : result.problems).toEqual([]);
  },
);

const EXAMPLES = readdirSync(join(ROOT, 'examples')).filter((file) => file.endsWith('.json'));

it.each(EXAMPLES)('the example %s is a valid configuration', (file) => {
  const result = parseConfig(textOf(`examples/${file}`));
  expect(result.ok ? [] : result.problems).toEqual([]);
});

describe('commands', () => {
  const inBlocks = blocks('sh').flatMap(({ file, what }) =>
    [...what.matchAll(/(?:^|&& |\| |^\$ )(?:postmeter|node dist\/entry\/cli\.js) ([^|&#\n]+)/gm)].map(
      (match) => ({
        file,
        what: match[1]!.trim(),
      }),
    ),
  );
  const inText = allOf(/`postmeter ([a-z][^`]*)`/g);

  it.each([...inBlocks, ...inText])('in $file exist with their options: postmeter $what', ({ what }) => {
    const words = what.split(/\s+/);
    let command: Command = program;
    for (const word of words) {
      const below: Command | undefined = command.commands.find((one) => one.name() === word);
      if (below === undefined) break;
      command = below;
    }
    expect(command).not.toBe(program);
    const options = new Set(['--help', ...command.options.map(({ long }) => long)]);
    const used = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]);
    expect(used.filter((option) => !options.has(option!))).toEqual([]);
  });
});

it('npm scripts that documents name exist', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const named = allOf(/npm run (?:-s )?([\w:-]+)/g);
  expect(named.filter(({ what }) => scripts[what] === undefined)).toEqual([]);
});

it('files and folders that documents name exist', () => {
  const named = allOf(/`((?:src|test|docs|drizzle)\/[\w./-]+)`/g);
  const isWanted = ({ what }: Found) => !/NAME/.test(what) && !existsSync(join(ROOT, what));
  expect(named.filter(isWanted)).toEqual([]);
});

it('docs/platforms.md names every preset', () => {
  const text = textOf('docs/platforms.md');
  expect(PRESETS.map(({ name }) => name).filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

it('docs/architecture.md lists the folders of src, and no others', () => {
  const [tree] = blocksOf('docs/architecture.md', '', 'Layout');
  const listed = [...tree!.matchAll(/^ {2}([\w-]+)\/ /gm)].map(([, folder]) => folder!);
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((one) => one.isDirectory());
  expect(listed.filter((folder) => folder !== 'support').sort()).toEqual(
    folders.map(({ name }) => name).sort(),
  );
});

it('every block of the documents is in a language that a test checks or runs', () => {
  const languages = new Map<string, Set<string>>();
  for (const { file, text } of DOCUMENTS) {
    for (const [, language] of text.matchAll(/^```(\w*)\n[\s\S]*?^```$/gm)) {
      languages.set(language!, (languages.get(language!) ?? new Set()).add(file));
    }
  }
  // The style guide has one comment as an example.
  expect([...languages.keys()].sort()).toEqual(['', 'json', 'sh', 'ts']);
  expect([...languages.get('')!].sort()).toEqual(['README.md', 'docs/architecture.md']);
  // A new document with commands is added to the test that runs them.
  expect([...languages.get('sh')!].sort()).toEqual([
    'README.md',
    'docs/admin-api.md',
    'docs/billing.md',
    'docs/clients.md',
    'docs/deploy-cloudflare.md',
    'docs/evidence.md',
    'docs/rights.md',
    'docs/routes.md',
    'examples/README.md',
  ]);
});
