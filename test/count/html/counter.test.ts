import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heldBytes } from '../held-memory.ts';
import { bytesOf, countPage, cutsOf, itemsIn, planOf } from './pages.ts';

const post = { html: '.post' };

describe('markup that misleads', () => {
  it.each([
    ['comments', '<p><!-- <i class=post></i> --><i class=post></i>', 1],
    ['an empty comment', '<p><!--><i class=post></i>', 1],
    ['a comment without an end', '<p><i class=post></i><!-- <i class=post></i>', 1],
    ['scripts', '<script>"<i class=post></i>"</script><i class=post></i>', 1],
    ['scripts that close themselves', '<script src=x />"<i class=post></i>"</script><i class=post></i>', 1],
    ['styles', '<style>/*<i class=post></i>*/</style><i class=post></i>', 1],
    ['titles', '<title><i class=post></i></title><i class=post></i>', 1],
    ['text areas', '<textarea><i class=post></i></textarea><i class=post></i>', 1],
    ['templates', '<template><i class=post></i></template><i class=post></i>', 1],
    ['frames', '<iframe><i class=post></i></iframe><i class=post></i>', 1],
    ['copies in noscript', '<noscript><i class=post></i></noscript><i class=post></i>', 1],
    ['attributes', '<p title="<i class=post></i>" data-a=\'<i class="post">\'><i class=post></i>', 1],
    ['a second attribute of the name', '<i class=a class=post></i><i class=post class=a></i>', 1],
    ['a less-than sign', '<p>1 < 2 <i class=post></i> <3', 1],
    ['an element that is a name', '<post></post><i class=post></i>', 1],
    ['SVG', '<svg><path class=post /><g/><title/></svg><i class=post></i>', 2],
    ['capital letters', '<I CLASS=post></I><ScRiPt><i class=post></SCRIPT>', 1],
    ['a doctype and a byte order mark', '\ufeff<!DOCTYPE html><i class=post></i>', 1],
    ['a tag that is cut', '<i class=post></i><i class=post', 1],
  ])('%s do not', (_what, page, items) => {
    expect(itemsIn(page, post)).toEqual([items]);
  });
});

describe('noscript', () => {
  const withId = { html: '.post', id: 'id' };
  const item = (id: string) => `<i class=post id=${id}></i>`;

  it.each([
    ['items alone', `<noscript>${item('a')}<div>${item('b')}</noscript>`, 2],
    ['items beside others', `${item('a')}<noscript>${item('b')}${item('c')}</noscript>${item('d')}`, 4],
    ['copies', `${item('a')}<noscript>${item('a')}${item('b')}</noscript>${item('b')}`, 2],
    ['copies among each other', `<noscript>${item('a')}</noscript><noscript>${item('a')}</noscript>`, 1],
    ['in the head', `<head><noscript>${item('a')}</noscript></head><body><p>`, 1],
  ])('is read as by a client without scripts: %s', (_what, page, items) => {
    expect(itemsIn(page, withId)).toEqual([items]);
  });

  it('without ids counts if nothing of the kind is outside of it', () => {
    const items = '<noscript><i class=post></i><i class=post></i></noscript>';
    expect(itemsIn(items, post)).toEqual([2]);
    expect(itemsIn(`${items}<b class=post></b>`, post)).toEqual([1]);
  });

  it('counts in a page that the client left', () => {
    const page = bytesOf(`<noscript>${item('a')}${item('b')}</noscript><i class=post`);
    expect(countPage(planOf(withId), [page], false).items).toEqual([2]);
  });
});

