import { DOMParser, type Element } from '@xmldom/xmldom';
import { expect, test } from 'vitest';
import { permissionFor } from '../../src/terms/permission.ts';
import { PERMISSIONS, type Permission, type Policy } from '../../src/terms/policy.ts';
import { RSL_NAMESPACE, RSL_USAGES, rslDocument } from '../../src/terms/rsl.ts';
import { policy } from './policies.ts';

/** The names of RSL 1.0 that a licence of ours may contain: by element, its attributes and the elements within it. */
const NAMES: Readonly<Record<string, readonly [attributes: string[], children: string[]]>> = {
  rsl: [['xmlns'], ['content']],
  content: [['url'], ['license', 'copyright', 'terms']],
  license: [[], ['permits', 'prohibits', 'payment']],
  permits: [['type'], []],
  prohibits: [['type'], []],
  payment: [['type'], ['custom']],
  custom: [[], []],
  copyright: [['type', 'contactEmail'], []],
  terms: [[], []],
};
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'permits type': ['usage'],
  'prohibits type': ['usage'],
  'payment type': ['free', 'training', 'use'],
  'copyright type': ['organization'],
};
const USAGES = ['search', 'ai-input', 'ai-train'];

const STATED: readonly (Permission | undefined)[] = [...PERMISSIONS, undefined];
/** Each purpose with each permission, and paths with exceptions: 40 policies. */
const CASES: Policy[] = [
  ...STATED.flatMap((search) =>
    STATED.flatMap((ai_training) =>
      [undefined, 'licence' as const].map((ai_input) =>
        policy({ purposes: stated({ search, ai_training, ai_input }) }),
      ),
    ),
  ),
  policy({
    paths: [{ path: '/open/', purposes: { ai_training: 'allow' } }],
    purposes: { ai_training: 'deny' },
  }),
  policy({ paths: [{ path: '/a/', purposes: { '*': 'deny' } }] }),
  policy({
    paths: [{ path: '/a/', purposes: { '*': 'licence', search: 'licence' } }],
    purposes: { search: 'allow' },
  }),
  policy({ paths: [{ path: '/a&b/"c"/', purposes: { ai_input: 'deny' } }] }),
  policy({ freePaths: ['/free/'], purposes: { ai_training: 'deny', ai_input: 'deny', search: 'deny' } }),
  policy({
    rightsholder: { name: 'A & B <C>', email: 'a+b@platform.example' },
    purposes: { search: 'allow' },
  }),
  policy({
    terms: { version: '1', url: 'https://platform.example/tos?a=1&b=2' },
    purposes: { ai_training: 'licence' },
  }),
  policy({
    purposes: { ai_training: 'licence', ai_input: 'allow' },
    paths: [
      { path: '/x/', purposes: { ai_training: 'deny' } },
      { path: '/x/y/', purposes: { ai_training: 'allow', ai_input: 'deny' } },
    ],
  }),
];

test('there are forty cases', () => expect(CASES).toHaveLength(40));

test.each(CASES.map((given, at) => [at, given] as const))(
  'licence %i conforms and reads back to its policy',
  (_at, given) => {
    const faults: string[] = [];
    const document = new DOMParser({ onError: (_level, message) => faults.push(message) }).parseFromString(
      rslDocument(given),
      'text/xml',
    );
    expect(faults).toEqual([]);
    const root = document.documentElement!;
    expect([root.nodeName, root.namespaceURI]).toEqual(['rsl', RSL_NAMESPACE]);
    expectKnown(root);
    const contents = childrenOf(root);
    expect(new Set(contents.map((one) => one.getAttribute('url'))).size).toBe(contents.length);
    for (const path of ['/', '/open/1', '/a/1', '/a&b/"c"/1', '/free/1', '/x/1', '/x/y/1']) {
      for (const { purpose, usage } of RSL_USAGES) {
        const read = readUsage(contents, path, usage);
        expect([path, usage, read ?? 'allow']).toEqual([path, usage, permissionFor(given, purpose, path)]);
      }
    }
    expect(contents[0]!.getElementsByTagName('copyright')[0]!.textContent).toBe(given.rightsholder.name);
    expect(contents[0]!.getElementsByTagName('terms')[0]!.textContent).toBe(given.terms.url);
  },
);

function stated(purposes: Record<string, Permission | undefined>): Policy['purposes'] {
  return Object.fromEntries(Object.entries(purposes).filter(([, permission]) => permission !== undefined));
}

function expectKnown(element: Element): void {
  const [attributes, children] = NAMES[element.nodeName]!;
  for (let at = 0; at < element.attributes.length; at++) {
    const { name, value } = element.attributes.item(at)!;
    expect(attributes).toContain(name);
    const values = VALUES[`${element.nodeName} ${name}`];
    if (values !== undefined) expect(values).toContain(value);
  }
  if (element.nodeName === 'permits' || element.nodeName === 'prohibits') {
    for (const token of element.textContent!.split(' ')) expect(USAGES).toContain(token);
  }
  const names = childrenOf(element).map(({ nodeName }) => nodeName);
  for (const name of names) expect(children).toContain(name);
  // At most one element of each kind of statement in a licence (RSL 1.0, section 3.4).
  if (element.nodeName === 'license') expect(new Set(names).size).toBe(names.length);
  for (const child of childrenOf(element)) expectKnown(child);
}

/** The permission of a usage at a path, by the content with the longest matching URL; undefined if nothing is stated. */
function readUsage(contents: readonly Element[], path: string, usage: string): Permission | undefined {
  const content = contents
    .filter((one) => path.startsWith(one.getAttribute('url')!))
    .toSorted((a, b) => b.getAttribute('url')!.length - a.getAttribute('url')!.length)[0]!;
  for (const licence of childrenOf(content).filter(({ nodeName }) => nodeName === 'license')) {
    const part = (name: string) => childrenOf(licence).find(({ nodeName }) => nodeName === name);
    const tokensOf = (name: string) => part(name)?.textContent?.split(' ') ?? [];
    if (tokensOf('prohibits').includes(usage)) return 'deny';
    if (!tokensOf('permits').includes(usage)) continue;
    return part('payment')!.getAttribute('type') === 'free' ? 'allow' : 'licence';
  }
  return undefined;
}

function childrenOf(element: Element): Element[] {
  return Array.from(
    { length: element.childNodes.length },
    (_, at) => element.childNodes.item(at) as Element,
  ).filter(({ nodeType }) => nodeType === 1);
}
