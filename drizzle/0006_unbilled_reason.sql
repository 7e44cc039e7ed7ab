ALTER TABLE "breaches" ADD COLUMN "unbilled_reason" text;--> statement-breakpoint
-- Breaches under tariffs that refuse are computed again by the rule that does not bill them.
INSERT INTO "billing_due" ("client_id", "dirty_from")
SELECT "client_id", min("stretch_from") FROM "breaches" AS "breach"
WHERE EXISTS (
  SELECT 1 FROM "tariff_versions" AS "version"
  WHERE "version"."terms" ->> 'onThreshold' = 'refuse'
    AND ("version"."client_id" IS NULL OR "version"."client_id" = "breach"."client_id")
)
GROUP BY "client_id"
ON CONFLICT ("client_id") DO UPDATE
SET "dirty_from" = least("billing_due"."dirty_from", excluded."dirty_from");