describe('an item in itself', () => {
  const withId = { html: '.post', id: 'id' };

  it.each([
    ['a wrapper of its id', '<div class=post id=a><i class=post id=a></i></div>', 1],
    ['two wrappers', '<div class=post id=a><p class=post id=a><i class=post id=a></i></p></div>', 1],
    ['another item between', '<div class=post id=a><p class=post id=b><i class=post id=a></i></p></div>', 2],
    ['another item', '<div class=post id=a><i class=post id=b></i></div>', 2],
    // At two places of one page it is shown twice.
    ['beside itself', '<i class=post id=a></i><i class=post id=a></i>', 2],
    ['without ids', '<div class=post><i class=post></i></div>', 2],
  ])('counts once: %s', (_what, page, items) => {
    expect(itemsIn(page, withId)).toEqual([items]);
  });
});

describe('an item', () => {
  it.each([
    ['its end tag', '<div class=post>x</div>', 1],
    ['the end of its parent', '<section><div class=post>x</section>y', 1],
    ['the next list item', '<ul><li class=post>1<li class=post>2<b>x<li>3</ul>', 2],
    ['the end of the page', '<div><p class=post>x', 1],
    ['a void element', '<p><img class=post><hr class=post>', 2],
    ['the next paragraph', '<p class=post>1<p class=post>2<div>', 2],
    [
      'the next cell, row or section',
      '<table><tbody><tr class=post><td class=post>1<td>2<tr class=post><th>3<tbody>',
      3,
    ],
    ['the next option', '<select><option class=post>1<option class=post>2</select>', 2],
    ['the next term', '<dl><dt class=post>1<dd class=post>2<dt>3</dl>', 2],
  ])('ends with %s', (_what, page, items) => {
    expect(itemsIn(page, post)).toEqual([items]);
  });

  it.each([
    ['<ul><li class=a>1<ul><li>2</ul><i></i><li>3</ul>', '.a i', 1],
    ['<div class=a><p>1</span></div><i></i>', '.a i', 0],
    ['<div class=a><table><tr><td></div><i></i></table></div>', '.a i', 1],
    ['<p class=a><button><p></button><i></i></p>', '.a i', 1],
    ['<div class=a><form><div></form><i></i></div></div>', '.a i', 1],
    ['<h2 class=a>x</h3><i></i>', '.a i', 0],
    ['<p class=a><b><div><i></i></div>', '.a i', 0],
    ['<br class=a></br><i></i>', '.a i', 0],
    ['<body class=a><i></i></body><i></i></html><i></i>', '.a i', 3],
    ['<head class=a><title>x</title><body><i></i>', '.a i', 0],
    ['<html><body class=a><body class=b><i></i>', '.b i', 0],
    ['<html><body class=a><tr><i></i>', '.a i', 1],
  ])('of %s below %s is found %d times', (page, html, items) => {
    expect(itemsIn(page, { html })).toEqual([items]);
  });

  it('counts when its last byte is there, and not before', () => {
    const page = '<main><article class=post>one</article><article class=post>two</article></main>';
    const plan = planOf(post);
    const ends = [...page.matchAll(/<\/article>/g)].map(({ index }) => index + '</article>'.length);
    for (let at = 0; at <= page.length; at++) {
      const { items } = countPage(plan, [bytesOf(page.slice(0, at))], false);
      expect(items[0]).toBe(ends.filter((end) => end <= at).length);
    }
  });

  it('inside another one is one of its own', () => {
    const page =
      '<div class=h-feed><div class=h-entry>a<div class="h-cite h-entry">b</div></div><i class=h-entry></i></div>';
    expect(itemsIn(page, { html: '.h-entry' })).toEqual([3]);
    expect(itemsIn(page, { html: '.h-feed > .h-entry' })).toEqual([2]);
    expect(itemsIn(page, { html: '.h-cite', kind: 'embedded' }, { html: '.h-entry' })).toEqual([1, 2]);
  });

  it('that several selectors fit is of the first', () => {
    expect(itemsIn('<i class="a b"></i><i class=b></i>', { html: '.b' }, { html: '.a' })).toEqual([2, 0]);
    expect(itemsIn('<i class="a b"></i><i class=b></i>', { html: '.a' }, { html: '.b' })).toEqual([1, 1]);
  });

  it('counts neither excluded elements nor anything in them', () => {
    const page = '<i class=post></i><aside><p><i class=post></i></p></aside><i class="post ad"></i>';
    expect(itemsIn(page, { html: '.post', not: 'aside, .ad' })).toEqual([1]);
    expect(itemsIn(page, { html: '.post', not: 'main aside' }, { html: 'i' })).toEqual([3, 0]);
    expect(itemsIn(page, { html: '.post', not: 'aside' }, { html: 'i' })).toEqual([2, 1]);
  });
});

