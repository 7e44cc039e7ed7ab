/** The difference between two states of a record, field by field. */

import { counted } from '../../report/counted.ts';

export interface FieldChange {
  /** Path of the field: `terms.price`. */
  readonly field: string;
  /** Undefined if the field did not exist. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The fields that differ. Equal fields are left out, and nested objects are compared by field. */
export function changesOf(before: unknown, after: unknown): readonly FieldChange[] {
  const [old, now] = [fieldsOf('', before), fieldsOf('', after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((field) => old.get(field) !== now.get(field))
    .map((field) => ({ field, before: old.get(field), after: now.get(field) }));
}

function fieldsOf(path: string, value: unknown): Map<string, string> {
  if (value === null || value === undefined) return new Map(path === '' ? [] : [[path, '–']]);
  if (typeof value !== 'object') return new Map([[path, String(value)]]);
  if (Array.isArray(value)) return new Map([[path, value.map(textOf).join(', ')]]);
  return new Map(
    Object.entries(value).flatMap(([name, one]) => [
      ...fieldsOf(path === '' ? name : `${path}.${name}`, one),
    ]),
  );
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function Difference({ before, after }: { before: unknown; after: unknown }) {
  const changes = changesOf(before, after);
  if (changes.length === 0) return null;
  const isNew = before === null;
  return (
    <details>
      <summary>{counted(changes.length, 'field')}</summary>
      <dl class="difference">
        {changes.map((change) => (
          <div>
            <dt>{change.field}</dt>
            <dd>
              {isNew || change.before === undefined ? null : (
                <>
                  <del>{change.before}</del> <span aria-hidden="true">→</span>{' '}
                </>
              )}
              {change.after === undefined ? <small>removed</small> : <ins>{change.after}</ins>}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
