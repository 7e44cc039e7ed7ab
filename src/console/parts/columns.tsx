/** The choice of a list's columns: a folded form whose choice is in the address, so that it can be kept and sent. */

import type { PageContext } from '../context.ts';
import type { Column } from './table.tsx';

export interface ChoosableColumn<Row> extends Column<Row> {
  /** The value of the parameter `columns`. Columns without a name are always shown. */
  readonly name?: string;
  /** Shown only if it is chosen. */
  readonly isExtra?: boolean;
}

const PARAMETER = 'columns';

/** The chosen columns in their order. Without a choice, all that are not extra. */
export function chosenColumns<Row>(
  c: PageContext,
  columns: ReadonlyArray<ChoosableColumn<Row>>,
): ReadonlyArray<ChoosableColumn<Row>> {
  const chosen = new Set(c.req.queries(PARAMETER));
  return columns.filter(
    ({ name, isExtra = false }) => name === undefined || (chosen.size === 0 ? !isExtra : chosen.has(name)),
  );
}

export function ColumnChooser<Row>(props: { c: PageContext; columns: ReadonlyArray<ChoosableColumn<Row>> }) {
  const { c, columns } = props;
  const others = [...new URL(c.req.url).searchParams].filter(
    ([name]) => name !== PARAMETER && name !== 'cursor' && name !== 'done',
  );
  const shown = new Set(chosenColumns(c, columns).map(({ name }) => name));
  return (
    <details class="chooser">
      <summary>Columns</summary>
      <form method="get" action={c.req.path} class="form inline">
        {others.map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        {columns.map(({ name, head }) =>
          name === undefined ? null : (
            <label class="check">
              <input type="checkbox" name={PARAMETER} value={name} checked={shown.has(name)} /> {head}
            </label>
          ),
        )}
        <button type="submit">Show these</button>
      </form>
    </details>
  );
}
