ALTER TABLE "invoice_lines" ADD COLUMN "kind" text DEFAULT 'charge' NOT NULL;--> statement-breakpoint
ALTER TABLE "invoice_lines" ADD COLUMN "offsets_invoice_id" uuid;--> statement-breakpoint
ALTER TABLE "invoice_lines" ADD CONSTRAINT "invoice_lines_offsets_invoice_id_invoices_id_fk" FOREIGN KEY ("offsets_invoice_id") REFERENCES "public"."invoices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- Earlier versions recognised a line that deducts an issued invoice by its text, which has the number of that invoice.
-- Lines of issued invoices are final, and get only the two new columns here. No seal covers them.
ALTER TABLE "invoice_lines" DISABLE TRIGGER "invoice_lines_issued_final";--> statement-breakpoint
UPDATE "invoice_lines" SET "kind" = 'offset', "offsets_invoice_id" = (
  SELECT "id" FROM "invoices"
  WHERE "number" = substring("description" FROM '^Less (?:invoice|supplement|credit note) (\d{1,18})$')::bigint)
WHERE "price_minor" = 0 AND "description" ~ '^Less (invoice|supplement|credit note) \d{1,18}$';--> statement-breakpoint
ALTER TABLE "invoice_lines" ENABLE TRIGGER "invoice_lines_issued_final";
