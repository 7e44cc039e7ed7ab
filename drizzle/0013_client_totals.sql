CREATE TABLE "client_totals" (
	"client_id" text PRIMARY KEY NOT NULL,
	"total" bigint NOT NULL,
	"share" double precision NOT NULL,
	"as_of" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "client_totals" ADD CONSTRAINT "client_totals_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "client_totals_share" ON "client_totals" USING btree ("share","total","client_id");--> statement-breakpoint
CREATE INDEX "client_totals_total" ON "client_totals" USING btree ("total","client_id");