/** What the pages of the policy share: the matrix as a table, the facts of a document, and what is published from it. */

import type { z } from 'zod';
import type {
  PolicyPreviewSchema,
  PolicyVersionSchema,
  SiteDocumentSchema,
} from '../../../admin/routes/policies/policy-schemas.ts';
import { ASKER_CLASSES } from '../../../rights/asker.ts';
import { type ConcernedClass, type Matrix, UNCONCERNED_CLASSES } from '../../../rights/matrix.ts';
import { PREFERENCES, RESTRICTED_STATES } from '../../../rights/state.ts';
import { Facts } from '../figure.tsx';
import { None } from '../value.tsx';
import { codeText } from './askers.tsx';

export type PolicyVersionJson = z.output<typeof PolicyVersionSchema>;
export type PolicyPreviewJson = z.output<typeof PolicyPreviewSchema>;
type SiteDocumentJson = z.output<typeof SiteDocumentSchema>;
type PolicyDocument = PolicyVersionJson['policy'];

const CHOSEN_STATES = [...PREFERENCES, ...RESTRICTED_STATES] as const;
/** Forged agents get nothing, so that their row would have no effect. */
const ROWS = ASKER_CLASSES.filter(
  (own): own is ConcernedClass =>
    own !== 'forged' && !(UNCONCERNED_CLASSES as readonly string[]).includes(own),
);

const boxOf = (own: string, state: string) => `withhold.${own}.${state}`;

/** The states that are withheld from each class. @param isForm checkboxes instead of marks. */
export function MatrixTable({ matrix, isForm = false }: { matrix: Matrix; isForm?: boolean }) {
  const caption = 'What is withheld from each class, besides the hard states';
  return (
    <section class="scroll" tabindex={0} aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Class</th>
            {CHOSEN_STATES.map((state) => (
              <th scope="col">{codeText(state)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ROWS.map((own) => (
            <tr>
              <th scope="row">{codeText(own)}</th>
              {CHOSEN_STATES.map((state) => (
                <td>
                  <Cell {...{ own, state, isForm }} isWithheld={matrix[own]?.includes(state) ?? false} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell(props: { own: string; state: string; isForm: boolean; isWithheld: boolean }) {
  const { own, state, isForm, isWithheld } = props;
  if (!isForm) return isWithheld ? <span>withheld</span> : <None />;
  return (
    <input
      type="checkbox"
      name={boxOf(own, state)}
      value="yes"
      checked={isWithheld}
      aria-label={`Withhold posts with ${codeText(state)} from ${codeText(own)}`}
    />
  );
}

/** The matrix that the checkboxes of a form state. */
export function matrixOfForm(values: Readonly<Record<string, string>>): Matrix {
  const rows = ROWS.map((own) => [own, CHOSEN_STATES.filter((state) => values[boxOf(own, state)] === 'yes')]);
  return Object.fromEntries(rows.filter(([, states]) => states!.length > 0)) as Matrix;
}

export function PolicyFacts({ policy }: { policy: PolicyDocument }) {
  const { terms, rightsholder, regime, enforcement, purposes, agents } = policy;
  const exceptions = Object.entries(enforcement.classes).map(([own, mode]) => `${codeText(own)} ${mode}`);
  return (
    <Facts
      facts={[
        [
          'Terms of service',
          <a href={terms.url} rel="noreferrer">
            {terms.version}
          </a>,
        ],
        ['Rightsholder', <bdi>{`${rightsholder.name}, ${rightsholder.email}`}</bdi>],
        [
          'Without a setting',
          regime === 'opt_out' ? 'posts are permitted (opt out)' : 'posts are withheld (opt in)',
        ],
        ['Mode', [enforcement.mode, ...exceptions].join(', ')],
        ['Purposes', permissionsText(purposes)],
        ['Agents', permissionsText(agents)],
      ]}
    />
  );
}

function permissionsText(permissions: Readonly<Record<string, string | undefined>>): string | null {
  const texts = Object.entries(permissions).map(([name, permission]) => `${codeText(name)}: ${permission}`);
  return texts.length === 0 ? null : texts.join(', ');
}

/** A document as it is published, folded. */
export function PublishedDocument({
  document: { path, contentType, content },
}: {
  document: SiteDocumentJson;
}) {
  return (
    <details>
      <summary>
        <code>{path}</code> <small>{contentType}</small>
      </summary>
      <pre>{content}</pre>
    </details>
  );
}
