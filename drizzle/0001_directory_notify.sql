-- Tells every gateway that the directory of clients has changed: what identifying and admitting read. The clients that
-- the ledger makes itself for unknown addresses are not in it, and must not wake all gateways with every batch.
CREATE FUNCTION "postmeter_directory_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('postmeter_directory', '');
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "clients_added_notify" AFTER INSERT ON "clients"
  FOR EACH ROW WHEN (NEW."source" = 'operator')
  EXECUTE FUNCTION "postmeter_directory_changed"();
--> statement-breakpoint
CREATE TRIGGER "clients_changed_notify" AFTER UPDATE ON "clients"
  FOR EACH ROW WHEN (OLD."source" = 'operator' OR NEW."source" = 'operator')
  EXECUTE FUNCTION "postmeter_directory_changed"();
--> statement-breakpoint
CREATE TRIGGER "clients_removed_notify" AFTER DELETE ON "clients"
  FOR EACH ROW WHEN (OLD."source" = 'operator')
  EXECUTE FUNCTION "postmeter_directory_changed"();
--> statement-breakpoint
CREATE TRIGGER "identifiers_notify" AFTER INSERT OR UPDATE OR DELETE ON "identifiers"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_directory_changed"();
--> statement-breakpoint
CREATE TRIGGER "tariff_versions_notify" AFTER INSERT OR UPDATE OR DELETE ON "tariff_versions"
  FOR EACH STATEMENT EXECUTE FUNCTION "postmeter_directory_changed"();
