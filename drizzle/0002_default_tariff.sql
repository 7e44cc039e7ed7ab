-- The default tariff of a new ledger: the clause that the rule comes from. Operators change it by adding a version.
INSERT INTO "tariff_versions" ("id", "client_id", "version", "valid_from", "terms", "created_by", "reason") VALUES (
  '00000000-0000-7000-8000-000000000001', NULL, 1, '1970-01-01T00:00:00Z',
  '{"kind":"damages","threshold":1000000,"price":"15000.00","block":1000000,"basis":"all","rounding":"prorated","currency":"USD","windowSeconds":86400,"onThreshold":"bill"}',
  'postmeter',
  'X''s terms of service, section "Liquidated Damages", in force since 15 November 2024'
);