describe('fallback', () => {
  const entries = [
    { html: '.post' },
    { html: '.reply', kind: 'reply' as const },
    { html: 'body.single', fallback: true, id: 'class^=postid-' },
  ];

  it('counts if no selector of its kind found anything', () => {
    expect(itemsIn('<body class="single postid-7"><p>x</p>', ...entries)).toEqual([0, 0, 1]);
    expect(itemsIn('<body class="single postid-7"><p class=reply>x</p>', ...entries)).toEqual([0, 1, 1]);
    expect(itemsIn('<body class="single"><p class=post>x</p>', ...entries)).toEqual([1, 0, 0]);
    expect(itemsIn('<body class="single post">', ...entries)).toEqual([1, 0, 0]);
    expect(itemsIn('<body><p>x</p>', ...entries)).toEqual([0, 0, 0]);
  });

  it('has its id, and waits for the end', () => {
    const body = bytesOf('<body class="single postid-7"><p>x</p></body></html>');
    expect(countPage(planOf(...entries), [body])).toEqual({ items: [0, 0, 1], ids: 1 });
    expect(countPage(planOf(...entries), [body], false)).toEqual({ items: [0, 0, 0], ids: 0 });
  });
});

describe('the id', () => {
  const ids = (page: string, id: string) => countPage(planOf({ html: 'i', id }), [bytesOf(page)]).ids;

  it('is an attribute, or a word of it without its beginning', () => {
    expect(
      ids('<i data-id=1></i><i data-id=2></i><i data-id=1></i><i></i><i data-id=""></i>', 'data-id'),
    ).toBe(2);
    expect(
      ids('<i class="a wp-post-9 post-1 post-2">1</i><i class="post- post-1"></i>', 'class^=post-'),
    ).toBe(1);
    expect(ids('<i class="post-1"></i><i class="b\npost-2"></i><i class=post-></i>', 'class^=post-')).toBe(2);
  });
});

describe('a body', () => {
  const plan = planOf(post);
  const count = (...chunks: Uint8Array[]) => countPage(plan, chunks);
  const page = '<p class=post>caf\u00e9 \u{1f600}</p><p>x</p>';

  it('without posts is an honest 0', () => {
    expect(count(bytesOf('<p>x</p>'))).toEqual({ items: [0], ids: 0 });
  });

  it('without tags is no page', () => {
    expect(count()).toMatchObject({ failure: 'truncated' });
    expect(count(bytesOf(' \n'))).toMatchObject({ failure: 'truncated' });
    expect(count(bytesOf('Internal error'))).toMatchObject({ failure: 'shape' });
    expect(count(bytesOf('<!-- nothing -->'))).toMatchObject({ failure: 'shape' });
    expect(count(bytesOf(' {"html":"<p class=post></p>"}'))).toMatchObject({ failure: 'shape' });
    expect(count(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16))).toMatchObject({ failure: 'shape' });
    expect(count(Uint8Array.of(0xff))).toMatchObject({ failure: 'shape' });
  });

  it('may be in UTF-16, if it has that byte order mark', () => {
    const little = new Uint8Array(new Uint16Array([...`\ufeff${page}`].flatMap(unitsOf)).buffer);
    const big = little.map((_, at) => little[at ^ 1]!);
    for (const body of [little, big]) {
      expect(count(body)).toMatchObject({ items: [1] });
      expect(count(...cutsOf(body, 1))).toMatchObject({ items: [1] });
    }
  });

  it('may come with chunks that are empty', () => {
    const pieces = [...cutsOf(bytesOf(page), 1)].flatMap((piece) => [piece, new Uint8Array()]);
    expect(count(...pieces)).toEqual({ items: [1], ids: 0 });
    expect(count(bytesOf('<'), new Uint8Array(), bytesOf('p class=post>'))).toEqual({ items: [1], ids: 0 });
  });

  it('may be in any encoding that shares ASCII', () => {
    expect(count(Uint8Array.of(0xe9, 0xe0, ...bytesOf(page), 0xe9))).toMatchObject({ items: [1] });
    expect(count(...cutsOf(Buffer.from(page, 'latin1'), 1))).toMatchObject({ items: [1] });
  });

  it('deeper than any page is of no shape', () => {
    expect(count(bytesOf('<b>'.repeat(1024)))).toEqual({ items: [0], ids: 0 });
    expect(count(bytesOf(`<p class=post></p>${'<b>'.repeat(1025)}`))).toMatchObject({ failure: 'shape' });
  });

  it('with an attribute longer than any is too large', () => {
    const chunk = bytesOf('x'.repeat(65_536));
    const long = [bytesOf('<p title="'), ...Array<Uint8Array>(8).fill(chunk), bytesOf('"><i class=post>')];
    expect(count(...long)).toEqual({ items: [1], ids: 0 });
    long[0] = bytesOf('<p class="');
    expect(count(...long)).toMatchObject({ failure: 'too_large' });
  });
});

