CREATE TABLE "agent_directories" (
	"url" text PRIMARY KEY NOT NULL,
	"fetched_at" timestamp with time zone,
	"fresh_until" timestamp with time zone,
	"keys" jsonb,
	"failure" text,
	"failures" integer NOT NULL,
	"tried_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "agent_lists" (
	"url" text PRIMARY KEY NOT NULL,
	"fetched_at" timestamp with time zone,
	"etag" text,
	"prefixes" jsonb,
	"failure" text,
	"tried_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "agent_verdicts" (
	"address" text NOT NULL,
	"agent" text NOT NULL,
	"verdict" text NOT NULL,
	"names" text[] NOT NULL,
	"checked_at" timestamp with time zone NOT NULL,
	"until_at" timestamp with time zone NOT NULL,
	CONSTRAINT "agent_verdicts_address_agent_pk" PRIMARY KEY("address","agent")
);
--> statement-breakpoint
CREATE TABLE "journal_epochs" (
	"journal_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"policy_version" integer NOT NULL,
	"rights_sequence" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "journal_epochs_journal_id_sequence_pk" PRIMARY KEY("journal_id","sequence")
);
--> statement-breakpoint
CREATE TABLE "rights_calls" (
	"actor" text NOT NULL,
	"key" text NOT NULL,
	"digest" text NOT NULL,
	"result" jsonb NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "rights_calls_actor_key_pk" PRIMARY KEY("actor","key")
);
--> statement-breakpoint
CREATE TABLE "rights_current" (
	"subject_id" bigint PRIMARY KEY NOT NULL,
	"on_states" integer NOT NULL,
	"off_states" integer NOT NULL,
	"sequence" bigint NOT NULL,
	"changed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rights_exposure" (
	"hour_at" timestamp with time zone NOT NULL,
	"client_id" text NOT NULL,
	"class" text NOT NULL,
	"also_as" text NOT NULL,
	"agent" text NOT NULL,
	"evidence" text NOT NULL,
	"verdict" text NOT NULL,
	"route" text NOT NULL,
	"mask" integer NOT NULL,
	"withheld" integer NOT NULL,
	"answers" bigint NOT NULL,
	"posts" bigint NOT NULL,
	CONSTRAINT "rights_exposure_hour_at_client_id_class_also_as_agent_evidence_verdict_route_mask_withheld_pk" PRIMARY KEY("hour_at","client_id","class","also_as","agent","evidence","verdict","route","mask","withheld"),
	CONSTRAINT "rights_exposure_withheld" CHECK ("rights_exposure"."withheld" in (0, 1))
);
--> statement-breakpoint
CREATE TABLE "rights_policies" (
	"version" integer PRIMARY KEY NOT NULL,
	"valid_from" timestamp with time zone NOT NULL,
	"document" jsonb NOT NULL,
	"sha256" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rights_settings" (
	"sequence" bigint PRIMARY KEY NOT NULL,
	"subject_id" bigint NOT NULL,
	"state" text NOT NULL,
	"value" text NOT NULL,
	"effective_at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"source_id" text NOT NULL,
	"source_ref" text,
	"actor" text NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rights_sources" (
	"id" text PRIMARY KEY NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rights_subjects" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"scope" text NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "rights_subjects_name" UNIQUE("kind","scope","name")
);
--> statement-breakpoint
ALTER TABLE "identifiers" DROP CONSTRAINT "identifiers_one_of";--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "asker_class" text;--> statement-breakpoint
ALTER TABLE "identifiers" ADD COLUMN "agent" text;--> statement-breakpoint
ALTER TABLE "journal_epochs" ADD CONSTRAINT "journal_epochs_journal_id_journals_id_fk" FOREIGN KEY ("journal_id") REFERENCES "public"."journals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rights_current" ADD CONSTRAINT "rights_current_subject_id_rights_subjects_id_fk" FOREIGN KEY ("subject_id") REFERENCES "public"."rights_subjects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rights_settings" ADD CONSTRAINT "rights_settings_subject_id_rights_subjects_id_fk" FOREIGN KEY ("subject_id") REFERENCES "public"."rights_subjects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rights_settings" ADD CONSTRAINT "rights_settings_source_id_rights_sources_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."rights_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agent_verdicts_agent" ON "agent_verdicts" USING btree ("agent","checked_at");--> statement-breakpoint
CREATE INDEX "agent_verdicts_until" ON "agent_verdicts" USING btree ("until_at");--> statement-breakpoint
CREATE INDEX "rights_calls_at" ON "rights_calls" USING btree ("at");--> statement-breakpoint
CREATE INDEX "rights_current_sequence" ON "rights_current" USING btree ("sequence");--> statement-breakpoint
CREATE INDEX "rights_exposure_client" ON "rights_exposure" USING btree ("client_id","hour_at");--> statement-breakpoint
CREATE INDEX "rights_policies_valid" ON "rights_policies" USING btree ("valid_from");--> statement-breakpoint
CREATE INDEX "rights_settings_subject" ON "rights_settings" USING btree ("subject_id","sequence");--> statement-breakpoint
CREATE INDEX "rights_settings_source" ON "rights_settings" USING btree ("source_id","subject_id","sequence");--> statement-breakpoint
CREATE UNIQUE INDEX "identifiers_agent" ON "identifiers" USING btree ("agent") WHERE "identifiers"."revoked_at" is null;--> statement-breakpoint
ALTER TABLE "identifiers" ADD CONSTRAINT "identifiers_one_of" CHECK (("identifiers"."kind" = 'api_key' and "identifiers"."key_hash" is not null and "identifiers"."cidr" is null and "identifiers"."agent" is null) or ("identifiers"."kind" = 'cidr' and "identifiers"."cidr" is not null and "identifiers"."key_hash" is null and "identifiers"."agent" is null) or ("identifiers"."kind" = 'agent' and "identifiers"."agent" is not null and "identifiers"."key_hash" is null and "identifiers"."cidr" is null));--> statement-breakpoint
-- Settings, policies and epochs are final.
CREATE TRIGGER "rights_settings_final" BEFORE UPDATE OR DELETE ON "rights_settings"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "rights_settings_kept" BEFORE TRUNCATE ON "rights_settings"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "rights_policies_final" BEFORE UPDATE OR DELETE ON "rights_policies"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "rights_policies_kept" BEFORE TRUNCATE ON "rights_policies"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "journal_epochs_final" BEFORE UPDATE OR DELETE ON "journal_epochs"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "journal_epochs_kept" BEFORE TRUNCATE ON "journal_epochs"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
-- Policies reach every gateway with the directory of clients.
CREATE TRIGGER "rights_policies_notify" AFTER INSERT ON "rights_policies"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_directory_changed"();
--> statement-breakpoint
CREATE FUNCTION "postmeter_rights_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('postmeter_rights', '');
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "rights_settings_notify" AFTER INSERT ON "rights_settings"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_rights_changed"();
