CREATE TABLE "what_if_clients" (
	"what_if_id" uuid NOT NULL,
	"client_id" text NOT NULL,
	"posts" bigint NOT NULL,
	"peak_posts" bigint NOT NULL,
	"now" jsonb NOT NULL,
	"tried" jsonb NOT NULL,
	CONSTRAINT "what_if_clients_what_if_id_client_id_pk" PRIMARY KEY("what_if_id","client_id")
);
--> statement-breakpoint
CREATE TABLE "what_ifs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"terms" jsonb NOT NULL,
	"scope" jsonb NOT NULL,
	"from_at" timestamp with time zone NOT NULL,
	"to_at" timestamp with time zone NOT NULL,
	"change" jsonb,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	"total_clients" bigint NOT NULL,
	"checked_clients" bigint DEFAULT 0 NOT NULL,
	"after" text,
	"owner" text,
	"saved_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"failure" text,
	"figures" jsonb,
	"invoices" jsonb
);
--> statement-breakpoint
ALTER TABLE "what_if_clients" ADD CONSTRAINT "what_if_clients_what_if_id_what_ifs_id_fk" FOREIGN KEY ("what_if_id") REFERENCES "public"."what_ifs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "what_if_clients_peak" ON "what_if_clients" USING btree ("what_if_id","peak_posts" DESC NULLS LAST,"client_id");--> statement-breakpoint
CREATE INDEX "what_ifs_unfinished" ON "what_ifs" USING btree ("id") WHERE "what_ifs"."state" in ('waiting', 'running');