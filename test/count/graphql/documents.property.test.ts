/** Random documents with random answers: the count equals that of a walk through both together. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countAnswer, graphqlRoutes } from './answering.ts';

/** Of the fields that hold posts each has one shape, as a schema would have it. */
const SHAPES = {
  posts: 'connection',
  postList: 'list',
  post: 'single',
  users: 'connection',
  user: 'single',
  groups: 'list',
} as const;
type Name = keyof typeof SHAPES;
const POSTS: readonly string[] = ['posts', 'postList', 'post'];

interface Field {
  readonly name: Name;
  /** How it is written: with an alias, in a fragment; of a connection, which lists are asked for. */
  readonly isAliased: boolean;
  readonly inside: 'nothing' | 'inline' | 'typed' | 'named';
  readonly lists: 'nodes' | 'edges' | 'both' | 'neither';
  /** Of each of its lists in the answer. */
  readonly size: number;
  readonly isNull: boolean;
  readonly fields: readonly Field[];
}

const field = fc.letrec<{ field: Field }>((tie) => ({
  field: fc.record({
    name: fc.constantFrom(...(Object.keys(SHAPES) as Name[])),
    isAliased: fc.boolean(),
    inside: fc.constantFrom('nothing', 'inline', 'typed', 'named'),
    lists: fc.constantFrom('nodes', 'edges', 'both', 'neither'),
    size: fc.nat(3),
    isNull: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
    fields: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('field'), { maxLength: 3 })),
  }),
})).field;

interface Written {
  readonly selection: string;
  readonly data: Record<string, unknown>;
  /** What a reader of both sees: the posts below. */
  readonly posts: number;
}

/** A selection set, an object that answers it, and the posts in that object. */
function write(fields: readonly Field[], fragments: string[]): Written {
  const selections = ['id'];
  const data: Record<string, unknown> = { id: 1 };
  let posts = 0;
  for (const [index, one] of fields.entries()) {
    const isTwice = fields.findIndex(({ name }) => name === one.name) < index;
    const key = one.isAliased || isTwice ? `k${index}` : one.name;
    const answered = answer(one, fragments);
    const text = `${key === one.name ? '' : `${key}:`}${one.name}(first:3)${answered.selection}`;
    selections.push(wrapped(text, one.inside, fragments));
    data[key] = one.isNull ? null : answered.value;
    if (!one.isNull) posts += answered.posts;
  }
  return { selection: `{${selections.join(' ')}}`, data, posts };
}

function wrapped(selection: string, inside: Field['inside'], fragments: string[]): string {
  if (inside === 'nothing') return selection;
  if (inside === 'inline') return `... @include(if:true){${selection}}`;
  if (inside === 'typed') return `... on T{${selection}}`;
  fragments.push(`fragment F${fragments.length} on T{${selection}}`);
  return `...F${fragments.length - 1}`;
}

function answer(one: Field, fragments: string[]): { selection: string; value: unknown; posts: number } {
  const item = write(one.fields, fragments);
  const postsAnItem = item.posts + (POSTS.includes(one.name) ? 1 : 0);
  const list = Array.from({ length: one.size }, () => item.data);
  const { selection } = item;
  switch (SHAPES[one.name]) {
    case 'single':
      return { selection, value: item.data, posts: postsAnItem };
    case 'list':
      return { selection, value: list, posts: one.size * postsAnItem };
    case 'connection':
      break;
  }
  const posts = one.lists === 'neither' ? 0 : one.size * postsAnItem;
  const plain = list.map(() => ({ id: 1 }));
  switch (one.lists) {
    case 'neither':
      return {
        selection: '{totalCount edges{cursor}}',
        value: { totalCount: 9, edges: [{ cursor: '' }] },
        posts,
      };
    case 'nodes':
      return { selection: `{n:nodes${selection}}`, value: { n: list }, posts };
    case 'edges':
      return {
        selection: `{edges{cursor p:node${selection}}}`,
        value: { edges: list.map((p) => ({ cursor: '', p })) },
        posts,
      };
    case 'both':
      return {
        selection: `{edges{node{id}} nodes${selection} totalCount}`,
        value: { edges: plain.map((node) => ({ node })), nodes: list, totalCount: 9 },
        posts,
      };
  }
}

const routes = graphqlRoutes(POSTS);

it('counts random answers to random documents, in chunks of any size', () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 4 }), fc.integer({ min: 1, max: 40 }), (fields, chunkBytes) => {
      const fragments: string[] = [];
      const { selection, data, posts } = write(fields, fragments);
      const body = JSON.stringify({ query: `${fragments.join(' ')} query Q${selection}` });
      const result = countAnswer(routes, { data }, { body, chunkBytes });
      expect({ posts: result.posts, uncounted: result.uncounted }).toEqual({ posts, uncounted: undefined });
    }),
    { numRuns: 300 },
  );
});

it('counts batches of them, each by its own document', () => {
  fc.assert(
    fc.property(fc.array(fc.array(field, { maxLength: 3 }), { minLength: 1, maxLength: 4 }), (batch) => {
      const written = batch.map((fields) => {
        const fragments: string[] = [];
        const { selection, data, posts } = write(fields, fragments);
        return { query: `${fragments.join(' ')} ${selection}`, data, posts };
      });
      const body = JSON.stringify(written.map(({ query }) => ({ query })));
      const answers = written.map(({ data }) => ({ data }));
      const result = countAnswer(routes, answers, { body, chunkBytes: 7 });
      const posts = written.reduce((sum, one) => sum + one.posts, 0);
      expect({ posts: result.posts, uncounted: result.uncounted }).toEqual({ posts, uncounted: undefined });
    }),
    { numRuns: 100 },
  );
});

it('survives random requests and answers', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '"',
    'posts',
    '{posts{id}}',
    '...',
    'on',
    '[',
    ']',
    ',',
    ':',
    '"query":',
    '"data":',
    '\\',
    '@skip(if:$x)',
    'fragment A on T',
  );
  const text = fc.array(piece, { maxLength: 30 }).map((all) => all.join(''));
  fc.assert(
    fc.property(text, text, fc.uint8Array(), fc.boolean(), (query, response, bytes, isBatch) => {
      const body = JSON.stringify(isBatch ? [{ query }, { query: '{posts{id}}' }] : { query });
      countAnswer(routes, response, { body, chunkBytes: 3 });
      countAnswer(routes, response, { body: bytes });
      countAnswer(routes, new TextDecoder().decode(bytes), { body });
    }),
    { numRuns: 300 },
  );
});
