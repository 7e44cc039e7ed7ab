/** What the pages of the registry of rights share: their tabs, settings as rows, and the form that states one. */

import type { z } from 'zod';
import type { SettingSchema, SubjectSchema } from '../../../admin/routes/rights/rights-schemas.ts';
import { SETTING_VALUES, STATES } from '../../../rights/state.ts';
import { SUBJECT_KINDS } from '../../../rights/subject.ts';
import { type Answer, api } from '../../api.ts';
import type { PageContext } from '../../context.ts';
import { Badge } from '../badge.tsx';
import { Field, type FormState, PostForm, Submit } from '../form.tsx';
import type { Tone } from '../notice.tsx';
import type { Column } from '../table.tsx';
import { Moment } from '../value.tsx';
import { codeText } from './askers.tsx';

export type SubjectJson = z.output<typeof SubjectSchema>;
export type SettingJson = z.output<typeof SettingSchema>;

const TABS = [
  ['/rights', 'Subjects', undefined],
  ['/rights/explain', 'Explain a post', undefined],
  ['/rights/import', 'Import', 'rights'],
] as const;

/** @param mayWrite whether the person may change the registry. */
export function RightsTabs({ c, mayWrite }: { c: PageContext; mayWrite: boolean }) {
  return (
    <nav class="tabs" aria-label="Rights">
      {TABS.filter(([, , role]) => role === undefined || mayWrite).map(([path, label]) => (
        <a href={path} aria-current={c.req.path === path ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
  );
}

export const SUBJECT_KIND_OPTIONS = SUBJECT_KINDS.map((kind) => [kind, kind] as const);
export const STATE_OPTIONS = STATES.map((state) => [state, codeText(state)] as const);
const VALUE_TONES: Readonly<Record<SettingJson['value'], Tone>> = { on: 'info', off: 'good', unset: 'quiet' };
const VALUE_TEXTS: Readonly<Record<SettingJson['value'], string>> = {
  on: 'on',
  off: 'off: an explicit allowance',
  unset: 'unset: withdraws what the source stated',
};

/** The form that states one setting. The subject is fixed if it is given. */
export function SettingForm({ state, subject }: { state: FormState; subject?: SubjectJson }) {
  return (
    <PostForm state={state} api="POST /v1/rights/settings">
      {subject === undefined ? <SubjectFields state={state} /> : null}
      <div class="fields">
        <Field
          name="state"
          field="settings.0.state"
          label="State"
          state={state}
          required
          value="no_training"
          options={STATE_OPTIONS}
        />
        <Field
          name="value"
          field="settings.0.value"
          label="Value"
          state={state}
          required
          options={SETTING_VALUES.map((value) => [value, VALUE_TEXTS[value]] as const)}
        />
        <Field
          name="source"
          label="Source"
          state={state}
          required
          value="console"
          hint="Who states it. A source replaces only its own settings."
        />
      </div>
      <Field name="reason" label="Reason" state={state} required hint="Recorded with the setting." />
      <p class="buttons">
        <Submit tone="primary">Store the setting</Submit>
      </p>
    </PostForm>
  );
}

function SubjectFields({ state }: { state: FormState }) {
  return (
    <div class="fields">
      <Field
        name="kind"
        field="settings.0.kind"
        label="Kind"
        state={state}
        required
        options={SUBJECT_KIND_OPTIONS}
      />
      <Field
        name="name"
        field="settings.0.name"
        label="Name"
        state={state}
        required
        hint="Id of the post or author, host of the blog, or path."
      />
      <Field
        name="scope"
        field="settings.0.scope"
        label="Scope"
        state={state}
        hint="Host or site, if names are not unique."
      />
    </div>
  );
}

/** Stores the setting of a `SettingForm`. */
export function storeSetting(
  c: PageContext,
  values: Readonly<Record<string, string>>,
): Promise<Answer<unknown>> {
  const { source, reason, kind, scope = '', name, state, value } = values;
  const settings = [{ kind, scope, name, state, value }];
  return api(c).post('/v1/rights/settings', { source, reason, settings });
}

/** The columns of settings. @param isFromApi whether the rows are the items of the table's request. */
export function settingColumns(isFromApi: boolean): ReadonlyArray<Column<SettingJson>> {
  const from = (field: keyof SettingJson) => (isFromApi ? { field } : {});
  return [
    { head: 'Received', ...from('receivedAt'), cell: ({ receivedAt }) => <Moment at={receivedAt} /> },
    { head: 'State', cell: ({ state }) => codeText(state) },
    { head: 'Value', cell: ({ value }) => <Badge tone={VALUE_TONES[value]}>{value}</Badge> },
    { head: 'Source', ...from('source'), cell: ({ source }) => source },
    { head: 'Holds from', ...from('effectiveAt'), cell: ({ effectiveAt }) => <Moment at={effectiveAt} /> },
    { head: 'By', ...from('actor'), cell: ({ actor }) => actor },
    { head: 'Reason', ...from('reason'), cell: ({ reason }) => <bdi>{reason}</bdi> },
    { head: 'Reference', ...from('ref'), cell: ({ ref }) => <bdi>{ref ?? '–'}</bdi> },
  ];
}
