import { describe, expect, it } from 'vitest';
import { earlyHintLinks } from '../../src/forward/early-hints.ts';

describe('earlyHintLinks', () => {
  it.each([
    [['Link', '</a>; rel=preload'], ['</a>; rel=preload']],
    [
      ['link', '</a>; rel=preload, </b,c>; rel="next"'],
      ['</a>; rel=preload', '</b,c>; rel="next"'],
    ],
    [
      ['Link', '</a>', 'X', '</x>', 'LINK', '</b>'],
      ['</a>', '</b>'],
    ],
    [['Link', 'nonsense, </a>; title="a, b", </c>;as=style'], ['</c>;as=style']],
    [['Link', '</a;b>; rel=preload; crossorigin'], ['</a;b>; rel=preload; crossorigin']],
    [['Link', '</a?b=c=d>; x=a=b; y=""'], ['</a?b=c=d>; x=a=b; y=""']],
    [['Link', '</a>; x="a", </b>; =b, </c> d, </d'], ['</a>; x="a"']],
    [['Link', '</a>;'], []],
    [['Link', ''], []],
    [[], []],
  ])('%j: %j', (headers, links) => {
    expect(earlyHintLinks(headers)).toEqual(links);
  });

  it.each([
    ['parameters that can be read in two ways', `</a>${';a=b=c'.repeat(1_300)}"`],
    ['targets without an end', '<'.repeat(8_000)],
    ['quotes without an end', `</a>;a="${'"<'.repeat(3_900)}`],
    ['spaces', `</a>${' '.repeat(8_000)}"`],
    ['commas', ','.repeat(8_000)],
  ])('needs no more time for a long field of %s', (_what, field) => {
    expect(earlyHintLinks(['Link', field])).toEqual([]);
  });

  it('drops a field that is longer than any hint', () => {
    expect(earlyHintLinks(['Link', `</${'a'.repeat(9_000)}>`, 'Link', '</b>'])).toEqual(['</b>']);
  });
});
