/** The import of a file of settings. A dry run says what would be stored and lifted before anything is. */

import type { z } from 'zod';
import type { ImportSchema } from '../../../admin/routes/rights/imports.ts';
import { counted } from '../../../report/counted.ts';
import { type Answer, api } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { page } from '../../layout.tsx';
import { Facts } from '../../parts/figure.tsx';
import { Checkbox, Confirmation, Field, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Empty } from '../../parts/notice.tsx';
import { RightsTabs } from '../../parts/rights/registry.tsx';
import { Count, None } from '../../parts/value.tsx';

type Import = z.output<typeof ImportSchema>;
type Values = Readonly<Record<string, string>>;

const EXAMPLE = 'kind,scope,name,state,value\nauthor,,jane,no_training,on';

export const rightsImportPage: ConsolePage = {
  path: '/rights/import',
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await valuesOf(c);
    const isPreview = values.step !== 'store';
    const answer = await send(c, values, isPreview);
    if (!answer.ok) return render(c, { values, problem: answer.problem });
    return isPreview ? preview(c, values, answer.value) : seeDone(c, '/rights', 'imported');
  },
};

/** The fields of the form. A chosen file takes the place of the text. */
async function valuesOf(c: PageContext): Promise<Values> {
  const values = await formOf(c);
  const { file } = await c.req.parseBody();
  return file instanceof File && file.size > 0 ? { ...values, csv: await file.text() } : values;
}

function send(c: PageContext, values: Values, isPreview: boolean): Promise<Answer<Import>> {
  const { source = '', reason = '', replaceSource, maxLift, csv = '' } = values;
  const query = { source, reason, replaceSource: replaceSource === 'yes' ? 'true' : 'false', maxLift };
  return api(c).postCsv('/v1/rights/imports', { ...query, dryRun: String(isPreview) }, csv);
}

function render(c: PageContext, state: FormState) {
  const mayWrite = mayAct(c, 'rights');
  return page(
    c,
    { title: 'Import rights', status: state.problem?.status ?? 200 },
    <>
      <RightsTabs c={c} mayWrite={mayWrite} />
      {mayWrite ? (
        <ImportForm state={state} />
      ) : (
        <Empty title="Imports need the role rights">
          <p>Ask an admin for a token with it.</p>
        </Empty>
      )}
    </>,
  );
}

function ImportForm({ state }: { state: FormState }) {
  return (
    <>
      <p>
        The next page says what the file changes. Nothing is stored before. The form takes files up to 1 MB;
        import larger ones with <code>postmeter rights import</code>.
      </p>
      <PostForm state={state} api="POST /v1/rights/imports" class="form card" enctype="multipart/form-data">
        <div class="fields">
          <Field
            name="source"
            label="Source"
            state={state}
            required
            placeholder="platform"
            hint="Who states the settings."
          />
          <Field name="reason" label="Reason" state={state} required hint="Recorded with each setting." />
        </div>
        <Field name="file" label="CSV file" state={FRESH} type="file" />
        <Field
          name="csv"
          field="body"
          label="Or its text"
          state={state}
          lines={8}
          placeholder={EXAMPLE}
          hint="Columns: kind, scope, name, state, value, effective_at, ref. The last three are optional."
        />
        <Checkbox
          name="replaceSource"
          label="The file is the whole truth of the source: withdraw what it lacks"
          state={state}
        />
        <Field
          name="maxLift"
          label="States that it may lift, in percent"
          state={state}
          type="number"
          value="5"
          hint="A file that was cut off would lift protections. An import that lifts more than this share of the states that the source has switched on is refused."
        />
        <p class="buttons">
          <Submit tone="primary">Preview</Submit>
          <a href="/rights">Cancel</a>
        </p>
      </PostForm>
    </>
  );
}

function preview(c: PageContext, values: Values, result: Import) {
  const { rows, stored, repeated, withdrawn, lifted } = result;
  return page(
    c,
    { title: `Import ${counted(rows, 'setting')} of ${values.source}` },
    <Confirmation
      state={FRESH}
      label={`Import ${counted(rows, 'setting')}`}
      back="/rights/import"
      tone={lifted === null || lifted === 0 ? 'primary' : 'danger'}
      hidden={{ ...values, step: 'store' }}
    >
      <Facts
        facts={[
          ['Rows of the file', <Count value={rows} />],
          ['Settings that are new', <Count value={stored} />],
          ['Settings that repeat what is known', <Count value={repeated} />],
          ['Settings that withdraw what the file lacks', <Count value={withdrawn} />],
          [
            'States that are lifted',
            lifted === null ? <None>the file withdraws nothing</None> : <Count value={lifted} />,
          ],
        ]}
      />
      <p>Each row was checked. The import is part of the history of each subject, and nothing is deleted.</p>
    </Confirmation>,
  );
}
