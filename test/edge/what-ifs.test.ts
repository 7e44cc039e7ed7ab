/** What-ifs at the edge: the administration object works on them by its alarm. */

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type EdgeSite, startEdgeSite } from './site.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let site: EdgeSite;
beforeAll(async () => {
  site = await startEdgeSite({ clients: ['scraper'] });
});
afterAll(() => site?.stop());

it('a what-if that is accepted is done by the alarm', async () => {
  const terms = { threshold: 100, price: '15.00', block: 100 };
  const scope = { clients: ['scraper'] };
  const { id } = await site.admin<{ id: string }>('POST', '/v1/what-ifs', { terms, scope });
  const whatIf = () =>
    site.admin<{ state: string; result: { readings: unknown[] } | null }>('GET', `/v1/what-ifs/${id}`);
  await vi.waitFor(async () => expect((await whatIf()).state).toBe('done'), {
    timeout: 60_000,
    interval: 200,
  });
  expect((await whatIf()).result?.readings).toHaveLength(6);
});
