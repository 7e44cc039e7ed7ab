CREATE TABLE "configurations" (
	"hash" text PRIMARY KEY NOT NULL,
	"content" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "journal_configurations" (
	"journal_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"hash" text NOT NULL,
	"version" text NOT NULL,
	"from_at" timestamp with time zone NOT NULL,
	CONSTRAINT "journal_configurations_journal_id_sequence_pk" PRIMARY KEY("journal_id","sequence")
);
--> statement-breakpoint
CREATE TABLE "number_moves" (
	"series" text NOT NULL,
	"from_last" bigint NOT NULL,
	"to_last" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "number_moves_series_from_last_pk" PRIMARY KEY("series","from_last")
);
--> statement-breakpoint
CREATE TABLE "tariff_retirements" (
	"version_id" uuid PRIMARY KEY NOT NULL,
	"superseded_by" uuid,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "rejection" jsonb;--> statement-breakpoint
ALTER TABLE "journal_configurations" ADD CONSTRAINT "journal_configurations_journal_id_journals_id_fk" FOREIGN KEY ("journal_id") REFERENCES "public"."journals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tariff_retirements" ADD CONSTRAINT "tariff_retirements_version_id_tariff_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."tariff_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tariff_retirements" ADD CONSTRAINT "tariff_retirements_superseded_by_tariff_versions_id_fk" FOREIGN KEY ("superseded_by") REFERENCES "public"."tariff_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- Rows that verification and evidence rest on are final too: the product adds to them and never edits them.
CREATE TRIGGER "tariff_versions_final" BEFORE UPDATE OR DELETE ON "tariff_versions"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "tariff_retirements_final" BEFORE UPDATE OR DELETE ON "tariff_retirements"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "tariff_retirements_notify" AFTER INSERT ON "tariff_retirements"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_directory_changed"();
--> statement-breakpoint
CREATE TRIGGER "configurations_final" BEFORE UPDATE OR DELETE ON "configurations"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "journal_configurations_final" BEFORE UPDATE OR DELETE ON "journal_configurations"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "number_moves_final" BEFORE UPDATE OR DELETE ON "number_moves"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "secrets_final" BEFORE UPDATE OR DELETE ON "secrets"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
-- An identifier is revoked once, and changes its client with a recorded move alone.
CREATE FUNCTION "postmeter_guard_identifier"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE'
    AND (NEW."id", NEW."kind", NEW."key_hash", NEW."key_hint", NEW."cidr", NEW."created_at")
      IS NOT DISTINCT FROM (OLD."id", OLD."kind", OLD."key_hash", OLD."key_hint", OLD."cidr", OLD."created_at")
    AND (OLD."revoked_at" IS NULL OR NEW."revoked_at" IS NOT DISTINCT FROM OLD."revoked_at")
    AND (NEW."client_id" = OLD."client_id" OR EXISTS (
      SELECT FROM "moves" WHERE "identifier_id" = OLD."id"
        AND "from_client_id" = OLD."client_id" AND "to_client_id" = NEW."client_id"))
  THEN RETURN NEW;
  END IF;
  RAISE EXCEPTION '% of identifiers refused: an identifier is revoked or moved, never edited', TG_OP
    USING ERRCODE = '23001';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "identifiers_guarded" BEFORE UPDATE OR DELETE ON "identifiers"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_guard_identifier"();
--> statement-breakpoint
CREATE FUNCTION "postmeter_guard_token"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD."revoked_at" IS NULL
    AND (NEW."id", NEW."name", NEW."hash", NEW."roles", NEW."created_at", NEW."created_by")
      IS NOT DISTINCT FROM (OLD."id", OLD."name", OLD."hash", OLD."roles", OLD."created_at", OLD."created_by")
  THEN RETURN NEW;
  END IF;
  RAISE EXCEPTION '% of tokens refused: a token is revoked, never edited', TG_OP USING ERRCODE = '23001';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "tokens_guarded" BEFORE UPDATE OR DELETE ON "tokens"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_guard_token"();
--> statement-breakpoint
CREATE FUNCTION "postmeter_guard_hold"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD."released_at" IS NULL
    AND (NEW."id", NEW."client_id", NEW."code", NEW."reason", NEW."parked_at", NEW."parked_by")
      IS NOT DISTINCT FROM (OLD."id", OLD."client_id", OLD."code", OLD."reason", OLD."parked_at", OLD."parked_by")
  THEN RETURN NEW;
  END IF;
  RAISE EXCEPTION '% of parkings refused: a billing hold is released, never edited', TG_OP USING ERRCODE = '23001';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "parkings_guarded" BEFORE UPDATE OR DELETE ON "parkings"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_guard_hold"();
--> statement-breakpoint
-- Numbers go up by one, or along a recorded move over numbers that were given before the ledger was set back.
CREATE OR REPLACE FUNCTION "postmeter_refuse_number"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW."series" = OLD."series" AND NEW."last" > OLD."last" AND EXISTS (
    SELECT FROM "number_moves"
    WHERE "series" = OLD."series" AND "from_last" = OLD."last" AND "to_last" = NEW."last")
  THEN RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the numbers of % go up by one', OLD."series" USING ERRCODE = '23001';
END
$$;
