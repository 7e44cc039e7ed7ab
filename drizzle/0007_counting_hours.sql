CREATE TABLE "counting_hours" (
	"hour_at" timestamp with time zone NOT NULL,
	"route" text NOT NULL,
	"outcome" text NOT NULL,
	"responses" bigint NOT NULL,
	"posts" bigint NOT NULL,
	"bytes" bigint NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	CONSTRAINT "counting_hours_hour_at_route_outcome_pk" PRIMARY KEY("hour_at","route","outcome")
);
--> statement-breakpoint
CREATE TABLE "counting_sources" (
	"id" text PRIMARY KEY NOT NULL,
	"last_sequence" bigint NOT NULL,
	"seen_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "unmatched_paths" (
	"hour_at" timestamp with time zone NOT NULL,
	"path" text NOT NULL,
	"responses" bigint NOT NULL,
	"bytes" bigint NOT NULL,
	CONSTRAINT "unmatched_paths_hour_at_path_pk" PRIMARY KEY("hour_at","path")
);
--> statement-breakpoint
CREATE INDEX "counting_sources_seen" ON "counting_sources" USING btree ("seen_at");