/** The JSON Schema of the configuration file, derived from the zod schema that parses it. */

import { z } from 'zod';
import { configSchema } from './schema.ts';

/** Returns the JSON Schema 2020-12 of the input, in which fields with a default are optional. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    // `starts_with` is zod's own format name, unknown to validators. The pattern beside it expresses the same.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'starts_with') delete jsonSchema.format;
    },
  });
  return { ...schema, title: 'Postmeter configuration' };
}
