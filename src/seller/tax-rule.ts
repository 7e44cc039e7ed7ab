/** Rules that a tax rule itself must meet (EN 16931, BR-S to BR-O). What it needs of the parties is checked at issue. */

import type { FieldError } from '../tariff/terms.ts';
import { isExemptionCode } from './codes.ts';
import type { TaxCategory, TaxRule } from './model.ts';

/** The only code that a category allows. Category E allows the others. */
const CODE_OF: Readonly<Partial<Record<TaxCategory, string>>> = {
  O: 'VATEX-EU-O',
  AE: 'VATEX-EU-AE',
  G: 'VATEX-EU-G',
  K: 'VATEX-EU-IC',
};

/** Returns what contradicts itself in a rule. */
export function taxRuleFaults(
  rule: Pick<TaxRule, 'category' | 'rateBp' | 'exemptionCode' | 'reason'>,
): FieldError[] {
  return [...rateFaults(rule), ...exemptionFaults(rule)];
}

function rateFaults({ category, rateBp }: Pick<TaxRule, 'category' | 'rateBp'>): FieldError[] {
  if (category === 'S' && rateBp === 0) {
    return [{ field: 'rateBp', reason: 'is 0, which category S does not allow', hint: 'use category Z' }];
  }
  if (category !== 'S' && rateBp !== 0) {
    const hint = 'send 0, or use category S';
    return [{ field: 'rateBp', reason: `is above 0, which category ${category} does not allow`, hint }];
  }
  return [];
}

function exemptionFaults({
  category,
  exemptionCode: code,
  reason,
}: Pick<TaxRule, 'category' | 'exemptionCode' | 'reason'>): FieldError[] {
  const isTaxed = category === 'S' || category === 'Z';
  const faults: FieldError[] = [];
  if (isTaxed && Object.keys(reason).length > 0) {
    faults.push({ field: 'reason', reason: `is not allowed for category ${category}`, hint: 'omit it' });
  }
  if (!isTaxed && reason.en === undefined) {
    const hint = 'send at least `en`, which other languages without a text use';
    faults.push({ field: 'reason', reason: `is required for category ${category}`, hint });
  }
  if (code === null) return faults;
  const only = CODE_OF[category];
  const isAllowed = !isTaxed && (only === undefined ? !Object.values(CODE_OF).includes(code) : code === only);
  if (!isExemptionCode(code)) {
    const hint = 'use a code such as VATEX-EU-O';
    faults.push({ field: 'exemptionCode', reason: 'is not in the code list VATEX', hint });
  } else if (!isAllowed) {
    const hint = only === undefined ? 'omit it, or use the category of the code' : `use ${only}, or omit it`;
    faults.push({ field: 'exemptionCode', reason: `does not fit category ${category}`, hint });
  }
  return faults;
}
