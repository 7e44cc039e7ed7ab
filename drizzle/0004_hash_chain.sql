CREATE TABLE "batches" (
	"journal_id" text NOT NULL,
	"first_sequence" bigint NOT NULL,
	"last_sequence" bigint NOT NULL,
	"kind" text NOT NULL,
	"taken_at" timestamp with time zone NOT NULL,
	"salt" "bytea" NOT NULL,
	"content" text NOT NULL,
	"previous_hash" "bytea" NOT NULL,
	"hash" "bytea" NOT NULL,
	"from_at" timestamp with time zone,
	"to_at" timestamp with time zone,
	CONSTRAINT "batches_journal_id_last_sequence_pk" PRIMARY KEY("journal_id","last_sequence")
);
--> statement-breakpoint
CREATE TABLE "gaps" (
	"journal_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"from_at" timestamp with time zone NOT NULL,
	"to_at" timestamp with time zone NOT NULL,
	"responses" bigint NOT NULL,
	"posts" bigint NOT NULL,
	CONSTRAINT "gaps_journal_id_sequence_from_at_pk" PRIMARY KEY("journal_id","sequence","from_at")
);
--> statement-breakpoint
CREATE TABLE "moves" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"identifier_id" text NOT NULL,
	"from_client_id" text NOT NULL,
	"to_client_id" text NOT NULL,
	"from_at" timestamp with time zone NOT NULL,
	"to_at" timestamp with time zone,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "opening_usage" (
	"client_id" text NOT NULL,
	"identifier_id" text NOT NULL,
	"bucket_at" timestamp with time zone NOT NULL,
	"posts" bigint NOT NULL,
	"requests" bigint NOT NULL,
	"refused" bigint NOT NULL,
	"bytes" bigint NOT NULL,
	"uncounted" bigint NOT NULL,
	CONSTRAINT "opening_usage_client_id_bucket_at_identifier_id_pk" PRIMARY KEY("client_id","bucket_at","identifier_id")
);
--> statement-breakpoint
CREATE TABLE "parkings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"client_id" text,
	"code" text NOT NULL,
	"reason" text NOT NULL,
	"parked_at" timestamp with time zone NOT NULL,
	"parked_by" text NOT NULL,
	"released_at" timestamp with time zone,
	"released_by" text,
	"release_reason" text
);
--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "content_hash" text;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "usage_hash" text;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "usage_as_of" jsonb;--> statement-breakpoint
ALTER TABLE "journals" ADD COLUMN "chained_from" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "journals" ADD COLUMN "last_hash" "bytea";--> statement-breakpoint
ALTER TABLE "batches" ADD CONSTRAINT "batches_journal_id_journals_id_fk" FOREIGN KEY ("journal_id") REFERENCES "public"."journals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gaps" ADD CONSTRAINT "gaps_journal_id_journals_id_fk" FOREIGN KEY ("journal_id") REFERENCES "public"."journals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "moves" ADD CONSTRAINT "moves_from_client_id_clients_id_fk" FOREIGN KEY ("from_client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "moves" ADD CONSTRAINT "moves_to_client_id_clients_id_fk" FOREIGN KEY ("to_client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "parkings" ADD CONSTRAINT "parkings_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "batches_bucket" ON "batches" USING btree ("to_at");--> statement-breakpoint
CREATE UNIQUE INDEX "parkings_active" ON "parkings" USING btree (coalesce("client_id", ''),"code") WHERE "parkings"."released_at" is null;--> statement-breakpoint
-- What the ledger holds already was not chained when it came: verification begins with it as it is now.
INSERT INTO "opening_usage" SELECT "client_id", "identifier_id", "bucket_at", "posts", "requests", "refused", "bytes", "uncounted" FROM "usage";
--> statement-breakpoint
UPDATE "journals" SET "chained_from" = "last_sequence";
