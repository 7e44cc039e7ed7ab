/** What the pages of settings read from the API. */

import type { z } from 'zod';
import type { BankAccountSchema } from '../../../admin/routes/sellers/bank-accounts.ts';
import type { ClauseSchema } from '../../../admin/routes/sellers/clauses.ts';
import type { DunningLevelsSchema } from '../../../admin/routes/sellers/dunning-levels.ts';
import type { NumberSeriesSchema } from '../../../admin/routes/sellers/number-series.ts';
import type { SellerSchema } from '../../../admin/routes/sellers/seller-schemas.ts';
import type { TaxRuleSchema } from '../../../admin/routes/sellers/tax-rules.ts';
import { type Answer, api, type PageOf } from '../../api.ts';
import type { PageContext } from '../../context.ts';
import type { FormState } from '../../parts/form.tsx';

export type SellerJson = z.output<typeof SellerSchema>;
export type BankAccountJson = z.output<typeof BankAccountSchema>;
export type NumberSeriesJson = z.output<typeof NumberSeriesSchema>;
export type TaxRuleJson = z.output<typeof TaxRuleSchema>;
export type ClauseJson = z.output<typeof ClauseSchema>;
type DunningLevelsJson = z.output<typeof DunningLevelsSchema>;

interface SellerData {
  readonly seller: SellerJson;
  /** Where the seller is in the API. */
  readonly path: string;
  readonly banks: Answer<PageOf<BankAccountJson>>;
  readonly series: Answer<PageOf<NumberSeriesJson>>;
  readonly taxes: Answer<PageOf<TaxRuleJson>>;
  readonly dunning: Answer<DunningLevelsJson>;
}

/** What each part of a seller's page gets. */
export interface SellerParts {
  readonly c: PageContext;
  readonly data: SellerData;
  /** The state of a form by its action. */
  readonly sent: (action: string) => FormState;
  /** The caller may change the seller. */
  readonly may: boolean;
}

/** Returns the problem of the seller itself, if it cannot be read. */
export async function readSeller(c: PageContext): Promise<Answer<SellerData>> {
  const path = `/v1/sellers/${encodeURIComponent(c.req.param('id') ?? '')}`;
  const { get } = api(c);
  const seller = await get<SellerJson>(path);
  if (!seller.ok) return seller;
  const [banks, series, taxes, dunning] = await Promise.all([
    get<PageOf<BankAccountJson>>(`${path}/bank-accounts`, { limit: 100 }),
    get<PageOf<NumberSeriesJson>>(`${path}/series`),
    get<PageOf<TaxRuleJson>>(`${path}/tax-rules`),
    get<DunningLevelsJson>(`${path}/dunning-levels`),
  ]);
  return { ok: true, value: { seller: seller.value, path, banks, series, taxes, dunning } };
}
