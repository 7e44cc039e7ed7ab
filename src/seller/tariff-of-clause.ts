/** The tariff that a clause describes: a template for the tariff of a client under a variant of the terms. */

import { DEFAULT_TARIFF, type Tariff } from '../tariff/tariff.ts';
import type { Clause } from './model.ts';

/** The default tariff with the price, the currency and the threshold of the clause. */
export function tariffOfClause({ priceMinor, currency, thresholdPosts }: Clause): Tariff {
  return { ...DEFAULT_TARIFF, priceMinor, currency, threshold: thresholdPosts };
}
