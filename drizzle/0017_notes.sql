CREATE TABLE "client_notes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"client_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"author" text NOT NULL,
	"text" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "client_notes" ADD CONSTRAINT "client_notes_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "client_notes_client" ON "client_notes" USING btree ("client_id","id");--> statement-breakpoint
CREATE TRIGGER "client_notes_final" BEFORE UPDATE OR DELETE ON "client_notes"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "client_notes_kept" BEFORE TRUNCATE ON "client_notes"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_refuse_change"();
