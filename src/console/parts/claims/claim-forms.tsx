/** The forms of finance on a claim. Each posts the name of its action. */

import type { Child } from 'hono/jsx';
import type { DisputeJson } from '../../../admin/routes/claims/claim-schemas.ts';
import { CREDIT_GROUNDS } from '../../../invoice/manual.ts';
import { Field, type FormState, FRESH, PostForm, Submit } from '../form.tsx';
import { GROUND_WORDS, OUTCOME_WORDS } from './claim-lists.tsx';

const ACTIONS = ['credit', 'back', 'write-off', 'remind', 'dispute', 'answer', 'resolve'] as const;
export type ClaimAction = (typeof ACTIONS)[number];

export function isClaimAction(name: string | undefined): name is ClaimAction {
  return ACTIONS.some((action) => action === name);
}

/** `state` is that of the submitted form. */
export function ClaimForms({ state, open }: { state: FormState; open: DisputeJson | undefined }) {
  return (
    <div class="columns">
      <ClaimForm action="credit" title="Credit a line" state={state}>
        {lineFields('credit')}
      </ClaimForm>
      <ClaimForm action="back" title="Take a credit back" state={state}>
        {lineFields('back')}
      </ClaimForm>
      {open === undefined ? (
        <ClaimForm action="dispute" title="Record a dispute" state={state}>
          {(own) => (
            <>
              <Field
                name="ground"
                label="Ground"
                state={own}
                required
                options={Object.entries(GROUND_WORDS)}
              />
              <Field id="dispute-text" name="text" label="The client says" state={own} required lines={3} />
              <Field name="disputed" label="Disputed amount" state={own} hint="Empty: all of it." />
            </>
          )}
        </ClaimForm>
      ) : (
        <>
          {open.answeredAt !== null ? null : (
            <ClaimForm action="answer" title="Answer the dispute" state={state}>
              {(own) => <Field id="answer-text" name="text" label="Answer" state={own} required lines={3} />}
            </ClaimForm>
          )}
          <ClaimForm action="resolve" title="Resolve the dispute" state={state}>
            {(own) => (
              <>
                <Field
                  name="outcome"
                  label="Outcome"
                  state={own}
                  required
                  options={Object.entries(OUTCOME_WORDS)}
                />
                <Field id="resolve-text" name="text" label="Why" state={own} required lines={3} />
              </>
            )}
          </ClaimForm>
        </>
      )}
      <ClaimForm action="remind" title="Remind at the next level" state={state}>
        {() => (
          <p>No reminder is made while the claim is disputed, on billing hold, or covered by a proposal.</p>
        )}
      </ClaimForm>
      <ClaimForm action="write-off" title="Write off what is owed" state={state}>
        {(own) => <Field id="write-off-reason" name="reason" label="Reason" state={own} required />}
      </ClaimForm>
    </div>
  );
}

const lineFields = (action: 'credit' | 'back') => (own: FormState) => (
  <>
    <Field
      id={`${action}-line`}
      name="line"
      field="lines.0.line"
      label="Line"
      state={own}
      required
      type="number"
      value="1"
      hint="Counted from 1."
    />
    <Field
      id={`${action}-amount`}
      name="amount"
      field="lines.0.amount"
      label="Net amount"
      state={own}
      required
      inputmode="decimal"
    />
    {action === 'back' ? null : (
      <Field
        id="credit-ground"
        name="ground"
        label="Ground"
        state={own}
        required
        options={CREDIT_GROUNDS.map((ground) => [ground, ground] as const)}
      />
    )}
    <Field id={`${action}-reason`} name="reason" label="Reason" state={own} required />
  </>
);

function ClaimForm(props: {
  action: ClaimAction;
  title: string;
  state: FormState;
  children: (own: FormState) => Child;
}) {
  const { action, title, state, children } = props;
  const own = state.values.action === action ? state : FRESH;
  return (
    <PostForm state={own} class="form card">
      <h2>{title}</h2>
      <input type="hidden" name="action" value={action} />
      {children(own)}
      <p class="buttons">
        <Submit tone={action === 'write-off' ? 'danger' : 'primary'}>{title}</Submit>
      </p>
    </PostForm>
  );
}
