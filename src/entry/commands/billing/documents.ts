/** `postmeter invoices pdf`, `documents` and `send`: the documents of an issued invoice. */

import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import {
  type DocumentJson,
  DocumentListSchema,
  DocumentSchema,
  SentSchema,
} from '../../../admin/routes/documents/document-schemas.ts';
import { DOCUMENT_FORMATS } from '../../../document/kind.ts';
import { LANGUAGES } from '../../../seller/language.ts';
import { UsageError } from '../../usage-error.ts';
import type { AdminApi } from '../api/admin-api.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from '../print-rows.ts';

const NUMBER = 'number of an issued invoice as printed on it, or its id';

interface PdfOptions {
  readonly language?: string;
  readonly copy: number;
  readonly format: string;
  readonly out?: string;
}

export function pdfCommand(): Command {
  return new Command('pdf')
    .description('write a document of an issued invoice to a file; it is made if it does not exist yet')
    .argument('<number>', NUMBER)
    .addOption(new Option('--language <code>', "default: the invoice's language").choices(LANGUAGES))
    .option('--copy <number>', "1 for the buyer's copy, then those of the co-debtors", readCopy, 1)
    .addOption(new Option('--format <format>', 'PDF or e-invoice').choices(DOCUMENT_FORMATS).default('pdf'))
    .option('--out <file>', 'file to write; - for standard output; default: the name of the document')
    .action(async (name: string, { out, ...variant }: PdfOptions, command: Command) => {
      const { made, bytes } = await withAdminApi(async (api) => {
        const path = await pathOfInvoice(api, name);
        const document = DocumentSchema.parse(await api.ask('POST', `${path}/documents`, variant));
        return { made: document, bytes: await api.file(`${path}/documents/${document.id}`) };
      });
      if (out === '-') {
        process.stdout.write(bytes);
        return;
      }
      const file = out ?? made.fileName;
      await writeFile(file, bytes).catch((cause: unknown) => {
        throw new UsageError(`${file} cannot be written: name another file with --out`, { cause });
      });
      say(command, `${file} (${bytes.length} bytes, SHA-256 ${made.sha256})`);
    });
}

const LISTING: Listing<DocumentJson> = {
  key: 'documents',
  empty: 'No document is made yet. Postmeter makes them after its next billing run.',
  columns: [
    { name: 'id', cell: ({ id }) => id, isWide: true },
    { name: 'kind', cell: ({ kind }) => kind },
    { name: 'format', cell: ({ format }) => format },
    { name: 'language', cell: ({ language }) => language },
    { name: 'copy', cell: ({ copy }) => copy },
    { name: 'file', cell: ({ fileName }) => fileName },
    { name: 'bytes', cell: ({ size }) => size },
    { name: 'sha256', cell: ({ sha256 }) => sha256, isWide: true },
    { name: 'madeAt', cell: ({ madeAt }) => madeAt },
    { name: 'madeBy', cell: ({ madeBy }) => madeBy },
  ],
};

export function documentsCommand(): Command {
  return new Command('documents')
    .description('list the documents of an invoice, and what is still missing')
    .argument('<number>', NUMBER)
    .addOption(formatOption())
    .action(async (name: string, { format }: { readonly format: OutputFormat }, command: Command) => {
      const list = await withAdminApi(async (api) =>
        DocumentListSchema.parse(await api.ask('GET', `${await pathOfInvoice(api, name)}/documents`)),
      );
      printRows(command, format, LISTING, list.items);
      for (const { format: missing, language, copy, failure } of list.missing) {
        const why = failure === null ? 'is not made yet' : `cannot be made: ${failure.detail}`;
        command.configureOutput().writeErr?.(`${missing} (${language}, copy ${copy}) ${why}\n`);
      }
    });
}

interface SendOptions {
  readonly to?: string;
  readonly webhook?: string;
  readonly document?: string;
}

export function sendCommand(): Command {
  return new Command('send')
    .description('send the PDF of an issued invoice to each debtor by mail, or to a webhook')
    .argument('<number>', NUMBER)
    .addOption(
      new Option('--to <address>', 'mailbox; default: that of each debtor, with its copy').conflicts(
        'webhook',
      ),
    )
    .option('--webhook <id>', 'id of a receiver of alerts, instead of mail')
    .option('--document <id>', 'id of one document, as shown by postmeter invoices documents')
    .action(async (name: string, { to, webhook, document }: SendOptions, command: Command) => {
      const destination =
        webhook === undefined
          ? { channel: 'mail', address: to }
          : { channel: 'webhook', receiverId: webhook };
      const { items } = await withAdminApi(async (api) => {
        const body = { ...destination, documentId: document };
        return SentSchema.parse(await api.ask('POST', `${await pathOfInvoice(api, name)}/send`, body));
      });
      for (const { channel, address, outcome, status, detail } of items) {
        const code = status === null ? '' : ` with ${status}`;
        say(command, `${channel} to ${address}: ${outcome}${code}${outcome === 'sent' ? '' : `: ${detail}`}`);
      }
      const failed = items.filter(({ outcome }) => outcome === 'failed').length;
      if (failed > 0) throw new Error(`${failed} of ${items.length} attempts failed; they are recorded`);
    });
}

const found = z.object({
  items: z.array(
    z.object({ id: z.string(), number: z.int().nullable(), displayNumber: z.string().nullish() }),
  ),
});

/** Throws `UsageError` if no issued invoice, or more than one, has the number. */
async function pathOfInvoice(api: AdminApi, name: string): Promise<string> {
  if (z.uuid().safeParse(name).success) return `/v1/invoices/${name}`;
  const [digits] = /\d{1,15}$/.exec(name) ?? [];
  if (digits === undefined)
    throw new UsageError(`${name} is not the number of an invoice: see postmeter invoices`);
  const query = new URLSearchParams({ status: 'issued', q: String(Number(digits)), limit: '100' });
  const { items } = found.parse(await api.ask('GET', `/v1/invoices?${query}`));
  const numbered = items.filter(({ number }) => number === Number(digits));
  const printed = numbered.filter(({ displayNumber }) => displayNumber === name);
  const [only, ...others] = printed.length > 0 ? printed : name === digits ? numbered : [];
  if (only === undefined)
    throw new UsageError(`No issued invoice has the number ${name}: see postmeter invoices`);
  if (others.length > 0) {
    const ids = [only, ...others].map(({ id }) => id).join(', ');
    throw new UsageError(`Several series have the number ${name}: name the invoice by its id, one of ${ids}`);
  }
  return `/v1/invoices/${only.id}`;
}

function readCopy(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Use a whole number from 1 on.');
}

function say(command: Command, text: string): void {
  command.configureOutput().writeOut?.(`${text}\n`);
}
