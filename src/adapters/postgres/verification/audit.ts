/**
 * Compares the tables of clients, keys, tariffs, tokens, holds, policies, moves and approvals with the audit log,
 * which records each change to them. Runs within the database, because there may be a million clients.
 */

import { type SQL, sql } from 'drizzle-orm';
import { type Finding, finding } from '../../../verify/finding.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { BOOK_COMPARISONS } from './book.ts';
import { CLAIM_COMPARISONS } from './claims.ts';
import type { AuditComparison } from './comparison.ts';
import { DOCUMENT_COMPARISONS } from './documents.ts';
import { SELLER_COMPARISONS } from './sellers.ts';

const MAX_REPORTED = 1000;

/** Returns rows that are in the tables but not in the audit log, or the reverse. */
export async function auditDifferences(tx: LedgerDb): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { code, written, kept } of COMPARISONS) {
    const rows = await rowsOf(
      tx,
      sql`
      with written (subject, facts) as (${written}), kept (subject, facts) as (${kept}),
      differing as (
        select subject, facts, true as is_kept from (select * from kept except select * from written) as more
        union all
        select subject, facts, false from (select * from written except select * from kept) as less
      )
      select subject, string_agg(facts::text, '; ') filter (where not is_kept) as expected,
        string_agg(facts::text, '; ') filter (where is_kept) as found
      from differing group by subject order by subject limit ${MAX_REPORTED}`,
    );
    for (const row of rows) {
      const [expected, found] = [row.expected ?? 'nothing', row.found ?? 'nothing'];
      findings.push(finding(code, String(row.subject), `${expected} (audit log)`, found));
    }
  }
  return findings;
}

/** A client created for an unknown caller is in the audit log only after someone has changed it. */
const CLIENTS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select subject, jsonb_build_array(
      coalesce(newest.after->>'name', newest.after->>'id'), source_of,
      coalesce(newest.after->'billing', ${noBilling()}), coalesce(newest.after->'buyer', ${noBuyer()}), newest.after->>'askerClass', created_at, newest.at)
    from (
      select distinct on (subject) subject, after, at, ${sourceOf(sql`substring(subject from 9)`)} as source_of from audit
      where action in ('client.created', 'client.recovered', 'client.changed') order by subject, id desc
    ) as newest
    left join (
      select subject, min(at) as created_at from audit
      where action in ('client.created', 'client.recovered') group by subject
    ) as created using (subject)`,
  kept: sql`
    select concat('clients/', id), jsonb_build_array(name, source, ${billing()}, ${buyer()}, asker_class,
      case when ${isCaller()} then null else created_at end, updated_at)
    from clients
    where not ${isCaller()} or name <> regexp_replace(id, '^(addr|net):', '') or source <> ${sourceOf(sql`id`)}
      or ${billing()} <> ${noBilling()} or ${buyer()} <> ${noBuyer()} or asker_class is not null
      or concat('clients/', id) in (select subject from audit where action = 'client.changed')`,
};

function isCaller(): SQL {
  return sql`(id like 'addr:%' or id like 'net:%')`;
}

function sourceOf(id: SQL): SQL {
  return sql`case when ${id} like 'addr:%' then 'address' when ${id} like 'net:%' then 'prefix' else 'operator' end`;
}

function billing(): SQL {
  return sql`jsonb_build_object('legalName', legal_name, 'address', address, 'email', email, 'taxId', tax_id,
    'currency', currency)`;
}

function noBilling(): SQL {
  return sql`'{"legalName": null, "address": null, "email": null, "taxId": null, "currency": null}'::jsonb`;
}

function buyer(): SQL {
  return sql`jsonb_build_object('street', street, 'street2', street2, 'postcode', postcode, 'city', city,
    'region', region, 'country', country, 'buyerReference', buyer_reference, 'orderNumber', order_number,
    'electronicAddress', electronic_address, 'electronicScheme', electronic_scheme, 'language', language,
    'termsDays', terms_days, 'eInvoice', e_invoice, 'sellerId', seller_id)`;
}

/** Of clients whose newest row in the audit log is older than the settings of buyers. */
function noBuyer(): SQL {
  return sql`'{"street": null, "street2": null, "postcode": null, "city": null, "region": null, "country": null,
    "buyerReference": null, "orderNumber": null, "electronicAddress": null, "electronicScheme": null,
    "language": null, "termsDays": null, "eInvoice": "none", "sellerId": null}'::jsonb`;
}

/** Older rows of the audit log lack the digest of a hash. */
const IDENTIFIERS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select concat('identifiers/', id), jsonb_build_array(coalesce(moved.to_client_id, added.client_id), after->>'kind',
      after->>'cidr', after->>'agent', after->>'keyHint', after->>'keyDigest', added.at, revoked.at)
    from (
      select substring(subject from '/identifiers/(.*)$') as id, after, at,
        substring(subject from '^clients/(.*)/identifiers/') as client_id
      from audit where action = 'identifier.added'
    ) as added
    left join (
      select distinct on (identifier_id) identifier_id as id, to_client_id from moves
      where to_at is null order by identifier_id, moves.id desc
    ) as moved using (id)
    left join (
      select substring(subject from '/identifiers/(.*)$') as id, at from audit where action = 'identifier.revoked'
    ) as revoked using (id)`,
  kept: sql`
    select concat('identifiers/', id), jsonb_build_array(client_id, kind, cidr::text, agent, key_hint,
      case when has_digest then encode(sha256(convert_to(key_hash, 'UTF8')), 'hex') end, created_at, revoked_at)
    from identifiers left join (
      select substring(subject from '/identifiers/(.*)$') as id, after ? 'keyDigest' as has_digest
      from audit where action = 'identifier.added'
    ) as added using (id)`,
};

const MOVES: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select distinct concat('moves/', after->>'identifierId'), jsonb_build_array(after->>'fromClient', after->>'toClient',
      (after->>'from')::timestamptz, (after->>'until')::timestamptz, at, actor, reason)
    from audit where action = 'identifier.moved'`,
  kept: sql`
    select concat('moves/', identifier_id),
      jsonb_build_array(from_client_id, to_client_id, from_at, to_at, at, actor, reason)
    from moves`,
};

