CREATE TABLE "bank_accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seller_id" text NOT NULL,
	"currency" text NOT NULL,
	"holder" text NOT NULL,
	"iban" text,
	"bic" text,
	"account_number" text,
	"routing_number" text,
	"bank_name" text,
	"is_default" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	"archived_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "clauses" (
	"id" text PRIMARY KEY NOT NULL,
	"family" text NOT NULL,
	"variant" text NOT NULL,
	"name" text NOT NULL,
	"text" text NOT NULL,
	"source" text NOT NULL,
	"law" text NOT NULL,
	"currency" text NOT NULL,
	"price_minor" bigint NOT NULL,
	"threshold_posts" bigint NOT NULL,
	"claim_periods" jsonb NOT NULL,
	"valid_from" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "co_debtors" (
	"id" uuid PRIMARY KEY NOT NULL,
	"client_id" text NOT NULL,
	"legal_name" text,
	"address" text,
	"street" text,
	"street2" text,
	"postcode" text,
	"city" text,
	"region" text,
	"country" text,
	"email" text,
	"phone" text,
	"contact" text,
	"vat_id" text,
	"tax_id" text,
	"register" text,
	"register_id" text,
	"electronic_address" text,
	"electronic_scheme" text,
	"ground" text NOT NULL,
	"from_at" timestamp with time zone NOT NULL,
	"to_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "dunning_levels" (
	"seller_id" text NOT NULL,
	"level" integer NOT NULL,
	"days_after_due" integer NOT NULL,
	"title" jsonb NOT NULL,
	"text" jsonb NOT NULL,
	"is_automatic" boolean NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "dunning_levels_seller_id_level_pk" PRIMARY KEY("seller_id","level")
);
--> statement-breakpoint
CREATE TABLE "logos" (
	"sha256" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"bytes" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "number_series" (
	"series" text PRIMARY KEY NOT NULL,
	"seller_id" text NOT NULL,
	"kinds" text[] NOT NULL,
	"prefix" text NOT NULL,
	"width" integer NOT NULL,
	"is_yearly" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "sellers" (
	"id" text PRIMARY KEY NOT NULL,
	"legal_name" text,
	"address" text,
	"street" text,
	"street2" text,
	"postcode" text,
	"city" text,
	"region" text,
	"country" text,
	"email" text,
	"phone" text,
	"contact" text,
	"vat_id" text,
	"tax_id" text,
	"register" text,
	"register_id" text,
	"electronic_address" text,
	"electronic_scheme" text,
	"default_language" text DEFAULT 'en' NOT NULL,
	"terms_days" integer DEFAULT 30 NOT NULL,
	"texts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"clause_family" text DEFAULT 'x',
	"is_strict" boolean DEFAULT false NOT NULL,
	"logo" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "tax_rules" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seller_id" text NOT NULL,
	"applies_to" text NOT NULL,
	"buyer_scope" text NOT NULL,
	"category" text NOT NULL,
	"rate_bp" integer NOT NULL,
	"exemption_code" text,
	"reason" jsonb NOT NULL,
	"valid_from" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "disputes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"invoice_id" uuid NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"opened_by" text NOT NULL,
	"ground" text NOT NULL,
	"text" text NOT NULL,
	"disputed_minor" bigint NOT NULL,
	"answered_at" timestamp with time zone,
	"answered_by" text,
	"answer" text,
	"resolved_at" timestamp with time zone,
	"resolved_by" text,
	"outcome" text,
	"outcome_text" text,
	CONSTRAINT "disputes_positive" CHECK ("disputes"."disputed_minor" > 0)
);
--> statement-breakpoint
CREATE TABLE "dunnings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"invoice_id" uuid NOT NULL,
	"level" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	CONSTRAINT "dunnings_positive" CHECK ("dunnings"."level" > 0)
);
--> statement-breakpoint
CREATE TABLE "entries" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"invoice_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"payment_id" uuid,
	"credit_note_id" uuid,
	"reverses_id" bigint,
	"effective_on" date NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text,
	CONSTRAINT "entries_reverses_id_unique" UNIQUE("reverses_id"),
	CONSTRAINT "entries_sign" CHECK (("entries"."kind" in ('charge', 'reversal')) = ("entries"."amount_minor" > 0) and "entries"."amount_minor" <> 0),
	CONSTRAINT "entries_payment_named" CHECK ("entries"."kind" = 'reversal' or ("entries"."kind" = 'payment') = ("entries"."payment_id" is not null)),
	CONSTRAINT "entries_credit_named" CHECK ("entries"."kind" = 'reversal' or ("entries"."kind" = 'credit') = ("entries"."credit_note_id" is not null)),
	CONSTRAINT "entries_reversal_named" CHECK (("entries"."kind" = 'reversal') = ("entries"."reverses_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "payments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seller_id" text NOT NULL,
	"client_id" text,
	"received_on" date NOT NULL,
	"amount_minor" bigint NOT NULL,
	"currency" text NOT NULL,
	"payer" text,
	"reference" text,
	"method" text,
	"source" text NOT NULL,
	"external_id" text,
	"note" text,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	CONSTRAINT "payments_external" UNIQUE("source","external_id"),
	CONSTRAINT "payments_positive" CHECK ("payments"."amount_minor" > 0)
);
--> statement-breakpoint
CREATE TABLE "receivables" (
	"invoice_id" uuid PRIMARY KEY NOT NULL,
	"client_id" text NOT NULL,
	"seller_id" text NOT NULL,
	"currency" text NOT NULL,
	"payable_minor" bigint NOT NULL,
	"balance_minor" bigint NOT NULL,
	"paid_minor" bigint NOT NULL,
	"credited_minor" bigint NOT NULL,
	"written_off_minor" bigint NOT NULL,
	"due_on" date NOT NULL,
	"dispute_id" uuid,
	"dunning_level" integer NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "receivables_balance" CHECK ("receivables"."balance_minor" between 0 and "receivables"."payable_minor")
);
--> statement-breakpoint
CREATE TABLE "refunds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"payment_id" uuid,
	"credit_note_id" uuid,
	"paid_on" date NOT NULL,
	"amount_minor" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "refunds_positive" CHECK ("refunds"."amount_minor" > 0),
	CONSTRAINT "refunds_of_one" CHECK (num_nonnulls("refunds"."payment_id", "refunds"."credit_note_id") = 1)
);
--> statement-breakpoint
CREATE TABLE "proposals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"payload" jsonb NOT NULL,
	"subject_hash" text NOT NULL,
	"reason" text NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_token" text,
	"at" timestamp with time zone NOT NULL,
	"decided_by" text,
	"decided_token" text,
	"decided_at" timestamp with time zone,
	"decision" text,
	"decision_reason" text
);
--> statement-breakpoint
CREATE TABLE "document_failures" (
	"subject" text NOT NULL,
	"kind" text NOT NULL,
	"format" text NOT NULL,
	"language" text NOT NULL,
	"copy" integer NOT NULL,
	"code" text NOT NULL,
	"detail" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "document_failures_subject_kind_format_language_copy_pk" PRIMARY KEY("subject","kind","format","language","copy")
);
--> statement-breakpoint
CREATE TABLE "documents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"subject" text NOT NULL,
	"kind" text NOT NULL,
	"format" text NOT NULL,
	"language" text NOT NULL,
	"copy" integer NOT NULL,
	"template" integer NOT NULL,
	"file_name" text NOT NULL,
	"sha256" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	"content_hash" text,
	"made_at" timestamp with time zone NOT NULL,
	"made_by" text NOT NULL,
	CONSTRAINT "documents_once" UNIQUE("subject","kind","format","language","copy","template")
);
--> statement-breakpoint
CREATE TABLE "sendings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"document_id" uuid NOT NULL,
	"channel" text NOT NULL,
	"address" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"outcome" text NOT NULL,
	"status" integer,
	"detail" text NOT NULL
);
--> statement-breakpoint
DROP INDEX "invoices_number";--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "street" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "street2" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "postcode" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "city" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "region" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "country" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "buyer_reference" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "order_number" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "electronic_address" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "electronic_scheme" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "language" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "terms_days" integer;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "e_invoice" text DEFAULT 'none' NOT NULL;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "seller_id" text;--> statement-breakpoint
ALTER TABLE "invoice_lines" ADD COLUMN "corrects_line" integer;--> statement-breakpoint
ALTER TABLE "invoice_lines" ADD COLUMN "reason" text;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "origin" text DEFAULT 'billing' NOT NULL;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "series" text DEFAULT 'invoices' NOT NULL;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "seller_id" text;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "tax_minor" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "document" jsonb;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "approver_token_id" text;--> statement-breakpoint
ALTER TABLE "bank_accounts" ADD CONSTRAINT "bank_accounts_seller_id_sellers_id_fk" FOREIGN KEY ("seller_id") REFERENCES "public"."sellers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "co_debtors" ADD CONSTRAINT "co_debtors_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dunning_levels" ADD CONSTRAINT "dunning_levels_seller_id_sellers_id_fk" FOREIGN KEY ("seller_id") REFERENCES "public"."sellers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "number_series" ADD CONSTRAINT "number_series_seller_id_sellers_id_fk" FOREIGN KEY ("seller_id") REFERENCES "public"."sellers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tax_rules" ADD CONSTRAINT "tax_rules_seller_id_sellers_id_fk" FOREIGN KEY ("seller_id") REFERENCES "public"."sellers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_invoice_id_invoices_id_fk" FOREIGN KEY ("invoice_id") REFERENCES "public"."invoices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dunnings" ADD CONSTRAINT "dunnings_invoice_id_invoices_id_fk" FOREIGN KEY ("invoice_id") REFERENCES "public"."invoices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "entries" ADD CONSTRAINT "entries_invoice_id_invoices_id_fk" FOREIGN KEY ("invoice_id") REFERENCES "public"."invoices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "entries" ADD CONSTRAINT "entries_payment_id_payments_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "entries" ADD CONSTRAINT "entries_credit_note_id_invoices_id_fk" FOREIGN KEY ("credit_note_id") REFERENCES "public"."invoices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_seller_id_sellers_id_fk" FOREIGN KEY ("seller_id") REFERENCES "public"."sellers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receivables" ADD CONSTRAINT "receivables_invoice_id_invoices_id_fk" FOREIGN KEY ("invoice_id") REFERENCES "public"."invoices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_payment_id_payments_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_credit_note_id_invoices_id_fk" FOREIGN KEY ("credit_note_id") REFERENCES "public"."invoices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sendings" ADD CONSTRAINT "sendings_document_id_documents_id_fk" FOREIGN KEY ("document_id") REFERENCES "public"."documents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "bank_accounts_default" ON "bank_accounts" USING btree ("seller_id","currency") WHERE "bank_accounts"."is_default" and "bank_accounts"."archived_at" is null;--> statement-breakpoint
CREATE INDEX "co_debtors_client" ON "co_debtors" USING btree ("client_id");--> statement-breakpoint
CREATE UNIQUE INDEX "tax_rules_moment" ON "tax_rules" USING btree ("seller_id","applies_to","buyer_scope","valid_from");--> statement-breakpoint
CREATE INDEX "disputes_invoice" ON "disputes" USING btree ("invoice_id");--> statement-breakpoint
CREATE UNIQUE INDEX "disputes_open" ON "disputes" USING btree ("invoice_id") WHERE "disputes"."resolved_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "dunnings_level" ON "dunnings" USING btree ("invoice_id","level");--> statement-breakpoint
CREATE UNIQUE INDEX "entries_charge" ON "entries" USING btree ("invoice_id") WHERE "entries"."kind" = 'charge';--> statement-breakpoint
CREATE INDEX "entries_invoice" ON "entries" USING btree ("invoice_id","id");--> statement-breakpoint
CREATE INDEX "entries_payment" ON "entries" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "entries_credit_note" ON "entries" USING btree ("credit_note_id");--> statement-breakpoint
CREATE INDEX "payments_client" ON "payments" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "receivables_client" ON "receivables" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "receivables_open" ON "receivables" USING btree ("due_on") WHERE "receivables"."balance_minor" > 0;--> statement-breakpoint
CREATE INDEX "refunds_payment" ON "refunds" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "refunds_credit_note" ON "refunds" USING btree ("credit_note_id");--> statement-breakpoint
CREATE INDEX "proposals_open" ON "proposals" USING btree ("id") WHERE "proposals"."decided_at" is null;--> statement-breakpoint
CREATE INDEX "proposals_subject" ON "proposals" USING btree ("subject");--> statement-breakpoint
CREATE INDEX "sendings_document" ON "sendings" USING btree ("document_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "invoices_number" ON "invoices" USING btree ("series","number");--> statement-breakpoint
INSERT INTO "sellers" ("id") VALUES ('default');
--> statement-breakpoint
INSERT INTO "number_series" ("series", "seller_id", "kinds", "prefix", "width", "is_yearly")
  VALUES ('invoices', 'default', ARRAY['invoice', 'supplement', 'credit_note'], '', 0, false);
--> statement-breakpoint
INSERT INTO "tax_rules" ("id", "seller_id", "applies_to", "buyer_scope", "category", "rate_bp", "exemption_code", "reason", "valid_from", "created_at", "created_by")
  VALUES ('00000000-0000-7000-8000-000000000001', 'default', 'damages', 'any', 'O', 0, 'VATEX-EU-O',
    '{"en": "Liquidated damages are not consideration for a supply.", "de": "Pauschalierter Schadensersatz ist kein Entgelt für eine Leistung.", "fr": "Les dommages-intérêts forfaitaires ne sont pas la contrepartie d''une prestation.", "es": "La indemnización pactada no es contraprestación de una operación."}',
    'epoch', now(), 'postmeter migrate');
--> statement-breakpoint
-- Final tables.
DO $$
DECLARE "final" text;
BEGIN
  FOREACH "final" IN ARRAY ARRAY['logos', 'tax_rules', 'clauses', 'payments', 'entries', 'refunds', 'dunnings', 'documents', 'sendings'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"()', "final" || '_final', "final");
  END LOOP;
  FOREACH "final" IN ARRAY ARRAY['logos', 'tax_rules', 'clauses', 'payments', 'entries', 'refunds', 'dunnings', 'documents', 'sendings', 'bank_accounts', 'number_series', 'co_debtors', 'disputes', 'proposals', 'receivables', 'sellers'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_refuse_change"()', "final" || '_kept', "final");
  END LOOP;
END
$$;
--> statement-breakpoint
-- Refuses a change of any column but those that the trigger names. A column that is named with ! can be set once.
CREATE FUNCTION "postmeter_guard_columns"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "was" jsonb := to_jsonb(OLD);
  "is_now" jsonb;
  "named" text;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    "is_now" := to_jsonb(NEW);
    FOREACH "named" IN ARRAY TG_ARGV LOOP
      IF "named" LIKE '!%' AND "was"->>substr("named", 2) IS NOT NULL
        AND "was"->substr("named", 2) IS DISTINCT FROM "is_now"->substr("named", 2)
      THEN RAISE EXCEPTION '% of % refused: % is set once', TG_OP, TG_TABLE_NAME, substr("named", 2) USING ERRCODE = '23001';
      END IF;
      "was" := "was" - ltrim("named", '!');
      "is_now" := "is_now" - ltrim("named", '!');
    END LOOP;
    IF "was" = "is_now" THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION '% of % refused: its rows are final', TG_OP, TG_TABLE_NAME USING ERRCODE = '23001';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "bank_accounts_guarded" BEFORE UPDATE OR DELETE ON "bank_accounts"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_guard_columns"('is_default', '!archived_at');
--> statement-breakpoint
CREATE TRIGGER "co_debtors_guarded" BEFORE UPDATE OR DELETE ON "co_debtors"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_guard_columns"('!to_at');
--> statement-breakpoint
CREATE TRIGGER "disputes_guarded" BEFORE UPDATE OR DELETE ON "disputes"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_guard_columns"('!answered_at', '!answered_by', '!answer', '!resolved_at', '!resolved_by', '!outcome', '!outcome_text');
--> statement-breakpoint
CREATE TRIGGER "proposals_guarded" BEFORE UPDATE OR DELETE ON "proposals"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_guard_columns"('!decided_by', '!decided_token', '!decided_at', '!decision', '!decision_reason');
--> statement-breakpoint
CREATE TRIGGER "sellers_kept_rows" BEFORE DELETE ON "sellers"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
-- A series that has given a number can only be archived.
CREATE FUNCTION "postmeter_guard_series"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM "invoice_numbers" WHERE "last" > 0 AND ("series" = OLD."series" OR "series" LIKE OLD."series" || '/%'))
    AND (TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'archived_at') <> (to_jsonb(OLD) - 'archived_at'))
  THEN RAISE EXCEPTION '% of number_series refused: % has given numbers', TG_OP, OLD."series" USING ERRCODE = '23001';
  END IF;
  RETURN COALESCE(NEW, OLD);
END
$$;
--> statement-breakpoint
CREATE TRIGGER "number_series_guarded" BEFORE UPDATE OR DELETE ON "number_series"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_guard_series"();
--> statement-breakpoint
-- Holds the invariants of the book that concern one entry, and locks what it draws on until the transaction ends.
CREATE FUNCTION "postmeter_check_entry"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "owing" "invoices";
  "credit" "invoices";
  "paid" "payments";
  "undone" "entries";
  "drawn" numeric;
BEGIN
  SELECT * INTO STRICT "owing" FROM "invoices" WHERE "id" = NEW."invoice_id";
  IF "owing"."status" <> 'issued' OR "owing"."kind" = 'credit_note' THEN
    RAISE EXCEPTION 'entry refused: % is not an issued invoice or supplement', NEW."invoice_id" USING ERRCODE = '23514';
  END IF;
  IF NEW."kind" = 'charge' AND NEW."amount_minor" <> "owing"."amount_minor" + "owing"."tax_minor" THEN
    RAISE EXCEPTION 'entry refused: the charge differs from the payable amount' USING ERRCODE = '23514';
  END IF;
  IF NEW."kind" = 'reversal' THEN
    SELECT * INTO STRICT "undone" FROM "entries" WHERE "id" = NEW."reverses_id";
    IF "undone"."kind" IN ('charge', 'reversal') OR "undone"."amount_minor" <> -NEW."amount_minor"
      OR ("undone"."invoice_id", "undone"."payment_id", "undone"."credit_note_id")
        IS DISTINCT FROM (NEW."invoice_id", NEW."payment_id", NEW."credit_note_id")
    THEN RAISE EXCEPTION 'entry refused: the reversal differs from its entry' USING ERRCODE = '23514';
    END IF;
  END IF;
  IF NEW."payment_id" IS NOT NULL THEN
    SELECT * INTO STRICT "paid" FROM "payments" WHERE "id" = NEW."payment_id" FOR UPDATE;
    SELECT -coalesce(sum("amount_minor"), 0) INTO "drawn" FROM "entries" WHERE "payment_id" = NEW."payment_id";
    SELECT "drawn" + coalesce(sum("amount_minor"), 0) INTO "drawn" FROM "refunds" WHERE "payment_id" = NEW."payment_id";
    IF "paid"."currency" <> "owing"."currency" OR "paid"."seller_id" <> coalesce("owing"."seller_id", 'default')
      OR "paid"."client_id" <> "owing"."client_id" OR "drawn" - NEW."amount_minor" > "paid"."amount_minor"
    THEN RAISE EXCEPTION 'entry refused: the payment does not cover it' USING ERRCODE = '23514';
    END IF;
  END IF;
  IF NEW."credit_note_id" IS NOT NULL THEN
    SELECT * INTO STRICT "credit" FROM "invoices" WHERE "id" = NEW."credit_note_id" FOR UPDATE;
    SELECT -coalesce(sum("amount_minor"), 0) INTO "drawn" FROM "entries" WHERE "credit_note_id" = NEW."credit_note_id";
    SELECT "drawn" + coalesce(sum("amount_minor"), 0) INTO "drawn" FROM "refunds" WHERE "credit_note_id" = NEW."credit_note_id";
    IF "credit"."status" <> 'issued' OR "credit"."kind" <> 'credit_note' OR "credit"."currency" <> "owing"."currency"
      OR "credit"."client_id" <> "owing"."client_id"
      OR "drawn" - NEW."amount_minor" > -("credit"."amount_minor" + "credit"."tax_minor")
    THEN RAISE EXCEPTION 'entry refused: the credit note does not cover it' USING ERRCODE = '23514';
    END IF;
  END IF;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "entries_checked" BEFORE INSERT ON "entries"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_check_entry"();
--> statement-breakpoint
-- Keeps receivables as the sum of the entries. The check on the balance refuses an entry beyond what is owed.
CREATE FUNCTION "postmeter_keep_receivable"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "as_kind" text := NEW."kind";
BEGIN
  IF NEW."kind" = 'charge' THEN
    INSERT INTO "receivables" ("invoice_id", "client_id", "seller_id", "currency", "payable_minor", "balance_minor",
      "paid_minor", "credited_minor", "written_off_minor", "due_on", "dunning_level", "updated_at")
    SELECT "id", "client_id", coalesce("seller_id", 'default'), "currency", NEW."amount_minor", NEW."amount_minor", 0, 0, 0,
      coalesce(("document"->>'dueOn')::date, ("issued_at" AT TIME ZONE 'UTC')::date + 30), 0, NEW."at"
    FROM "invoices" WHERE "id" = NEW."invoice_id";
    RETURN NULL;
  END IF;
  IF NEW."kind" = 'reversal' THEN SELECT "kind" INTO "as_kind" FROM "entries" WHERE "id" = NEW."reverses_id"; END IF;
  UPDATE "receivables" SET
    "balance_minor" = "balance_minor" + NEW."amount_minor",
    "paid_minor" = "paid_minor" - CASE "as_kind" WHEN 'payment' THEN NEW."amount_minor" ELSE 0 END,
    "credited_minor" = "credited_minor" - CASE "as_kind" WHEN 'credit' THEN NEW."amount_minor" ELSE 0 END,
    "written_off_minor" = "written_off_minor" - CASE "as_kind" WHEN 'write_off' THEN NEW."amount_minor" ELSE 0 END,
    "updated_at" = NEW."at"
  WHERE "invoice_id" = NEW."invoice_id";
  IF NOT FOUND THEN RAISE EXCEPTION 'entry refused: the invoice has no charge' USING ERRCODE = '23514'; END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "entries_kept_in_receivables" AFTER INSERT ON "entries"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_keep_receivable"();
--> statement-breakpoint
CREATE FUNCTION "postmeter_check_refund"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "limit" numeric;
  "drawn" numeric;
BEGIN
  IF NEW."payment_id" IS NOT NULL THEN
    SELECT "amount_minor" INTO STRICT "limit" FROM "payments" WHERE "id" = NEW."payment_id" FOR UPDATE;
  ELSE
    SELECT -("amount_minor" + "tax_minor") INTO STRICT "limit" FROM "invoices"
      WHERE "id" = NEW."credit_note_id" AND "status" = 'issued' AND "kind" = 'credit_note' FOR UPDATE;
  END IF;
  SELECT -coalesce(sum("amount_minor"), 0) INTO "drawn" FROM "entries"
    WHERE "payment_id" = NEW."payment_id" OR "credit_note_id" = NEW."credit_note_id";
  SELECT "drawn" + coalesce(sum("amount_minor"), 0) INTO "drawn" FROM "refunds"
    WHERE "payment_id" = NEW."payment_id" OR "credit_note_id" = NEW."credit_note_id";
  IF "drawn" + NEW."amount_minor" > "limit" THEN
    RAISE EXCEPTION 'refund refused: it exceeds what is left' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "refunds_checked" BEFORE INSERT ON "refunds"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_check_refund"();
--> statement-breakpoint
-- receivables is written by the triggers of other tables alone.
CREATE FUNCTION "postmeter_guard_receivable"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION '% of receivables refused: it follows from the entries', TG_OP USING ERRCODE = '23001';
  END IF;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "receivables_guarded" BEFORE INSERT OR UPDATE OR DELETE ON "receivables"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_guard_receivable"();
--> statement-breakpoint
CREATE FUNCTION "postmeter_keep_dispute"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "receivables" SET "dispute_id" = CASE WHEN NEW."resolved_at" IS NULL THEN NEW."id" END
  WHERE "invoice_id" = NEW."invoice_id";
  IF NOT FOUND THEN RAISE EXCEPTION 'dispute refused: the invoice has no charge' USING ERRCODE = '23514'; END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "disputes_kept_in_receivables" AFTER INSERT OR UPDATE ON "disputes"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_keep_dispute"();
--> statement-breakpoint
CREATE FUNCTION "postmeter_keep_dunning"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "receivables" SET "dunning_level" = greatest("dunning_level", NEW."level") WHERE "invoice_id" = NEW."invoice_id";
  IF NOT FOUND THEN RAISE EXCEPTION 'dunning refused: the invoice has no charge' USING ERRCODE = '23514'; END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "dunnings_kept_in_receivables" AFTER INSERT ON "dunnings"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_keep_dunning"();
--> statement-breakpoint
-- An invoice with a document is charged in the transaction that issues it.
CREATE FUNCTION "postmeter_demand_charge"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM "entries" WHERE "invoice_id" = NEW."id" AND "kind" = 'charge') THEN
    RAISE EXCEPTION 'issue of % refused: the book has no charge', NEW."id" USING ERRCODE = '23514';
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "invoices_charged" AFTER INSERT OR UPDATE ON "invoices" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW."status" = 'issued' AND NEW."kind" <> 'credit_note' AND NEW."document" IS NOT NULL)
  EXECUTE FUNCTION "postmeter_demand_charge"();
