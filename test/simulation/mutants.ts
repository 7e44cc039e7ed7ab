/** Faults that are put into the code on purpose. The simulation must find each of them, which tests the test. */

export interface Patch {
  /** Relative to src. */
  readonly file: string;
  /** The file contains this text exactly once. */
  readonly search: string;
  readonly replace: string;
}

export interface Mutant {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** First seed: one that revealed the fault once, so that the seeds before it are skipped. Defaults to 1. */
  readonly firstSeed?: number;
}

const one = (name: string, file: string, search: string, replace: string, firstSeed = 1): Mutant => ({
  name,
  patches: [{ file, search, replace }],
  firstSeed,
});

export const MUTANTS: readonly Mutant[] = [
  one(
    'the ledger takes a batch without looking at its sequence',
    '../test/support/memory-ledger/take.ts',
    'if (batch.firstSequence !== last + 1 || batch.lastSequence <= last) return last;',
    '',
  ),
  one(
    'the journal is written after the last byte',
    'meter/meter.ts',
    'const deliver = this.#write(usage) || this.#serveOnFailure;\n    this.#release(released, deliver);',
    'this.#release(released, true);\n    this.#write(usage);',
  ),
  one(
    'amounts are rounded for each minute',
    'tariff/lines.ts',
    'lines.push({ ...line, amountMinor: amountOf(line.posts, line) });',
    'lines.push({ ...line, amountMinor: billed.reduce((sum, at) => sum + (at.bucketMs >= line!.fromMs && at.bucketMs < line!.toMs ? amountOf(at.posts, line!) : 0n), 0n) });',
  ),
  one(
    'the journal confirms everything before the ledger has answered',
    'meter/shipper.ts',
    'const more = await toLedger.step();\n      if (toLedger.confirmed > confirmed) moveFlow.announce();\n      confirm();',
    'journal.confirm(journal.lastSequence);\n      const more = await toLedger.step();\n      if (toLedger.confirmed > confirmed) moveFlow.announce();',
  ),
  one(
    'what was offered counts as taken, whatever the ledger answers',
    'meter/ledger-shipment.ts',
    'this.#cursor = this.confirmed;\n    return',
    'this.confirmed = withinBound(records).at(-1)!.sequence;\n    this.#cursor = this.confirmed;\n    return',
    910,
  ),
  one('a torn tail is not cut', 'adapters/node/journal/scan.ts', 'disk.truncate(fd, bytes);', '', 101),
  one(
    'a record written in part is not cut back',
    'adapters/node/journal/segment-file.ts',
    '    this.#isHalfWritten = true;\n    this.#truncate(end);',
    '',
    2_788,
  ),
  one(
    'the window adds without looking at the sequence',
    'adapters/memory/window.ts',
    'note(client, journalId, lastSequence) ? add.posts : []',
    'note(client, journalId, lastSequence) || true ? add.posts : []',
  ),
  one(
    'a rebuilt window does not say how far the ledger had the journals',
    'meter/rebuild.ts',
    'await window.endRebuild(epoch, sequences);',
    'await window.endRebuild(epoch, new Map());',
  ),
  one(
    'the window goes on from where it was, whatever the store has',
    'meter/window-shipment.ts',
    'this.#cursor = base.lastSequence;\n    this.#epoch',
    'this.#cursor = Math.max(this.#cursor, base.lastSequence);\n    this.#epoch',
    106,
  ),
  one(
    'a number is given outside of the transaction',
    '../test/support/memory-ledger/ledger.ts',
    'draft.lastNumber = decision.after.number!;',
    'draft.lastNumber = decision.after.number!;\n        this.#state.lastNumber = draft.lastNumber;',
  ),
  {
    name: 'an issued invoice is edited',
    patches: [
      {
        file: 'invoice/draft.ts',
        search: "const issued = inCurrency.filter((invoice) => invoice.status === 'issued');",
        replace: 'const issued: Invoice[] = [];',
      },
      {
        file: 'invoice/draft.ts',
        search:
          "const drafts = inCurrency.filter(({ status }) => status === 'draft' || status === 'approved');",
        replace: 'const drafts = [...inCurrency];',
      },
      {
        file: '../test/support/memory-ledger/account.ts',
        search: "draft.invoices.get(invoice.id)?.status === 'issued'",
        replace: 'false',
      },
    ],
  },
  one(
    'what was issued is not taken off a supplement',
    'invoice/draft.ts',
    '[...dueLines, ...issued.map(offsetLine)]',
    '[...dueLines]',
  ),
  one(
    'a record is skipped at a rotation',
    'adapters/node/journal/writer.ts',
    'this.rotate(this.last + 1);\n    this.file.write(',
    'this.rotate(this.last + 1);\n    if (active === this.segments.active) this.file.write(',
  ),
  one(
    'billing ignores from where a client changed',
    'billing.ts',
    'recomputeFrom(account.dirtyFromMs, periods, bucketSeconds)',
    'recomputeFrom(null, periods, bucketSeconds)',
  ),
  one(
    'billing begins in the middle of a breach',
    'invoice/recompute-from.ts',
    'reaching.reduce((min, breach) => Math.min(min, breach.stretchFromMs), fromMs)',
    'fromMs',
  ),
  one(
    'the journal tells of records that are not synced',
    'adapters/node/journal/journal.ts',
    'const { synced } = this.#parts.sync;',
    'const synced = this.#parts.writer.last;',
  ),
  one(
    'only the newest segment is synced',
    'adapters/node/journal/segment-file.ts',
    'const fds = [...this.#full, this.#fd];\n    for (const fd of fds) await',
    'const fds = [this.#fd];\n    for (const fd of fds) await',
  ),
  one(
    'a failed sync is simply tried again',
    'adapters/node/journal/sync.ts',
    'this.#noteSyncError(error);\n      this.#context.onError',
    'this.#context.onError',
    26,
  ),
  one(
    'a repair that a crash interrupted is not finished',
    'adapters/node/journal/open.ts',
    'finishRepair(disk, folder);',
    '',
    1_843,
  ),
  one(
    'segments that a dead process could not sync are not rewritten',
    'adapters/node/journal/open.ts',
    'repairIfRequested(disk, folder, scanned.unconfirmed);',
    '',
    1_691,
  ),
  one(
    'records that the disk has lost are left out',
    'adapters/node/journal/reader.ts',
    'this.records.push(sequence === before + 1 ? { ...empty, gap } : empty);',
    '',
    89,
  ),
  one(
    'the names of new segments are not synced',
    'adapters/node/journal/segment-file.ts',
    'this.#disk.syncFolder(folder);\n    for',
    'for',
  ),
  one(
    'usage of a moved identifier stays with its old client',
    '../test/support/memory-ledger/take.ts',
    'const usage = moved(batch.usage, draft.moves);',
    'const usage = batch.usage;',
    39,
  ),
  one('a client on hold is issued to', 'invoice/decisions.ts', 'if (hold !== null) return onHold(hold);', ''),
  one(
    'a ledger that was restored to an older state puts its clients on hold',
    'meter/ledger-comparison.ts',
    'if ((await this.#ledger.lastSequence(this.#journal.id)) < this.#until) return false;',
    '',
    101,
  ),
  one(
    'a ledger that lost its tail is not asked while there is nothing new',
    'meter/ledger-shipment.ts',
    'if (this.#idleSteps > 0) this.#cursor = cursor;',
    'this.#cursor = cursor;',
    7_876,
  ),
  one(
    'a breach that became part of another is billed with it and by itself',
    'invoice/plan.ts',
    '...merged.map(voided),',
    '',
    352,
  ),
  one(
    'usage of the same identifier and minute replaces what was there',
    'meter/usage-sums.ts',
    'posts: a.posts + b.posts,',
    'posts: b.posts,',
  ),
  one(
    'a gap is forgotten before the journal has it',
    'meter/meter.ts',
    '    try {\n      journal.append(usage, this.#gap, this.#configuration, epoch);',
    '    try {\n      const gap = this.#gap;\n      this.#gap = undefined;\n      journal.append(usage, gap, this.#configuration, epoch);',
    76,
  ),
  one(
    'of a broken transaction something is kept',
    '../test/support/memory-ledger/ledger.ts',
    'const draft = draftOf(before);',
    'const draft = before;',
  ),
];
