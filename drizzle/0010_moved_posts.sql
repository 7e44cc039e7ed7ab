CREATE TABLE "moved_posts" (
	"sequence" bigint PRIMARY KEY NOT NULL,
	"from_client_id" text NOT NULL,
	"to_client_id" text NOT NULL,
	"buckets" jsonb NOT NULL
);
