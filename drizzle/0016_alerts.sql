CREATE TABLE "attempts" (
	"message_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"duration_ms" integer NOT NULL,
	"status" integer,
	"error" text,
	"request_headers" jsonb NOT NULL,
	"request_body" text NOT NULL,
	"response_head" text NOT NULL,
	CONSTRAINT "attempts_message_id_number_pk" PRIMARY KEY("message_id","number")
);
--> statement-breakpoint
CREATE TABLE "client_levels" (
	"client_id" text NOT NULL,
	"level" integer NOT NULL,
	"since" timestamp with time zone NOT NULL,
	CONSTRAINT "client_levels_client_id_level_pk" PRIMARY KEY("client_id","level")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"sequence" bigserial PRIMARY KEY NOT NULL,
	"id" uuid NOT NULL,
	"type" text NOT NULL,
	"subject" text NOT NULL,
	"client_id" text,
	"at" timestamp with time zone NOT NULL,
	"data" jsonb NOT NULL,
	CONSTRAINT "events_id_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "level_settings" (
	"client_id" text PRIMARY KEY NOT NULL,
	"levels" integer[] NOT NULL,
	"set_at" timestamp with time zone NOT NULL,
	"set_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"event_id" uuid NOT NULL,
	"receiver_id" uuid NOT NULL,
	"state" text NOT NULL,
	"due_at" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "receivers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"shown_address" text NOT NULL,
	"sealed" "bytea" NOT NULL,
	"events" text[] NOT NULL,
	"client_ids" text[],
	"is_on" boolean NOT NULL,
	"off_reason" text,
	"turn_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	"removed_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_message_id_messages_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."messages"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_event_id_events_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_receiver_id_receivers_id_fk" FOREIGN KEY ("receiver_id") REFERENCES "public"."receivers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "attempts_at" ON "attempts" USING btree ("at");--> statement-breakpoint
CREATE INDEX "events_subject" ON "events" USING btree ("subject","sequence");--> statement-breakpoint
CREATE INDEX "events_client" ON "events" USING btree ("client_id","sequence");--> statement-breakpoint
CREATE UNIQUE INDEX "events_ready_once" ON "events" USING btree ("subject") WHERE "events"."type" = 'invoice.ready';--> statement-breakpoint
CREATE UNIQUE INDEX "messages_event_receiver" ON "messages" USING btree ("event_id","receiver_id");--> statement-breakpoint
CREATE INDEX "messages_due" ON "messages" USING btree ("receiver_id","due_at") WHERE "messages"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "messages_receiver" ON "messages" USING btree ("receiver_id","id");--> statement-breakpoint
-- Events and attempts are final. Only old ones may be deleted: attempts after 90 days, events after 400.
CREATE FUNCTION "postmeter_keep_until_old"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD."at" < now() - TG_ARGV[0]::interval THEN RETURN OLD; END IF;
  RAISE EXCEPTION '% of % refused: its rows are final', TG_OP, TG_TABLE_NAME USING ERRCODE = '23001';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "events_final" BEFORE UPDATE OR DELETE ON "events"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_keep_until_old"('400 days');
--> statement-breakpoint
CREATE TRIGGER "attempts_final" BEFORE UPDATE OR DELETE ON "attempts"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_keep_until_old"('90 days');
