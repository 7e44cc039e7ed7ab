CREATE TABLE "audit" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"reason" text,
	"before" jsonb,
	"after" jsonb
);
--> statement-breakpoint
CREATE TABLE "billing_due" (
	"client_id" text PRIMARY KEY NOT NULL,
	"dirty_from" timestamp with time zone,
	"due_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "breaches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"client_id" text NOT NULL,
	"stretch_from" timestamp with time zone NOT NULL,
	"stretch_to" timestamp with time zone NOT NULL,
	"from_at" timestamp with time zone NOT NULL,
	"to_at" timestamp with time zone NOT NULL,
	"posts" bigint NOT NULL,
	"billed_posts" bigint NOT NULL,
	"peak_posts" bigint NOT NULL,
	"peak_at" timestamp with time zone NOT NULL,
	"amount_minor" bigint NOT NULL,
	"currency" text NOT NULL,
	"state" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "clients" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"source" text NOT NULL,
	"legal_name" text,
	"address" text,
	"email" text,
	"tax_id" text,
	"currency" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "identifiers" (
	"id" text PRIMARY KEY NOT NULL,
	"client_id" text NOT NULL,
	"kind" text NOT NULL,
	"key_hash" text,
	"key_hint" text,
	"cidr" "cidr",
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "identifiers_one_of" CHECK (("identifiers"."kind" = 'api_key' and "identifiers"."key_hash" is not null and "identifiers"."cidr" is null) or ("identifiers"."kind" = 'cidr' and "identifiers"."cidr" is not null and "identifiers"."key_hash" is null))
);
--> statement-breakpoint
CREATE TABLE "invoice_lines" (
	"invoice_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"tariff_version_id" uuid NOT NULL,
	"description" text NOT NULL,
	"from_at" timestamp with time zone NOT NULL,
	"to_at" timestamp with time zone NOT NULL,
	"posts" bigint NOT NULL,
	"price_minor" bigint NOT NULL,
	"block" bigint NOT NULL,
	"rounding" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"peak_posts" bigint,
	"peak_at" timestamp with time zone,
	CONSTRAINT "invoice_lines_invoice_id_position_pk" PRIMARY KEY("invoice_id","position")
);
--> statement-breakpoint
CREATE TABLE "invoice_numbers" (
	"series" text PRIMARY KEY NOT NULL,
	"last" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "invoices" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" bigint,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"client_id" text NOT NULL,
	"breach_id" uuid,
	"month_at" timestamp with time zone,
	"corrects_id" uuid,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"bill_to" jsonb,
	"approved_by" text,
	"approved_at" timestamp with time zone,
	"issued_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "invoices_number_at_issue" CHECK (("invoices"."status" = 'issued') = ("invoices"."number" is not null))
);
--> statement-breakpoint
CREATE TABLE "journals" (
	"id" text PRIMARY KEY NOT NULL,
	"last_sequence" bigint NOT NULL,
	"taken_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "secrets" (
	"name" text PRIMARY KEY NOT NULL,
	"value" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tariff_versions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"client_id" text,
	"version" integer NOT NULL,
	"valid_from" timestamp with time zone NOT NULL,
	"terms" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"hash" text NOT NULL,
	"roles" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "tokens_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "usage" (
	"client_id" text NOT NULL,
	"identifier_id" text NOT NULL,
	"bucket_at" timestamp with time zone NOT NULL,
	"posts" bigint NOT NULL,
	"requests" bigint NOT NULL,
	"refused" bigint NOT NULL,
	"bytes" bigint NOT NULL,
	"uncounted" bigint NOT NULL,
	CONSTRAINT "usage_client_id_bucket_at_identifier_id_pk" PRIMARY KEY("client_id","bucket_at","identifier_id"),
	CONSTRAINT "usage_not_negative" CHECK ("usage"."posts" >= 0 and "usage"."requests" >= 0 and "usage"."bytes" >= 0)
);
--> statement-breakpoint
ALTER TABLE "billing_due" ADD CONSTRAINT "billing_due_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "breaches" ADD CONSTRAINT "breaches_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identifiers" ADD CONSTRAINT "identifiers_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice_lines" ADD CONSTRAINT "invoice_lines_invoice_id_invoices_id_fk" FOREIGN KEY ("invoice_id") REFERENCES "public"."invoices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice_lines" ADD CONSTRAINT "invoice_lines_tariff_version_id_tariff_versions_id_fk" FOREIGN KEY ("tariff_version_id") REFERENCES "public"."tariff_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_breach_id_breaches_id_fk" FOREIGN KEY ("breach_id") REFERENCES "public"."breaches"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tariff_versions" ADD CONSTRAINT "tariff_versions_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage" ADD CONSTRAINT "usage_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_subject" ON "audit" USING btree ("subject","id");--> statement-breakpoint
CREATE INDEX "billing_due_dirty" ON "billing_due" USING btree ("dirty_from");--> statement-breakpoint
CREATE INDEX "billing_due_at" ON "billing_due" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "breaches_client" ON "breaches" USING btree ("client_id","stretch_from");--> statement-breakpoint
CREATE INDEX "breaches_state" ON "breaches" USING btree ("state");--> statement-breakpoint
CREATE UNIQUE INDEX "identifiers_key_hash" ON "identifiers" USING btree ("key_hash") WHERE "identifiers"."revoked_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "identifiers_cidr" ON "identifiers" USING btree ("cidr") WHERE "identifiers"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX "identifiers_client" ON "identifiers" USING btree ("client_id");--> statement-breakpoint
CREATE UNIQUE INDEX "invoices_number" ON "invoices" USING btree ("number");--> statement-breakpoint
CREATE INDEX "invoices_client" ON "invoices" USING btree ("client_id","created_at");--> statement-breakpoint
CREATE INDEX "invoices_breach" ON "invoices" USING btree ("breach_id");--> statement-breakpoint
CREATE UNIQUE INDEX "tariff_versions_version" ON "tariff_versions" USING btree (coalesce("client_id", ''),"version");--> statement-breakpoint
CREATE INDEX "usage_bucket" ON "usage" USING btree ("bucket_at");