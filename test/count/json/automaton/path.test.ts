import { describe, expect, it } from 'vitest';
import { parseJsonPath, type Step } from '../../../../src/count/json/automaton/path.ts';
import { RouteFault } from '../../../../src/count/route/problem.ts';
import { parseWhere } from '../../../../src/count/where.ts';

function shortStep(step: Step): string {
  if (step.kind === 'name') return step.name;
  return step.kind === 'any' ? '*' : ':';
}

/** A path in short: names as they are, `*` for any. */
function shortly(text: string): string {
  return parseJsonPath(text)
    .map((step) => (step.deep ? '..' : '') + shortStep(step))
    .join(' ');
}

describe('a path', () => {
  it.each([
    ['$', ''],
    ['$[*]', '*'],
    ['$.*', '*'],
    ['$.data[*]', 'data *'],
    ['$.data.children[*].data', 'data children * data'],
    ["$['a.b'][\"c'd\"]", "a.b c'd"],
    ["$['\\u00e9\\'']", "é'"],
    ['$.é😀', 'é😀'],
    ['$.body[:]', 'body :'],
    ['$[0:].a[::1][0::]', ': a : :'],
    ['$..data', '..data'],
    ['$.thread..replies[*].post', 'thread ..replies * post'],
    ['$..[*]..[:]', '..* ..:'],
    ['$..*', '..*'],
    [`$${'.a'.repeat(32)}`, Array(32).fill('a').join(' ')],
  ])('%s is read', (text, expected) => {
    expect(shortly(text)).toBe(expected);
  });

  it.each([
    ['', 'position 1'],
    ['data[*]', 'position 1'],
    ['$.data[', 'position 8'],
    ['$.data[::2]', 'only names, [*] and [:]'],
    ['$.data[0]', 'position 7: only names, [*] and [:]'],
    ['$.data[1:2]', 'only names, [*] and [:]'],
    ['$.data[?@.kind]', 'test a member with "where"'],
    ["$['a','b']", 'use a separate entry for each path'],
    [`$${'.a'.repeat(33)}`, 'shorten the path'],
  ])('%s is refused with position and hint', (text, message) => {
    expect(() => parseJsonPath(text)).toThrow(JSON.stringify(text));
    expect(() => parseJsonPath(text)).toThrow(message);
  });
});

describe('a test', () => {
  it.each([
    ['kind == "t3"', ['kind'], false, ['t3']],
    ['  data.kind!=null ', ['data', 'kind'], true, [null]],
    ['type in ["post", "reply"]', ['type'], false, ['post', 'reply']],
    ['in in [true]', ['in'], false, [true]],
    ["['a == b'].c == -1.5e3", ['a == b', 'c'], false, [-1500]],
    ['$type == "app.bsky.feed.post"', ['$type'], false, ['app.bsky.feed.post']],
    ['text == "a == \\"b\\""', ['text'], false, ['a == "b"']],
  ])('%s is read', (text, member, negated, literals) => {
    expect(parseWhere(text)).toEqual({ kind: 'equals', member, negated, literals });
  });

  it.each([
    ['reblog is present', { kind: 'present', member: ['reblog'] }],
    ['thr:in-reply-to is absent', { kind: 'absent', member: ['thr:in-reply-to'] }],
    ['member/name contains "#comment-"', { kind: 'contains', member: ['member/name'], text: '#comment-' }],
    ['x-is present == 1', undefined],
    ['is is absent', { kind: 'absent', member: ['is'] }],
  ])('%s is read, or not', (text, where) => {
    if (where === undefined) expect(() => parseWhere(text)).toThrow(RouteFault);
    else expect(parseWhere(text)).toMatchObject(where);
  });

  it.each([
    ['kind is there', 'expected present or absent'],
    ['kind contains ""', 'expected a string in double quotes'],
    ['kind contains 7', 'expected a string in double quotes'],
    [`${'a.'.repeat(32)}a is present`, 'shorten the member'],
    ['a..b == 1', 'use names'],
    ['', 'use member == "value"'],
    ['kind', 'use member == "value"'],
    ['kind = "t3"', 'use member == "value"'],
    ['kind == t3', 'position 9: expected a string in double quotes'],
    ["kind == 't3'", 'expected a string in double quotes'],
    ['kind == ["a"]', 'expected a string in double quotes'],
    ['kind in "a"', 'expected a list'],
    ['kind in []', 'expected a list'],
    ['kind == {}', 'expected a string'],
    [`kind == "${'x'.repeat(257)}"`, 'at most 256 bytes'],
    ['a[*] == 1', 'use names'],
    ['a[0] == 1', 'the member is not a name'],
  ])('%s is refused with position and hint', (text, message) => {
    expect(() => parseWhere(text)).toThrow(message);
    expect(() => parseWhere(text)).toThrow(/ at position \d+: /);
  });
});
