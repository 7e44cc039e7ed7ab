CREATE TABLE "unique_buckets" (
	"client_id" text NOT NULL,
	"bucket_at" timestamp with time zone NOT NULL,
	"identified" bigint NOT NULL,
	"first_posts" bigint NOT NULL,
	CONSTRAINT "unique_buckets_client_id_bucket_at_pk" PRIMARY KEY("client_id","bucket_at")
);
--> statement-breakpoint
CREATE TABLE "unique_days" (
	"client_id" text NOT NULL,
	"day_at" timestamp with time zone NOT NULL,
	"posts" bigint NOT NULL,
	"is_exact" boolean NOT NULL,
	"identified" bigint NOT NULL,
	"ids" "bytea" NOT NULL,
	CONSTRAINT "unique_days_client_id_day_at_pk" PRIMARY KEY("client_id","day_at")
);
--> statement-breakpoint
CREATE TABLE "unique_posts" (
	"client_id" text NOT NULL,
	"day_at" timestamp with time zone NOT NULL,
	"hash" bigint NOT NULL,
	"first_bucket_at" timestamp with time zone NOT NULL,
	CONSTRAINT "unique_posts_client_id_day_at_hash_pk" PRIMARY KEY("client_id","day_at","hash")
);
--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "unique_posts" jsonb;--> statement-breakpoint
ALTER TABLE "unique_buckets" ADD CONSTRAINT "unique_buckets_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unique_days" ADD CONSTRAINT "unique_days_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;