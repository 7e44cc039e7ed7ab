/** Reads all items of a paged list of the admin API. */

import { z } from 'zod';
import type { AdminApi } from './admin-api.ts';

const LIMIT = 1000;

/** Yields the items of all pages. `path` has no query; `filter` supplies the query parameters. */
export async function* allFromApi<Item>(
  api: AdminApi,
  path: string,
  filter: Readonly<Record<string, string>>,
  item: z.ZodType<Item>,
): AsyncGenerator<Item> {
  const pageSchema = z.object({ items: z.array(item), next: z.string().nullable() });
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({
      ...filter,
      limit: String(LIMIT),
      ...(cursor === null ? {} : { cursor }),
    });
    const page: z.output<typeof pageSchema> = pageSchema.parse(await api.ask('GET', `${path}?${query}`));
    yield* page.items;
    cursor = page.next;
  } while (cursor !== null);
}

/** Collects all items in memory. Use it only for lists that a person reads. */
export async function toArray<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