function unitsOf(character: string): number[] {
  return Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
}

describe('for any input', () => {
  const plan = planOf(
    { html: '.a > b, p:nth-of-type(2)', not: 'i', id: 'class^=a' },
    { html: '*', fallback: true },
  );
  const piece = fc.constantFrom(
    ...[
      '<',
      '>',
      '</',
      '/>',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '"',
      "'",
      '=',
      '&amp',
      ';',
      ' ',
      '\n',
      '\0',
    ],
    ...[
      '<p class="a">',
      '<b>',
      '</b>',
      '<script>',
      '</script>',
      '<svg>',
      '<table>',
      '<tr>',
      '<li>',
      '</form>',
      '<form>',
    ],
    ...[
      '<textarea',
      'class=a',
      '<template>',
      '</p>',
      '\u00e9',
      '<noscript>',
      '</noscript>',
      '<body>',
      '<x\u00e9>',
    ],
  );

  it('never crashes or hangs, and counts the same for every cut', () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(piece, { maxLength: 60 }).map((pieces) => bytesOf(pieces.join(''))),
    );
    fc.assert(
      fc.property(body, fc.integer({ min: 1, max: 9 }), (bytes, size) => {
        expect(countPage(plan, cutsOf(bytes, size))).toEqual(countPage(plan, [bytes]));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['text', '<p>', 'x'],
    ['a comment', '<p><!-- ', '- '],
    ['a tag name', '<p', 'x'],
    ['an attribute name', '<p ', 'x'],
    ['attributes', '<p ', 'a=b '],
    ['a script', '<script>', '<'],
    ['a CDATA section', '<p><![CDATA[', ']'],
    ['tags', '<p>', '<a></a>'],
    ['end tags', '<p>', '</div>'],
  ])('of %s without end needs no more memory', (_what, begin, repeated) => {
    const megabyte = bytesOf(repeated.repeat(1_048_576 / repeated.length));
    const chunks = cutsOf(megabyte, 65_536);
    const body = [bytesOf(begin), ...chunks];
    let most = 0;
    function* endless() {
      const before = heldBytes();
      for (let turn = 0; turn < 6; turn++) {
        yield* body.slice(turn === 0 ? 0 : 1);
        // Looking takes longer than counting.
        if (turn % 2 === 1) most = Math.max(most, heldBytes() - before);
      }
    }
    countPage(planOf(post), endless());
    expect(most).toBeLessThan(3 * 1_048_576);
  });
});
