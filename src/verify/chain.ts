/** Checks that the batches of a journal form its original chain: none changed, missing or inserted. */

import { hexOf } from '../invoice/seal.ts';
import { type Leaf, parseContent, type Sha256 } from '../meter/chain/leaves.ts';
import { contentRoot, GENESIS, linkHash } from '../meter/chain/link.ts';
import { type Finding, finding } from './finding.ts';
import type { JournalState, KeptBatch } from './port.ts';

/** Receives the batches of one journal in order. */
export class ChainCheck {
  readonly findings: Finding[] = [];
  /** Batches whose content cannot be read: journal and last sequence. */
  readonly unreadable: [string, number][] = [];
  readonly #journal: JournalState;
  readonly #sha256: Sha256;
  #lastSequence: number;
  #lastHash: Uint8Array | null = null;

  constructor(journal: JournalState, sha256: Sha256) {
    this.#journal = journal;
    this.#sha256 = sha256;
    this.#lastSequence = journal.chainedFrom;
  }

  add(batch: KeptBatch): void {
    const subject = `journals/${batch.journalId}/${batch.lastSequence}`;
    const next = this.#lastSequence + 1;
    if (batch.firstSequence !== next || batch.lastSequence < next) {
      const found = `records ${batch.firstSequence} to ${batch.lastSequence}`;
      this.findings.push(finding('chain_sequence', subject, `records from ${next} on`, found));
    }
    this.#compare('chain_link', subject, this.#lastHash ?? GENESIS, batch.previousHash);
    const leaves = parseContent(batch.content);
    if (leaves === null) {
      this.unreadable.push([batch.journalId, batch.lastSequence]);
      this.findings.push(finding('batch_content', subject, 'leaves as they are written', 'something else'));
    } else {
      this.#compare('chain_hash', subject, this.#hashOf(batch, leaves), batch.hash);
      this.findings.push(...spanFindings(batch, leaves, subject));
    }
    this.#lastSequence = batch.lastSequence;
    this.#lastHash = batch.hash;
  }

  /** Call after the last batch. */
  end(): void {
    const { id, lastSequence, lastHash } = this.#journal;
    const subject = `journals/${id}`;
    if (lastSequence !== this.#lastSequence) {
      const expected = `the last batch ends with record ${lastSequence}`;
      this.findings.push(finding('chain_end', subject, expected, `record ${this.#lastSequence}`));
    }
    this.#compare('chain_end', subject, this.#lastHash ?? new Uint8Array(), lastHash ?? new Uint8Array());
  }

  #hashOf(batch: KeptBatch, leaves: readonly Leaf[]): Uint8Array {
    const root = contentRoot(batch.salt, leaves, this.#sha256);
    return linkHash(batch.previousHash, batch, root, this.#sha256);
  }

  #compare(code: Finding['code'], subject: string, expected: Uint8Array, found: Uint8Array): void {
    if (expected.length === found.length && expected.every((byte, at) => byte === found[at])) return;
    this.findings.push(finding(code, subject, hexOf(expected) || 'no hash', hexOf(found) || 'no hash'));
  }
}

/** Checks the span, which no hash covers but which selects the batches of an invoice. */
function spanFindings(batch: KeptBatch, leaves: readonly Leaf[], subject: string): Finding[] {
  const buckets = leaves.flatMap(([, , rows]) => rows.map(([bucketMs]) => bucketMs));
  const first = buckets.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = buckets.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const expected = buckets.length === 0 ? 'none' : `${first} to ${last}`;
  const found = batch.fromMs === null && batch.toMs === null ? 'none' : `${batch.fromMs} to ${batch.toMs}`;
  return expected === found ? [] : [finding('batch_span', subject, expected, found)];
}
