-- A key that nobody may read with any more is nobody's at once, and is destroyed a little later: in
-- between, read models are rid of what it has opened. Who comes again gets a key of their own.
DO $$
DECLARE
    each text;
BEGIN
    FOR each IN SELECT conname FROM pg_catalog.pg_constraint
        WHERE conrelid = 'privacy.keys'::pg_catalog.regclass AND contype = 'c'
    LOOP
        EXECUTE format('ALTER TABLE privacy.keys DROP CONSTRAINT %I', each);
    END LOOP;
END $$;
ALTER TABLE privacy.keys
    ADD CONSTRAINT keys_are_somebodys CHECK ((erased_at IS NULL) = (person_id IS NOT NULL)),
    ADD CONSTRAINT keys_are_wrapped CHECK ((wrapped IS NULL) = (master IS NULL)),
    ADD CONSTRAINT keys_are_destroyed_last CHECK (wrapped IS NOT NULL OR erased_at IS NOT NULL);
