/** Unique posts as the API sends them. */

import { z } from '@hono/zod-openapi';

export const uniqueFields = {
  posts: z.int().openapi({ description: 'Different post ids, each once a UTC day.' }),
  isExact: z.boolean().openapi({ description: 'false: an estimate.' }),
  standardError: z
    .number()
    .openapi({ description: 'Relative, of the estimate; 0 where it is exact.', example: 0.0081 }),
  withoutId: z.int().openapi({ description: 'Deliveries whose id is not known: they are not in `posts`.' }),
};
