/** Response fields of unique posts. */

import { z } from '@hono/zod-openapi';

export const uniqueFields = {
  posts: z.int().openapi({ description: 'Distinct post ids, each counted once per UTC day.' }),
  isExact: z.boolean().openapi({ description: 'false: an estimate.' }),
  standardError: z
    .number()
    .openapi({ description: 'Relative standard error of the estimate; 0 if it is exact.', example: 0.0081 }),
  withoutId: z.int().openapi({ description: 'Deliveries without a known id, not included in `posts`.' }),
};
