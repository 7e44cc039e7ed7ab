/** Undoes the naming of callers as one client, after a preview. */

import type { z } from 'zod';
import type { PromotionResultSchema } from '../../admin/routes/callers/promotion-schemas.ts';
import { counted } from '../../report/counted.ts';
import { api } from '../api.ts';
import { type ConsolePage, formOf, type PageContext, seeDone } from '../context.ts';
import { problemPage } from '../failures.tsx';
import { page } from '../layout.tsx';
import { PromotionPreview } from '../parts/callers/promotion.tsx';
import { Confirmation, Field, type FormState, FRESH } from '../parts/form.tsx';

type Result = z.output<typeof PromotionResultSchema>;

export const promotionPage: ConsolePage = {
  path: '/callers/promotions/:id',
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const undone = await api(c).post<Result>(undoPath(c), { reason: values.reason });
    return undone.ok ? seeDone(c, '/callers', 'undone') : render(c, { values, problem: undone.problem });
  },
};

async function render(c: PageContext, state: FormState) {
  const preview = await api(c).post<Result>(undoPath(c), { reason: 'preview', dryRun: true });
  if (!preview.ok) return problemPage(c, preview.problem);
  const { client, moved } = preview.value;
  return page(
    c,
    {
      title: `Undo the naming of ${counted(moved.callers, 'caller')} as ${client.id}`,
      status: state.problem?.status ?? 200,
    },
    <Confirmation state={state} label="Return the usage to the callers" back="/callers" tone="danger">
      <PromotionPreview result={preview.value} />
      <Field name="reason" label="Reason" state={state} required hint="Recorded in the audit log." />
    </Confirmation>,
  );
}

function undoPath(c: PageContext): string {
  return `/v1/callers/promotions/${encodeURIComponent(c.req.param('id') ?? '')}/undo`;
}
