import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedBody } from '../../../src/count/bounded-body.ts';
import { CsvCounter } from '../../../src/count/csv/counter.ts';
import { compileCsv } from '../../../src/count/csv/plan.ts';
import { PostCount } from '../../../src/count/post-count.ts';
import type { CsvOptions } from '../../../src/count/route/schema.ts';
import { heldBytes } from '../held-memory.ts';
import { planned } from '../planned.ts';
import { cuts, piecesOf } from '../stream/arbitraries.ts';

interface Table extends Partial<CsvOptions> {
  readonly where?: string;
  readonly id?: string;
}

function start({ where, id, header = true, separator }: Table) {
  const entry = { csv: 'row', kind: 'post', ...(where ? { where } : {}), ...(id ? { id } : {}) } as const;
  const options = separator === undefined ? { header } : { header, separator };
  const compiled = planned((problems) => compileCsv([entry], options, problems));
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const found = new PostCount([{ text: '', kind: 'post', counts: true }], id !== undefined);
  const body = new BoundedBody(new CsvCounter(compiled.plan, found), found, Number.POSITIVE_INFINITY, true);
  return { body, found };
}

function run(table: Table, pieces: Iterable<Uint8Array>, isWhole = true) {
  const { body } = start(table);
  for (const piece of pieces) {
    const lent = Uint8Array.from(piece);
    body.write(lent);
    lent.fill(0x22);
  }
  const { posts, uncounted, ids } = body.result(isWhole);
  return { posts, uncounted, different: new Set(ids?.filter((_, index) => index % 2 === 0)).size };
}

/** In one piece and byte by byte, which must be the same. */
function count(table: Table, text: string | Uint8Array, isWhole = true) {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const whole = run(table, [bytes], isWhole);
  expect(
    run(
      table,
      [...bytes].map((byte) => Uint8Array.of(byte)),
      isWhole,
    ),
  ).toEqual(whole);
  return whole;
}

