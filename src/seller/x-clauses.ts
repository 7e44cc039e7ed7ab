/**
 * The section "Liquidated Damages" of X's terms of service, in the versions that the product ships.
 *
 * The words were compared with published quotations, because X serves its terms only to browsers. A seller that needs the
 * whole text of a version adds it as a clause of its own:
 * - 2024-11-15: contractsprofblog.com, "Twitter's New Liquidated Damages Clause" (November 2024), the whole section.
 * - 2026-01-15: a quotation of the version "Effective January 15, 2026", from "if you violate" to the amount. It differs
 *   from 2024 in the word "knowingly".
 * - 2026-04-10: a quotation of https://x.com/en/tos as fetched on 2026-07-26, from "you will be" to the amount.
 * - European terms: the same quotation says that the clause names "€15,000 EUR per 1,000,000 posts" instead. Only these
 *   words were found, so only they are quoted, for each of the dates.
 */

import type { Clause } from './model.ts';

/** The family of these clauses. */
export const X_FAMILY = 'x';

const LIABLE =
  'you will be jointly and severally liable to us for liquidated damages as follows for requesting, viewing, or ' +
  'accessing more than 1,000,000 posts (including reply posts, video posts, image posts, and any other posts) in any ' +
  '24-hour period - $15,000 USD per 1,000,000 posts.';

const WHOLE_OF_2024 =
  "Protecting our users' data and our system resources is important to us. You further agree that, to the extent " +
  'permitted by applicable law, if you violate the Terms, or you induce or facilitate others to do so, in addition to ' +
  `all other legal remedies available to us, ${LIABLE} You agree that these amounts are (i) a reasonable estimate of ` +
  'our damages; (ii) not a penalty; and (iii) not otherwise limiting of our ability to recover from you or others under ' +
  'any legal or equitable theory or claim, including but not limited to statutory damages and/or equitable relief. You ' +
  'further agree that repeated violations of these Terms will irreparably harm and entitle us to injunctive and/or ' +
  'other equitable relief, in addition to monetary damages.';

const EUROPEAN = '[...] €15,000 EUR per 1,000,000 posts [...]';

/** Each version: the date (UTC) from which it is in force, and what is quoted of its US text. */
const VERSIONS = [
  ['2024-11-15', WHOLE_OF_2024],
  [
    '2026-01-15',
    '[...] if you violate the Terms, or you induce or knowingly facilitate others to do so, in addition to all other ' +
      `legal remedies available to us, ${LIABLE} [...]`,
  ],
  ['2026-04-10', `[...] ${LIABLE} [...]`],
] as const;

const COMMON = {
  family: X_FAMILY,
  source: 'https://x.com/en/tos',
  priceMinor: 1_500_000n,
  thresholdPosts: 1_000_000,
};

export const X_CLAUSES: readonly Clause[] = VERSIONS.flatMap(([date, text]): Clause[] => [
  {
    ...COMMON,
    ...{ id: `x-us-${date}`, variant: 'us', name: 'X Terms of Service, Liquidated Damages' },
    ...{ text, law: 'Texas, United States', currency: 'USD', validFromMs: Date.parse(date) },
    claimPeriods: [
      {
        label: {
          en: 'Claims under federal law',
          de: 'Ansprüche nach US-Bundesrecht',
          fr: 'Demandes fondées sur le droit fédéral américain',
          es: 'Reclamaciones basadas en el derecho federal estadounidense',
        },
        months: 12,
      },
      {
        label: {
          en: 'Claims under state law',
          de: 'Ansprüche nach dem Recht eines US-Bundesstaats',
          fr: "Demandes fondées sur le droit d'un État américain",
          es: 'Reclamaciones basadas en el derecho estatal estadounidense',
        },
        months: 24,
      },
    ],
  },
  {
    ...COMMON,
    ...{ id: `x-eu-${date}`, variant: 'eu', name: 'X Terms of Service (Europe), Liquidated Damages' },
    ...{ text: EUROPEAN, law: 'European terms of X', currency: 'EUR', validFromMs: Date.parse(date) },
    claimPeriods: [
      {
        label: {
          en: 'Any proceeding',
          de: 'Jedes Verfahren',
          fr: 'Toute procédure',
          es: 'Cualquier procedimiento',
        },
        months: 12,
      },
    ],
  },
]);
