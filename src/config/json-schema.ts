/** The JSON Schema of the configuration file, made from the same schema that reads it. */

import { z } from 'zod';
import { configSchema } from './schema.ts';

/** JSON Schema 2020-12 of what may be written: a field with a default may be left out. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    // zod's own name for a beginning, which no validator knows; the pattern beside it says the same.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'starts_with') delete jsonSchema.format;
    },
  });
  return { ...schema, title: 'Postmeter configuration' };
}
