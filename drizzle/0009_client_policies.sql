CREATE TABLE "client_policies" (
	"client_id" text PRIMARY KEY NOT NULL,
	"action" text NOT NULL,
	"status" integer,
	"rate_per_second" double precision,
	"reason" text NOT NULL,
	"until_at" timestamp with time zone,
	"set_at" timestamp with time zone NOT NULL,
	"set_by" text NOT NULL
);
--> statement-breakpoint
CREATE TRIGGER "client_policies_notify" AFTER INSERT OR UPDATE OR DELETE ON "client_policies"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_directory_changed"();
