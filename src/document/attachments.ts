/** The files in a claim's document: the posts of each minute, and how to verify the claim. */

import type { Claim } from './input.ts';

export interface AttachedFile {
  readonly name: string;
  readonly mime: string;
  readonly relationship: 'Alternative' | 'Data' | 'Supplement';
  readonly text: string;
}

const MAX_CSV_BYTES = 2_000_000;
const HOUR_MS = 3_600_000;

export function attachedFiles(claim: Claim, facturX: string | null): AttachedFile[] {
  const { usage, seal } = claim;
  return [
    ...(facturX === null ? [] : [attachment('factur-x.xml', 'text/xml', 'Alternative', facturX)]),
    ...(usage.length === 0 ? [] : [attachment('usage.csv', 'text/csv', 'Data', usageCsv(claim))]),
    ...(seal === null
      ? []
      : [attachment('evidence.txt', 'text/plain', 'Supplement', evidenceText(claim, seal))]),
  ];
}

/** One row a bucket with posts; by hour if that would be more than 2 MB. */
function usageCsv({ usage }: Claim): string {
  const text = rowsText(usage);
  if (text.length <= MAX_CSV_BYTES) return text;
  const hours = new Map<number, number>();
  for (const [atMs, posts] of usage) {
    const hourMs = Math.floor(atMs / HOUR_MS) * HOUR_MS;
    hours.set(hourMs, (hours.get(hourMs) ?? 0) + posts);
  }
  return rowsText([...hours]);
}

function rowsText(rows: Claim['usage']): string {
  const lines = rows.map(([atMs, posts]) => `${new Date(atMs).toISOString().slice(0, 19)}Z,${posts}\r\n`);
  return `start_utc,posts\r\n${lines.join('')}`;
}

/** In English, as the evidence file and the command are. */
function evidenceText({ invoice, document }: Claim, seal: NonNullable<Claim['seal']>): string {
  return `How to verify ${document.displayNumber}

1. Ask the seller for the evidence file of this document and for its public signing key.
2. Install postmeter and run: postmeter verify FILE --key signing.pem.pub
   The command needs no ledger, no configuration and no network. It recomputes the amount from the usage.
3. Compare the hashes of the evidence file with these:

Invoice id:           ${invoice.id}
Content hash:         ${seal.contentHash}
Usage hash:           ${seal.usageHash}
Hash of the chains:   ${seal.chainsHash}

Each hash is hexadecimal SHA-256. The content hash and the usage hash are over canonical JSON (RFC 8785).
`;
}

function attachment(
  name: string,
  mime: string,
  relationship: AttachedFile['relationship'],
  text: string,
): AttachedFile {
  return { name, mime, relationship, text };
}
