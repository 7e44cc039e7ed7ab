-- What is final cannot be changed by the product itself, whatever it does: issued invoices with their lines, what was
-- taken of the journals, and the audit log. Numbers of invoices go up by one. Only the owner of the tables could take
-- these triggers away, and the hashes would tell.
CREATE FUNCTION "postmeter_refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % refused: its rows are final', TG_OP, TG_TABLE_NAME USING ERRCODE = '23001';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "batches_final" BEFORE UPDATE OR DELETE ON "batches"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "batches_kept" BEFORE TRUNCATE ON "batches"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "gaps_final" BEFORE UPDATE OR DELETE ON "gaps"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "moves_final" BEFORE UPDATE OR DELETE ON "moves"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "opening_usage_final" BEFORE INSERT OR UPDATE OR DELETE ON "opening_usage"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "audit_final" BEFORE UPDATE OR DELETE ON "audit"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "audit_kept" BEFORE TRUNCATE ON "audit"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "invoices_issued_final" BEFORE UPDATE OR DELETE ON "invoices"
  FOR EACH ROW WHEN (OLD."status" = 'issued') EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "invoices_kept" BEFORE TRUNCATE ON "invoices"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE FUNCTION "postmeter_refuse_issued_line"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "concerned" uuid[] := CASE TG_OP
    WHEN 'INSERT' THEN ARRAY[NEW."invoice_id"]
    WHEN 'DELETE' THEN ARRAY[OLD."invoice_id"]
    ELSE ARRAY[OLD."invoice_id", NEW."invoice_id"] END;
BEGIN
  IF EXISTS (SELECT FROM "invoices" WHERE "id" = ANY ("concerned") AND "status" = 'issued') THEN
    RAISE EXCEPTION '% of % refused: the invoice is issued', TG_OP, TG_TABLE_NAME USING ERRCODE = '23001';
  END IF;
  RETURN COALESCE(NEW, OLD);
END
$$;
--> statement-breakpoint
CREATE TRIGGER "invoice_lines_issued_final" BEFORE INSERT OR UPDATE OR DELETE ON "invoice_lines"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_issued_line"();
--> statement-breakpoint
CREATE TRIGGER "invoice_lines_kept" BEFORE TRUNCATE ON "invoice_lines"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_refuse_change"();
--> statement-breakpoint
CREATE FUNCTION "postmeter_refuse_number"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the numbers of % go up by one', OLD."series" USING ERRCODE = '23001';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "invoice_numbers_up_by_one" BEFORE UPDATE ON "invoice_numbers"
  FOR EACH ROW WHEN (NEW."last" <> OLD."last" + 1 OR NEW."series" <> OLD."series")
  EXECUTE FUNCTION "postmeter_refuse_number"();
--> statement-breakpoint
CREATE TRIGGER "invoice_numbers_final" BEFORE DELETE ON "invoice_numbers"
  FOR EACH ROW EXECUTE FUNCTION "postmeter_refuse_number"();
