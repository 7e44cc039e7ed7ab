/** Forms: fields with their hints, entered values and the API's errors; buttons; pages that confirm an action. */

import type { Child, PropsWithChildren } from 'hono/jsx';
import type { ProblemJson } from '../../admin/problem.ts';
import { ProblemNotice } from './notice.tsx';

/** What the person entered, and the problem that came back. Empty for a fresh form. */
export interface FormState {
  readonly values: Readonly<Record<string, string>>;
  readonly problem?: ProblemJson | undefined;
}

export const FRESH: FormState = { values: {} };

/** A form that posts to the path of its page. @param action default: the page's own path. */
export function PostForm(
  props: PropsWithChildren<{
    state: FormState;
    action?: string | undefined;
    id?: string | undefined;
    api?: string | undefined;
    class?: string | undefined;
    /** For a form with a file. */
    enctype?: 'multipart/form-data';
  }>,
) {
  const { state, action, id, api, enctype, children } = props;
  return (
    <form
      method="post"
      action={action}
      id={id}
      data-api={api}
      enctype={enctype}
      class={props.class ?? 'form'}
    >
      {state.problem === undefined ? null : <ProblemNotice problem={state.problem} />}
      {children}
    </form>
  );
}

export interface FieldProps {
  /** The name in the form. */
  readonly name: string;
  readonly label: string;
  readonly state: FormState;
  /** Default: made from the name. A page with several forms needs it. */
  readonly id?: string | undefined;
  /** The field of the API, if its name differs: `billing.taxId`. */
  readonly field?: string | undefined;
  readonly hint?: Child | undefined;
  /** The value of a fresh form. */
  readonly value?: string | undefined | undefined;
  readonly type?:
    | 'text'
    | 'number'
    | 'email'
    | 'url'
    | 'search'
    | 'datetime-local'
    | 'date'
    | 'password'
    | 'file';
  readonly required?: boolean;
  readonly placeholder?: string | undefined;
  readonly options?: ReadonlyArray<readonly [value: string, text: string]>;
  /** More than 1 makes a text area. */
  readonly lines?: number;
  readonly inputmode?: 'numeric' | 'decimal' | 'text';
}

export function Field(props: FieldProps) {
  const { name, label, state, hint } = props;
  const id = props.id ?? `field-${name.replaceAll('.', '-')}`;
  const error = state.problem?.errors?.find(({ field }) => field === (props.field ?? name));
  const described = [
    hint === undefined ? [] : [`${id}-hint`],
    error === undefined ? [] : [`${id}-error`],
  ].flat();
  const value = state.values[name] ?? props.value;
  const common = {
    id,
    name,
    required: props.required,
    'aria-describedby': described.length === 0 ? undefined : described.join(' '),
    'aria-invalid': error === undefined ? undefined : ('true' as const),
  };
  return (
    <div class="field">
      <label for={id}>
        {label}
        {props.required === true ? null : <small> optional</small>}
      </label>
      <Control {...props} common={common} value={value} />
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error === undefined ? null : (
        <p class="error" id={`${id}-error`}>
          {label} {error.reason}: {error.hint}
        </p>
      )}
    </div>
  );
}

function Control(props: FieldProps & { common: Record<string, unknown>; value: string | undefined }) {
  const { options, lines = 1, common, value } = props;
  if (options !== undefined) {
    return (
      <select {...common}>
        {options.map(([one, text]) => (
          <option value={one} selected={one === (value ?? '')}>
            {text}
          </option>
        ))}
      </select>
    );
  }
  if (lines > 1) {
    return (
      <textarea {...common} rows={lines}>
        {value}
      </textarea>
    );
  }
  const { type = 'text', placeholder, inputmode } = props;
  return (
    <input
      {...common}
      type={type}
      value={value}
      placeholder={placeholder}
      inputmode={inputmode}
      autocomplete="off"
    />
  );
}

export function Checkbox(props: { name: string; label: string; state: FormState; isChecked?: boolean }) {
  const { name, label, state, isChecked = false } = props;
  const isSent = Object.keys(state.values).length > 0;
  return (
    <label class="check">
      <input
        type="checkbox"
        name={name}
        value="yes"
        checked={isSent ? state.values[name] === 'yes' : isChecked}
      />{' '}
      {label}
    </label>
  );
}

/** @param tone `primary` for the main action of a form, `danger` for one that cannot be undone. */
export function Submit(
  props: PropsWithChildren<{
    tone?: 'primary' | 'danger' | undefined;
    name?: string | undefined;
    value?: string | undefined;
  }>,
) {
  const { tone, name, value, children } = props;
  return (
    <button type="submit" class={tone} name={name} value={value}>
      {children}
    </button>
  );
}

/** The body of a page that says in numbers what an action will do, and asks for it. */
export function Confirmation(
  props: PropsWithChildren<{
    state: FormState;
    /** The button: "Issue the invoice". */
    label: string;
    /** The page to return to without the action. */
    back: string;
    tone?: 'primary' | 'danger' | undefined;
    api?: string | undefined;
    hidden?: Readonly<Record<string, string>>;
  }>,
) {
  const { state, label, back, tone = 'primary', api, hidden = {}, children } = props;
  return (
    <PostForm state={state} api={api} class="form card">
      {Object.entries(hidden).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      {children}
      <p class="buttons">
        <Submit tone={tone}>{label}</Submit>
        <a href={back}>Cancel</a>
      </p>
    </PostForm>
  );
}
