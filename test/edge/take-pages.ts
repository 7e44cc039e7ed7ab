/** A client that takes pages, several at a time, and counts the posts of complete ones. */

import { expect } from 'vitest';
import { ask } from '../support/http/ask.ts';
import { REQUEST, TAKER } from '../support/origins/posts.ts';
import { postsIn } from '../support/origins/scripted.ts';
import type { EdgeSite } from './site.ts';

export const PAGE = 10_000;
const AT_ONCE = 5;

/** Returns the number of posts. Throws if a response is not a complete page. */
export async function takePages(
  site: EdgeSite,
  { url, client, pages }: { readonly url: string; readonly client: string; readonly pages: number },
): Promise<number> {
  const { headers } = site.takers.find(({ clientId }) => clientId === client)!;
  let left = pages;
  let received = 0;
  const take = async (): Promise<void> => {
    while (left-- > 0) {
      const asked = { ...headers, [TAKER]: client, [REQUEST]: `${left}` };
      const { status, whole, body } = await ask(url, `/posts?n=${PAGE}`, { headers: asked });
      expect([status, whole]).toEqual([200, true]);
      received += postsIn(body.toString());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  return received;
}
