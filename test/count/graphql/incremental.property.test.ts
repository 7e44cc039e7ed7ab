/** Random documents with `@defer` and `@stream`: the posts of all payloads equal those of the result in one piece. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countAnswer, graphqlRoutes } from './answering.ts';
import { inParts } from './incremental-server.ts';

const POSTS: readonly string[] = ['posts', 'post'];

/** A field with objects. Keys repeat, so that one key may mean different things in two places. */
interface Field {
  readonly key: string;
  readonly name: string;
  /** Elements of its list; null for an object. */
  readonly size: number | null;
  /** How many elements the first payload has; null for no `@stream`. */
  readonly streamedFrom: number | null;
  readonly isDeferred: boolean;
  /** The object itself comes at once, and what is in it later, by a path below its place. */
  readonly isSplit: boolean;
  readonly fields: readonly Field[];
}

const field = fc.letrec<{ field: Field }>((tie) => ({
  field: fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    name: fc.constantFrom('posts', 'post', 'users', 'user'),
    size: fc.option(fc.nat(3)),
    streamedFrom: fc.option(fc.nat(3), { freq: 1 }),
    isDeferred: fc.boolean(),
    isSplit: fc.boolean(),
    fields: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('field'), { maxLength: 3 })),
  }),
})).field;

type Format = 'one by one' | 'in lists' | 'by ids';
type Path = readonly (string | number)[];
interface Payload {
  readonly path: Path;
  readonly data?: object;
  readonly items?: readonly object[];
}

function unique(fields: readonly Field[]): Field[] {
  return fields.filter(({ key }, at) => fields.findIndex((one) => one.key === key) === at);
}

function isSplit({ isDeferred, isSplit, size, fields }: Field, format: Format): boolean {
  return isDeferred && isSplit && size === null && format === 'by ids' && fields.length > 0;
}

function selection(fields: readonly Field[], format: Format): string {
  const all = unique(fields).map((one) => {
    const stream =
      one.size === null || one.streamedFrom === null ? '' : `@stream(initialCount:${one.streamedFrom})`;
    const text = `${one.key}:${one.name}${stream}${selection(one.fields, format)}`;
    if (isSplit(one, format)) return `${one.key}:${one.name}{id} ...@defer{${text}}`;
    return one.isDeferred ? `...@defer{${text}}` : text;
  });
  return `{id ${all.join(' ')}}`;
}

/** Answers as a server does: returns the object, and adds what comes later. */
function execute(fields: readonly Field[], path: Path, later: Payload[], format: Format): object {
  const now: Record<string, unknown> = { id: path.join('/') };
  for (const one of unique(fields)) {
    const into: Record<string, unknown> = one.isDeferred ? {} : now;
    const here = [...path, one.key];
    if (isSplit(one, format)) {
      now[one.key] = { id: here.join('/') };
      later.push({ path: here, data: execute(one.fields, here, later, format) });
      continue;
    }
    if (one.isDeferred) later.push({ path, data: into });
    if (one.size === null) into[one.key] = execute(one.fields, here, later, format);
    else {
      const all = Array.from({ length: one.size }, (_, at) =>
        execute(one.fields, [...here, at], later, format),
      );
      const first = one.streamedFrom === null ? all.length : Math.min(one.streamedFrom, all.length);
      into[one.key] = all.slice(0, first);
      if (first < all.length) later.push({ path: [...here, first], items: all.slice(first) });
    }
  }
  return now;
}

function postsIn(fields: readonly Field[]): number {
  return unique(fields).reduce((sum, { name, size, fields: below }) => {
    return sum + (size ?? 1) * (postsIn(below) + (POSTS.includes(name) ? 1 : 0));
  }, 0);
}

/** Members in both orders: the path may come behind the data. */
function framed(later: readonly Payload[], format: Format, isPathLast: boolean): object[] {
  const ordered = (path: object, rest: object) => (isPathLast ? { ...rest, ...path } : { ...path, ...rest });
  switch (format) {
    case 'one by one':
      return later.flatMap(({ path, data, items }) =>
        data === undefined
          ? items!.map((item, at) =>
              ordered({ path: [...path.slice(0, -1), Number(path.at(-1)) + at] }, { data: item }),
            )
          : [ordered({ path }, { data })],
      );
    case 'in lists':
      return [{ incremental: later.map(({ path, ...rest }) => ordered({ path }, rest)), hasNext: false }];
    case 'by ids':
      return later.map(({ path, ...rest }, at) => ({
        incremental: [ordered({ id: String(at), subPath: path.slice(0, 1) }, rest)],
        completed: [{ id: String(at) }],
      }));
  }
}

const routes = graphqlRoutes(POSTS.map((graphql) => ({ graphql, id: 'id' })));

it('counts random documents in every format, or does not know them', () => {
  let known = 0;
  fc.assert(
    fc.property(
      fc.array(field, { minLength: 1, maxLength: 3 }),
      fc.constantFrom<Format>('one by one', 'in lists', 'by ids'),
      fc.boolean(),
      fc.integer({ min: 1, max: 60 }),
      (fields, format, isPathLast, chunkBytes) => {
        const later: Payload[] = [];
        const data = execute(fields, [], later, format);
        const payloads = [{ data, hasNext: later.length > 0 }, ...framed(later, format, isPathLast)];
        const body = JSON.stringify({ query: selection(fields, format) });
        const answerType = 'multipart/mixed; boundary="-"';
        const { posts, uncounted } = countAnswer(routes, inParts(payloads), { body, chunkBytes, answerType });
        if (uncounted !== 'document') {
          expect({ posts, uncounted }).toEqual({ posts: postsIn(fields), uncounted: undefined });
          if (posts > 0 && later.length > 0) known++;
        }
      },
    ),
    { numRuns: 400 },
  );
  // Documents that are refused must not be most of them.
  expect(known).toBeGreaterThan(60);
});
