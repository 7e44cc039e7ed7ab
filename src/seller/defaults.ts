/** What a new seller has: its settings, and the tax rule for damages. */

import type { Seller, TaxRule } from './model.ts';
import { UNKNOWN_PARTY } from './party.ts';

/** The settings of a seller of which only the id is given. */
export const DEFAULT_SETTINGS: Omit<Seller, 'id' | 'logo' | 'archivedAtMs'> = {
  ...UNKNOWN_PARTY,
  defaultLanguage: 'en',
  termsDays: 30,
  texts: {},
  clauseFamily: 'x',
  isStrict: false,
};

/**
 * Damages are usually outside VAT. Licences have no rule until an administrator chooses one. The migration gives the
 * default seller the same rule.
 */
export const DAMAGES_RULE: Omit<TaxRule, 'id' | 'sellerId'> = {
  appliesTo: 'damages',
  buyerScope: 'any',
  category: 'O',
  rateBp: 0,
  exemptionCode: 'VATEX-EU-O',
  reason: {
    en: 'Liquidated damages are not consideration for a supply.',
    de: 'Pauschalierter Schadensersatz ist kein Entgelt für eine Leistung.',
    fr: "Les dommages-intérêts forfaitaires ne sont pas la contrepartie d'une prestation.",
    es: 'La indemnización pactada no es contraprestación de una operación.',
  },
  validFromMs: 0,
};
