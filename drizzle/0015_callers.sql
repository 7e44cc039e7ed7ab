CREATE TABLE "caller_days" (
	"day_at" timestamp with time zone NOT NULL,
	"client_id" text NOT NULL,
	"trait" text NOT NULL,
	"value" text NOT NULL,
	"requests" bigint NOT NULL,
	"posts" bigint NOT NULL,
	CONSTRAINT "caller_days_day_at_client_id_trait_value_pk" PRIMARY KEY("day_at","client_id","trait","value")
);
--> statement-breakpoint
CREATE TABLE "promotions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"client_id" text NOT NULL,
	"caller_ids" text[] NOT NULL,
	"identifier_ids" text[] NOT NULL,
	"from_at" timestamp with time zone NOT NULL,
	"until_at" timestamp with time zone NOT NULL,
	"posts" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	"undone_at" timestamp with time zone,
	"undone_by" text
);
--> statement-breakpoint
ALTER TABLE "promotions" ADD CONSTRAINT "promotions_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "moves_identifier" ON "moves" USING btree ("identifier_id");