CREATE INDEX "breaches_updated" ON "breaches" USING btree ("updated_at");--> statement-breakpoint
CREATE INDEX "invoices_updated" ON "invoices" USING btree ("updated_at");