const RETIREMENTS: AuditComparison = {
  code: 'tariff_differs',
  written: sql`
    select concat('tariffs/', after->>'id'), jsonb_build_array(after->>'supersededBy', at, actor, reason)
    from audit where action in ('tariff.withdrawn', 'tariff.superseded')`,
  kept: sql`
    select concat('tariffs/', version_id), jsonb_build_array(superseded_by::text, at, actor, reason)
    from tariff_retirements`,
};

const TOKENS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select created.subject, jsonb_build_array(after->>'name', after->'roles', after->>'digest', created.at, actor,
      revoked.at)
    from (select * from audit where action = 'token.created') as created
    left join (select subject, at from audit where action = 'token.revoked') as revoked using (subject)`,
  kept: sql`
    select concat('tokens/', id), jsonb_build_array(name, to_jsonb(roles),
      case when has_digest then encode(sha256(convert_to(hash, 'UTF8')), 'hex') end, created_at, created_by, revoked_at)
    from tokens left join (
      select subject, after ? 'digest' as has_digest from audit where action = 'token.created'
    ) as created on subject = concat('tokens/', id)`,
};

/** Versions before 1.0 wrote `client.parked` instead of `client.held`; an audit log never changes. */
const HOLDS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select concat(subject, '/holds'), jsonb_build_array(
      case action when 'client.parked' then 'client.held' else action end,
      coalesce(after, before)->>'code', at, actor, reason)
    from audit where action in ('client.held', 'client.parked', 'client.released')`,
  kept: sql`
    select concat('clients', '/' || client_id, '/holds'),
      jsonb_build_array('client.held', code, held_at, held_by, reason)
    from billing_holds
    union all
    select concat('clients', '/' || client_id, '/holds'),
      jsonb_build_array('client.released', code, released_at, released_by, release_reason)
    from billing_holds where released_at is not null`,
};

const POLICIES: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select subject, jsonb_build_array(after->>'action', (after->>'status')::int,
      (after->>'ratePerSecond')::double precision, (after->>'until')::timestamptz, reason, at, actor)
    from (
      select distinct on (subject) * from audit
      where action in ('policy.set', 'policy.removed') order by subject, id desc
    ) as newest
    where action = 'policy.set'`,
  kept: sql`
    select concat('clients/', client_id, '/policy'),
      jsonb_build_array(action, status, rate_per_second, until_at, reason, set_at, set_by)
    from client_policies`,
};

const PUBLISHED_POLICIES: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select concat(subject, '/', after->>'version'), jsonb_build_array((after->>'validFrom')::timestamptz,
      after->'document', after->>'sha256', at, actor, reason)
    from audit where action = 'published_policy.added'`,
  kept: sql`
    select concat('policies/', version),
      jsonb_build_array(valid_from, document, sha256, created_at, created_by, reason)
    from rights_policies`,
};

const NUMBERS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select subject, jsonb_build_array('invoices', (before->>'last')::bigint, (after->>'last')::bigint, at, actor, reason)
    from audit where action = 'invoice_numbers.advanced'`,
  kept: sql`
    select 'invoice-numbers', jsonb_build_array(series, from_last, to_last, at, actor, reason) from number_moves`,
};

/**
 * Only the audit log has an approval that a recomputation revoked, so only the invoice's current decision is
 * compared.
 */
const DECISIONS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select subject, jsonb_build_array(action, audit.at, actor, audit.reason)
    from audit join invoices on subject = concat('invoices/', invoices.id)
    where action = 'invoice.approved' and status in ('approved', 'issued') and audit.at = approved_at
      or action = 'invoice.rejected' and status = 'rejected'
        and audit.at = to_timestamp((rejection->>'atMs')::bigint / 1000.0)`,
  kept: sql`
    select concat('invoices/', id), jsonb_build_array('invoice.approved', approved_at, approved_by, null::text)
    from invoices where status = 'approved' or status = 'issued' and approved_by is not null
    union all
    select concat('invoices/', id), jsonb_build_array('invoice.rejected',
      to_timestamp((rejection->>'atMs')::bigint / 1000.0), rejection->>'by', rejection->>'reason')
    from invoices where status = 'rejected'`,
};

const COMPARISONS = [
  ...[CLIENTS, IDENTIFIERS, MOVES, RETIREMENTS, TOKENS, HOLDS],
  ...[POLICIES, PUBLISHED_POLICIES, NUMBERS, DECISIONS],
  ...SELLER_COMPARISONS,
  ...BOOK_COMPARISONS,
  ...DOCUMENT_COMPARISONS,
  ...CLAIM_COMPARISONS,
];
