/** Tables of lists: sorted by links, with a keyset pager. Wide tables scroll inside their own region. */

import type { Child } from 'hono/jsx';
import { hrefWith, type PageContext } from '../context.ts';

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row, index: number) => Child;
  /** Aligned to the end, with figures of equal width. */
  readonly isFigure?: boolean;
  /** The value of the parameter `sort` for this column, as the API takes it. */
  readonly sort?: string;
  /** The only order in which the API sorts by this column. Default: both, descending first. */
  readonly order?: 'ascending' | 'descending';
  /** The field of the row in the API. Tests compare it with the cell. */
  readonly field?: string;
}

export interface TableProps<Row> {
  readonly c: PageContext;
  readonly caption: string;
  readonly columns: ReadonlyArray<Column<Row>>;
  readonly rows: readonly Row[];
  /** The sort in force if the address has none: `-share`. */
  readonly defaultSort?: string;
  /** The identity of a row, so that a renewed page keeps its rows apart. */
  readonly keyOf?: (row: Row) => string;
  /** The request whose items the rows are. */
  readonly api?: string;
  /** A checkbox before each row, in the form with this id. @see Selection */
  readonly select?: { readonly form: string; readonly name: string; readonly value: (row: Row) => string };
}

export function DataTable<Row>(props: TableProps<Row>) {
  const { c, caption, columns, rows, defaultSort, keyOf, api, select } = props;
  const sort = c.req.query('sort') ?? defaultSort;
  return (
    <section class="scroll" tabindex={0} aria-label={caption}>
      <table data-api={api}>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {select === undefined ? null : (
              <th scope="col" class="pick">
                <span class="hidden">Selected</span>
              </th>
            )}
            {columns.map((column) => (
              <Head c={c} column={column} sort={sort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr id={keyOf === undefined ? undefined : `row-${keyOf(row)}`}>
              {select === undefined ? null : (
                <td class="pick">
                  <input
                    type="checkbox"
                    form={select.form}
                    name={select.name}
                    value={select.value(row)}
                    aria-label={`Select ${select.value(row)}`}
                  />
                </td>
              )}
              {columns.map(({ cell, isFigure = false, field }) => (
                <td class={isFigure ? 'figure' : undefined} data-field={field}>
                  {cell(row, index)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Head<Row>(props: { c: PageContext; column: Column<Row>; sort: string | undefined }) {
  const { c, column, sort } = props;
  const className = column.isFigure === true ? 'figure' : undefined;
  if (column.sort === undefined) {
    return (
      <th scope="col" class={className}>
        {column.head}
      </th>
    );
  }
  const isDescending = sort === `-${column.sort}`;
  const isAscending = sort === column.sort;
  const isNextAscending = column.order === undefined ? isDescending : column.order === 'ascending';
  const next = isNextAscending ? column.sort : `-${column.sort}`;
  return (
    <th
      scope="col"
      class={className}
      aria-sort={isDescending ? 'descending' : isAscending ? 'ascending' : undefined}
    >
      <a href={hrefWith(c, { sort: next })}>
        {column.head}
        <span aria-hidden="true">{isDescending ? ' ▾' : isAscending ? ' ▴' : ''}</span>
      </a>
    </th>
  );
}

/** Links to the first and the next page of a list. @param total the number of hits, as a sentence: "120 invoices". */
export function Pager({ c, next, total }: { c: PageContext; next: string | null; total?: Child }) {
  const isFirst = c.req.query('cursor') === undefined;
  if (isFirst && next === null && total === undefined) return null;
  return (
    <nav class="pager" aria-label="Pages of the list">
      {total === undefined ? null : <span>{total}</span>}
      {isFirst ? null : <a href={hrefWith(c, {})}>First page</a>}
      {next === null ? null : (
        <a href={hrefWith(c, { cursor: next })} rel="next">
          Next page
        </a>
      )}
    </nav>
  );
}
