/** `postmeter rights import`: sends a CSV file of settings to the ledger, in parts that one call may have. */

import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { UsageError } from '../../usage-error.ts';
import type { AdminApi } from '../api/admin-api.ts';
import { withAdminApi } from '../api/with-admin-api.ts';

interface ImportOptions {
  readonly source: string;
  readonly reason: string;
  readonly dryRun: boolean;
  readonly replaceSource: boolean;
  readonly maxLift: number;
  readonly format: 'text' | 'json';
}

const resultSchema = z.object({
  rows: z.number(),
  stored: z.number(),
  repeated: z.number(),
  withdrawn: z.number(),
  lifted: z.number().nullable(),
  sequence: z.number(),
  dryRun: z.boolean(),
});
type ImportResult = z.output<typeof resultSchema>;

/** The admin API takes 16 MB in one call. */
const MAX_PART_BYTES = 12_000_000;

export function importCommand(): Command {
  return new Command('import')
    .description('import settings from a CSV file: kind,scope,name,state,value,effective_at')
    .argument('<file>', 'CSV file with a header')
    .requiredOption('--source <name>', 'source that states the settings')
    .requiredOption('--reason <text>', 'reason, for the history and the audit log')
    .option('--dry-run', 'store nothing, and print what would be stored', false)
    .option('--replace-source', 'make the file the whole truth of the source', false)
    .option('--max-lift <percent>', 'percentage of the states that --replace-source may lift', readPercent, 5)
    .addOption(new Option('--format <format>', 'output format').choices(['text', 'json']).default('text'))
    .action(async (file: string, options: ImportOptions, command: Command) => {
      const parts = partsOf(await read(file));
      if (parts.length > 1 && options.replaceSource) {
        throw new UsageError(
          `${file} is larger than ${MAX_PART_BYTES} bytes, and --replace-source needs the whole file in one call: ` +
            'divide it among several sources',
        );
      }
      const result = await withAdminApi((api) => importParts(api, parts, options));
      const text = options.format === 'json' ? JSON.stringify(result) : textOf(result);
      command.configureOutput().writeOut?.(`${text}\n`);
    });
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Names contain no line breaks, so a file can be divided at any line. Each part begins with the header. */
function partsOf(text: string): string[] {
  if (Buffer.byteLength(text) <= MAX_PART_BYTES) return [text];
  const headerEnd = text.indexOf('\n') + 1;
  const header = text.slice(0, headerEnd);
  const parts: string[] = [];
  for (let from = headerEnd; from < text.length; ) {
    // A character has at most 3 bytes for each of its UTF-16 units.
    const lastBreak = text.lastIndexOf('\n', from + MAX_PART_BYTES / 3);
    const to = lastBreak > from ? lastBreak + 1 : text.length;
    parts.push(header + text.slice(from, to));
    from = to;
  }
  return parts;
}

async function importParts(
  api: AdminApi,
  parts: readonly string[],
  { source, reason, dryRun, replaceSource, maxLift }: ImportOptions,
): Promise<ImportResult> {
  const query = new URLSearchParams({ source, reason, maxLift: String(maxLift) });
  query.set('dryRun', String(dryRun));
  query.set('replaceSource', String(replaceSource));
  let sum: ImportResult | null = null;
  for (const part of parts) {
    const result = resultSchema.parse(await api.sendCsv(`/v1/rights/imports?${query}`, part));
    sum =
      sum === null
        ? result
        : {
            ...result,
            rows: sum.rows + result.rows,
            stored: sum.stored + result.stored,
            repeated: sum.repeated + result.repeated,
          };
  }
  return sum!;
}

function textOf({ rows, stored, repeated, withdrawn, lifted, dryRun }: ImportResult): string {
  const verb = dryRun ? 'would be stored' : 'stored';
  const lines = [`${rows} rows: ${stored} settings ${verb}, ${repeated} repeat what the source has stated.`];
  if (lifted !== null)
    lines.push(`The file lacks ${withdrawn} statements of the source; ${lifted} states are lifted.`);
  return lines.join('\n');
}

function readPercent(text: string): number {
  const percent = Number(text);
  if (!(percent >= 0 && percent <= 100)) throw new InvalidArgumentError('It must be a number from 0 to 100.');
  return percent;
}
