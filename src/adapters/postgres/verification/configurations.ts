/** Finds recorded configurations and epochs that no link of a chain covers, and texts that do not match their hashes. */

import { sql } from 'drizzle-orm';
import { type Finding, finding } from '../../../verify/finding.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';

const MAX_REPORTED = 1000;

export async function strayConfigurations(tx: LedgerDb): Promise<Finding[]> {
  const unlinked = await rowsOf(
    tx,
    sql`
    select concat('journals/', journal_id, '/', sequence) as subject, 'a batch that begins with it or later' as expected,
      concat('configuration ', hash, ' alone') as found
    from journal_configurations one
    where not exists (
      select from batches where batches.journal_id = one.journal_id and batches.last_sequence >= one.sequence)
    union all
    select concat('configurations/', hash), 'a journal that was metered under it', 'none' from configurations
    where not exists (select from journal_configurations one where one.hash = configurations.hash)
    limit ${MAX_REPORTED}`,
  );
  const altered = await rowsOf(
    tx,
    sql`
    select hash, encode(sha256(convert_to(content, 'UTF8')), 'hex') as found from configurations
    where hash <> encode(sha256(convert_to(content, 'UTF8')), 'hex') limit ${MAX_REPORTED}`,
  );
  const epochs = await rowsOf(
    tx,
    sql`
    select concat('journals/', journal_id, '/', sequence) as subject, concat('policy ', policy_version, ' alone') as found
    from journal_epochs one
    where not exists (
      select from batches where batches.journal_id = one.journal_id and batches.last_sequence >= one.sequence)
    limit ${MAX_REPORTED}`,
  );
  return [
    ...epochs.map((row) =>
      finding('epoch_unlinked', String(row.subject), 'a batch that begins with it or later', row.found),
    ),
    ...unlinked.map((row) => finding('configuration_unlinked', String(row.subject), row.expected, row.found)),
    ...altered.map((row) => finding('configuration_hash', `configurations/${row.hash}`, row.hash, row.found)),
  ];
}
