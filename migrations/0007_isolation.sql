-- Row security on the ledger: what is shown to a person is read in a role that sees, of the events,
-- those of the facilities it was let in for. See facilities/sight.py.

-- As the login itself: the owner makes no roles.
SET LOCAL ROLE NONE;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'almoner_reader') THEN
        BEGIN
            CREATE ROLE almoner_reader NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- made by another database's migration a moment ago
        END;
    END IF;

    IF EXISTS (
        SELECT FROM pg_roles
        WHERE rolname = 'almoner_reader' AND (rolsuper OR rolbypassrls OR rolcanlogin)
    ) THEN
        RAISE EXCEPTION 'role almoner_reader exists and may do more than it should'
            USING HINT = 'It must be NOSUPERUSER NOBYPASSRLS NOLOGIN.';
    END IF;

    -- As in 0001: the login must be able to become the role.
    IF NOT pg_has_role(current_user, 'almoner_reader',
        CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
    THEN
        BEGIN
            EXECUTE format('GRANT almoner_reader TO %I', current_user);
        EXCEPTION
            WHEN unique_violation THEN NULL;
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'login % may not act as role almoner_reader', current_user
                    USING HINT = format('As a superuser: GRANT almoner_reader TO %I;', current_user);
        END;
    END IF;
END
$$;
SET LOCAL ROLE almoner_owner;

GRANT USAGE ON SCHEMA ledger TO almoner_reader;
GRANT SELECT ON ledger.events, ledger.readable TO almoner_reader;

-- The program itself: decisions look at other facilities' things, folding at everything. A policy
-- that is true leaves nothing behind in a plan.
CREATE POLICY program ON ledger.events FOR SELECT TO almoner_app, almoner_projector USING (true);

-- Without the setting there is no row. The inner SELECTs ask for it once for each scan.
CREATE POLICY within_sight ON ledger.events FOR SELECT TO almoner_reader USING (
    (SELECT current_setting('almoner.facilities', true)) = 'all' OR facility_id = ANY (
        (SELECT nullif(nullif(current_setting('almoner.facilities', true), ''), 'all')::uuid[])
        ::uuid[]));
ALTER TABLE ledger.events ENABLE ROW LEVEL SECURITY;

-- As whoever asks, not as who made the view.
ALTER VIEW ledger.readable SET (security_invoker = true);
