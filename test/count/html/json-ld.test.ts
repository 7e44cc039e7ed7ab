import { describe, expect, it } from 'vitest';
import { compileHtml } from '../../../src/count/html/plan.ts';
import { planned } from '../planned.ts';
import { bytesOf, countPage, cutsOf, entriesOf, itemsIn, planOf } from './pages.ts';

const posts = { jsonld: ['BlogPosting', 'SocialMediaPosting'] };

function pageOf(json: string, type = 'application/ld+json'): string {
  return `<head><script type="${type}">${json}</script></head><p>x</p>`;
}

describe('posts in JSON-LD', () => {
  it.each([
    ['the root', '{"@context":"https://schema.org","@type":"BlogPosting"}', 1],
    ['a list', '[{"@type":"BlogPosting"},{"@type":"Person"},{"@type":"SocialMediaPosting"}]', 2],
    ['a graph', '{"@graph":[{"@type":"WebPage","about":["a",1,null]},{"@type":"BlogPosting"}]}', 1],
    ['other objects', '{"itemListElement":[{"item":{"name":"x","@type":"BlogPosting"}}]}', 1],
    ['each other', '{"@type":"BlogPosting","sharedContent":{"@type":"SocialMediaPosting"}}', 2],
    ['texts', '{"@type":"WebPage","text":"{\\"@type\\":\\"BlogPosting\\"} <script>","a":["BlogPosting"]}', 0],
    [
      'a vocabulary by its address',
      '[{"@type":"https://schema.org/BlogPosting"},{"@type":"schema:BlogPosting"}]',
      2,
    ],
    [
      'lists of types',
      '[{"@type":["Article","BlogPosting"]},{"@type":["BlogPosting","SocialMediaPosting"]}]',
      2,
    ],
    ['nothing', ' \n ', 0],
  ])('are found in %s', (_where, json, items) => {
    expect(itemsIn(pageOf(json), posts)).toEqual([items]);
  });

  it('are found in scripts of their type only, and not in what is hidden', () => {
    const json = '{"@type":"BlogPosting"}';
    expect(itemsIn(pageOf(json, ' Application/LD+JSON; charset=utf-8'), posts)).toEqual([1]);
    expect(itemsIn(pageOf(json, 'application/json'), posts)).toEqual([0]);
    expect(itemsIn(`<template>${pageOf(json)}</template><!-- ${pageOf(json)} -->`, posts)).toEqual([0]);
    expect(itemsIn(pageOf(json) + pageOf(json), posts)).toEqual([2]);
  });

  it('have ids and kinds of their own', () => {
    const json =
      '[{"@id":"a","@type":"BlogPosting"},{"@type":"BlogPosting","@id":"a"},{"@id":"c","@type":"Comment"}]';
    const plan = planOf(posts, { jsonld: ['Comment'], kind: 'reply' }, { html: 'p' });
    for (const size of [1, 7, 1000]) {
      expect(countPage(plan, cutsOf(bytesOf(pageOf(json)), size))).toEqual({ items: [2, 1, 1], ids: 2 });
    }
    expect(countPage(planOf({ ...posts, id: 'url' }), [bytesOf(pageOf(json))])).toEqual({
      items: [2],
      ids: 0,
    });
  });

  it('in too many entries are refused, with the hint', () => {
    const many = Array.from({ length: 30 }, (_, at) => ({ jsonld: [`Type${at}`] }));
    const compile = (entries: typeof many) =>
      planned((problems) => compileHtml(entriesOf(...entries), problems));
    expect(compile(many)).toMatchObject({ ok: false, problems: [{ at: [0, 'jsonld'] }] });
    expect(compile(many.slice(0, 15))).toMatchObject({ ok: true });
  });

  it('make the page doubtful if the script is not JSON and they are wanted', () => {
    for (const json of ['{"@type":"BlogPosting"', '{"a":1}}', '// x', '<!-- {} -->']) {
      expect(countPage(planOf(posts), [bytesOf(pageOf(json))])).toMatchObject({ failure: 'not_json' });
      expect(itemsIn(pageOf(json), { html: 'p' })).toEqual([1]);
    }
  });
});
