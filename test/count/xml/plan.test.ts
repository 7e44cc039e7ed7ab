import { describe, expect, it } from 'vitest';
import { compileXml } from '../../../src/count/xml/plan.ts';
import { planned } from '../planned.ts';
import { feed, xml } from './counting.ts';

describe('a fault in an entry names its place, reason and hint', () => {
  it.each([
    [xml('rss/item'), 'xml', /a path from the root, such as \/rss\/channel\/item/],
    [xml('/rss//item'), 'xml', /one name for every level/],
    [xml('/rss/*'), 'xml', /"\*" is not a name: name every level/],
    [xml('/'), 'xml', /"" is not a name/],
    [xml('/a:b:c'), 'xml', /"a:b:c" is not a name/],
    [xml(`/a${'/a'.repeat(32)}`), 'xml', /at most 32 names/],
    [feed('link ~ "a"'), 'where', /not a test/],
    [feed('a//b == "a"'), 'where', /"" is not a name/],
    [feed('a@b@c == "a"'), 'where', /one attribute after the @/],
    [feed(undefined, 'a@'), 'id', /one attribute after the @/],
    [feed(undefined, 'guid | '), 'id', /"" is not valid/],
    [feed(undefined, Array(9).fill('a').join('|')), 'id', /names 9 places; the maximum is 8/],
  ])('%j', (entry, field, message) => {
    const result = planned((problems) => compileXml([feed(), entry], problems));
    expect(result).toMatchObject({ ok: false, problems: [{ at: [1, field] }] });
    expect(result.ok ? '' : result.problems[0]!.message).toMatch(message);
  });
});
