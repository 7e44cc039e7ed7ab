import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: [
    './src/adapters/postgres/schema.ts',
    './src/adapters/postgres/notify/tables.ts',
    './src/adapters/postgres/rights/tables.ts',
  ],
  out: './drizzle',
});
