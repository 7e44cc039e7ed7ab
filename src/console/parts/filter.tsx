/** The filters of a list: a form above the table, and what is active as chips that remove it. */

import { hrefWith, type PageContext } from '../context.ts';

export interface FilterField {
  /** The parameter of the page, which the API has too. */
  readonly name: string;
  readonly label: string;
  /** A select. The first option, with an empty value, is no filter. */
  readonly options?: ReadonlyArray<readonly [value: string, text: string]>;
  readonly type?: 'search' | 'text' | 'datetime-local' | 'date' | 'number';
  readonly placeholder?: string;
}

/** What a list keeps when its filter changes. */
const KEPT: ReadonlySet<string> = new Set(['sort', 'limit', 'columns']);

export function Filter({ c, fields }: { c: PageContext; fields: readonly FilterField[] }) {
  const query = c.req.query();
  const active = fields.filter(({ name }) => (query[name] ?? '') !== '');
  const kept = [...new URL(c.req.url).searchParams].filter(([name]) => KEPT.has(name));
  return (
    <search class="filter">
      <form method="get" action={c.req.path}>
        {kept.map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        {fields.map((field) => (
          <div>
            <label for={`filter-${field.name}`}>{field.label}</label>
            <FilterControl field={field} value={query[field.name] ?? ''} />
          </div>
        ))}
        <button type="submit">Filter</button>
      </form>
      {active.length === 0 ? null : (
        <ul class="chips" aria-label="Active filters">
          {active.map(({ name, label, options }) => (
            <li>
              <a href={hrefWith(c, { [name]: undefined })}>
                <span class="hidden">Remove the filter </span>
                {label}: {options?.find(([value]) => value === query[name])?.[1] ?? query[name]}{' '}
                <span aria-hidden="true">×</span>
              </a>
            </li>
          ))}
          <li>
            <a href={hrefWith(c, Object.fromEntries(fields.map(({ name }) => [name, undefined])))}>Reset</a>
          </li>
        </ul>
      )}
    </search>
  );
}

function FilterControl({ field, value }: { field: FilterField; value: string }) {
  const { name, options, type = 'text', placeholder } = field;
  const id = `filter-${name}`;
  if (options === undefined) {
    return <input id={id} type={type} name={name} value={value} placeholder={placeholder} />;
  }
  return (
    <select id={id} name={name}>
      {options.map(([one, text]) => (
        <option value={one} selected={one === value}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** A moment in a filter, which `datetime-local` sends without a zone, as the API takes it: in UTC. */
export function utcOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return `${text}T00:00:00Z`;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? `${text}:00Z` : text;
}
