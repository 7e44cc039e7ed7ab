ALTER TABLE "parkings" RENAME TO "billing_holds";--> statement-breakpoint
ALTER TABLE "billing_holds" RENAME COLUMN "parked_at" TO "held_at";--> statement-breakpoint
ALTER TABLE "billing_holds" RENAME COLUMN "parked_by" TO "held_by";--> statement-breakpoint
ALTER TABLE "billing_holds" RENAME CONSTRAINT "parkings_pkey" TO "billing_holds_pkey";--> statement-breakpoint
ALTER TABLE "billing_holds" RENAME CONSTRAINT "parkings_client_id_clients_id_fk" TO "billing_holds_client_id_clients_id_fk";--> statement-breakpoint
ALTER INDEX "parkings_active" RENAME TO "billing_holds_active";--> statement-breakpoint
ALTER TRIGGER "parkings_guarded" ON "billing_holds" RENAME TO "billing_holds_guarded";--> statement-breakpoint
CREATE OR REPLACE FUNCTION "postmeter_guard_hold"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD."released_at" IS NULL
    AND (NEW."id", NEW."client_id", NEW."code", NEW."reason", NEW."held_at", NEW."held_by")
      IS NOT DISTINCT FROM (OLD."id", OLD."client_id", OLD."code", OLD."reason", OLD."held_at", OLD."held_by")
  THEN RETURN NEW;
  END IF;
  RAISE EXCEPTION '% of billing_holds refused: a billing hold is released, never edited', TG_OP
    USING ERRCODE = '23001';
END
$$;