describe('the rows of a table', () => {
  it.each<[string, string, Table, number]>([
    ['a header and two rows', 'id,text\n1,a\n2,b\n', {}, 2],
    ['no line end behind the last', 'id,text\n1,a\n2,b', {}, 2],
    ['no header', '1,a\n2,b\n', { header: false }, 2],
    ['lines that end with CRLF', 'id,text\r\n1,a\r\n2,b\r\n', {}, 2],
    ['lines that end with CR', 'id,text\r1,a\r2,b\r', {}, 2],
    ['a byte order mark', '\ufeff"id",text\n1,a\n', { id: 'id' }, 1],
    ['line ends, separators and quotes in a field', 'id,text\n1,"a\nb,""c""\r\n"\n2,b\n', {}, 2],
    ['a header over two lines', '"id","the\ntext"\n1,a\n', {}, 1],
    ['semicolons', 'id;text\n1;"a\nb"\n', {}, 1],
    ['tabs', 'id\ttext\n1\t"a\nb"\n', {}, 1],
    ['bars, as the route says', '1|"a\nb"\n2|b\n', { header: false, separator: '|' }, 2],
    ["Excel's line that names the separator", 'sep=;\r\nid;text\r\n1;"a\nb"\r\n', {}, 1],
    ['empty lines, and rows without a value', '\r\n\nid,text\n\n1,a\n,\n"",""\n  \n2,b\n\n', {}, 2],
    ['a quote inside a plain field', 'id,text\n1,5" disk\n2,b\n', {}, 2],
    ['text behind a closing quote', 'id,text\n1,"a" b\n2,b\n', {}, 2],
    ['fewer and more fields than the header', 'id,text\n1\n2,b,c,d\n', {}, 2],
    ['a header alone', 'id,text\n', {}, 0],
    ['nothing', '', {}, 0],
    ['nothing but a line that names the separator', 'sep=;', {}, 0],
    ['a column under test', 'id,type\n1,post\n2,page\n3,"post"\n', { where: 'type == "post"' }, 2],
    ['a column that must be empty', 'id,reply_to\n1,\n2,1\n', { where: 'reply_to is absent' }, 1],
    ['a column by its number', '1,post\n2,page\n', { header: false, where: '2 == "post"' }, 1],
  ])('%s', (_, text, table, posts) => {
    expect(count(table, text)).toMatchObject({ posts, uncounted: undefined });
  });

  it('in UTF-16, as Excel writes it', () => {
    const text = Buffer.from('\ufeffid\ttext\r\n1\té\r\n', 'utf16le');
    expect(count({}, text)).toMatchObject({ posts: 1 });
    expect(count({}, Buffer.from(text).swap16())).toMatchObject({ posts: 1 });
  });

  it('are distinguished by their id', () => {
    const text = '"the ""id""",text\n1,a\n2,b\n1,c\n,d\n';
    expect(count({ id: 'the "id"' }, text)).toMatchObject({ posts: 4, different: 2 });
    expect(count({ id: 'other' }, text)).toMatchObject({ posts: 4, different: 0 });
    expect(count({ id: '2', header: false }, '1,a\n2,a\n')).toMatchObject({ posts: 2, different: 1 });
  });

  it.each<[string, string, Table, string]>([
    ['a page of HTML', '<!DOCTYPE html>\n<p>a\n', {}, 'shape'],
    ['an error in JSON', ' {"error":\n"a"}\n', {}, 'shape'],
    ['a table without the column that is tested', 'id,text\n1,a\n', { where: 'type == "post"' }, 'shape'],
    ['a first row without end', 'a'.repeat(70_000), {}, 'shape'],
    ['a table that ends inside of a field', 'id,text\n1,"a\n2,b\n', {}, 'truncated'],
  ])('%s is uncounted', (_, text, table, uncounted) => {
    expect(run(table, [Buffer.from(text)])).toMatchObject({ posts: 0, uncounted });
  });

  it('that were cut off are not counted', () => {
    expect(count({}, 'id,text\n1,a\n2,b', false)).toMatchObject({ posts: 1, uncounted: undefined });
  });

  it('count one by one', () => {
    const { body, found } = start({});
    body.write(Buffer.from('id,text\n1,a\n2'));
    expect(found.untaken).toBe(1);
  });

  it('an endless field needs no memory', () => {
    const { body, found } = start({ id: 'text' });
    body.write(Buffer.from('id,text\n1,"'));
    const piece = Buffer.alloc(65_536, 'x');
    const before = heldBytes();
    for (let i = 0; i < 512; i++) body.write(piece);
    expect(heldBytes() - before).toBeLessThan(64 * piece.length);
    body.write(Buffer.from('"\n'));
    expect(found.untaken).toBe(1);
  }, 20_000);

  it.each([
    [{ header: false, id: 'id' }, /the first column is/],
    [{ where: '==' }, /not a test: use member/],
  ])('%j is refused', (table, message) => {
    expect(() => start(table)).toThrow(message);
  });

  it('equal those of csv-parse, wherever the table is cut', () => {
    const field = fc.oneof(
      fc.constantFrom('', 'a', ' ', 'post', '5" b', '"a""b"', '"x\ny"', '"\r\n"', '"a,;|\tb"', '""'),
      fc.stringMatching(/^[a-z0-9 ]{0,8}$/),
    );
    const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 12 });
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    const separators = fc.constantFrom(',', ';', '\t', '|');
    fc.assert(
      fc.property(rows, ends, separators, fc.boolean(), cuts, (table, end, separator, header, at) => {
        const text = table.map((row) => row.join(separator)).join(end);
        const records = parse(text, {
          delimiter: separator,
          record_delimiter: ['\r\n', '\n', '\r'],
          relax_quotes: true,
          relax_column_count: true,
          skip_empty_lines: true,
        });
        const values = records.slice(header ? 1 : 0).filter((row) => row.some((one) => one.trim() !== ''));
        const options = { header, separator } as const;
        const { posts, uncounted } = run(options, piecesOf(Buffer.from(text), at));
        expect({ posts, uncounted }).toEqual({ posts: values.length, uncounted: undefined });
      }),
      { numRuns: 500 },
    );
  });
});
