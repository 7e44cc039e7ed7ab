import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: [
    './src/adapters/postgres/schema.ts',
    './src/adapters/postgres/notify/tables.ts',
    './src/adapters/postgres/rights/tables.ts',
    './src/adapters/postgres/seller/tables.ts',
    './src/adapters/postgres/receivable/tables.ts',
    './src/adapters/postgres/proposal/tables.ts',
    './src/adapters/postgres/document/tables.ts',
  ],
  out: './drizzle',
});
