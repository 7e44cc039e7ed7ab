/** All items of a list, page after page. */

import { z } from 'zod';
import type { AdminApi } from './admin-api.ts';

const LIMIT = 1000;

/** `path` has no query; `filter` becomes its query parameters. */
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

/** In memory, for a list that one person reads. */
export async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
