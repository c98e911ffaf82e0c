-- Who acts in the database, and the three rooms they act in.
--
-- almoner_owner      owns what is permanent: the ledger and the keys
-- almoner_app        serves requests: appends and reads, changes nothing that is written
-- almoner_projector  owns what is folded from the ledger and can be folded again
--
-- Nobody logs in as one of them; a login that may act as them does. Roles belong to the whole
-- server, so another database of ours may have made them already, or be making them now.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['almoner_owner', 'almoner_app', 'almoner_projector'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- made by another database's migration a moment ago
            END;
        END IF;

        IF EXISTS (
            SELECT FROM pg_roles WHERE rolname = wanted AND (rolsuper OR rolbypassrls OR rolcanlogin)
        ) THEN
            RAISE EXCEPTION 'role % exists and may do more than it should', wanted
                USING HINT = 'It must be NOSUPERUSER NOBYPASSRLS NOLOGIN.';
        END IF;

        -- The login must be able to become the role. A superuser is, without being a member. Who
        -- created a role may grant it to himself since 16 (he has the admin option but not yet the
        -- role), and before 16 by being CREATEROLE. Where another login of ours made it, the
        -- administrator has to grant it.
        IF NOT pg_has_role(current_user, wanted,
            CASE WHEN current_setting('server_version_num')::int >= 160000
                THEN 'SET' ELSE 'MEMBER' END)
        THEN
            BEGIN
                EXECUTE format('GRANT %I TO %I', wanted, current_user);
            EXCEPTION
                WHEN unique_violation THEN NULL;
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'login % may not act as role %', current_user, wanted
                        USING HINT = format('As a superuser: GRANT %I TO %I;', wanted, current_user);
            END;
        END IF;
    END LOOP;
END
$$;

-- Later migrations run as the owner and may need a schema or a trusted extension.
DO $$
BEGIN
    EXECUTE format('GRANT CREATE ON DATABASE %I TO almoner_owner', current_database());
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;

CREATE SCHEMA ledger AUTHORIZATION almoner_owner;
CREATE SCHEMA access AUTHORIZATION almoner_owner;
CREATE SCHEMA models AUTHORIZATION almoner_projector;

SET LOCAL ROLE almoner_owner;

GRANT USAGE ON SCHEMA ledger TO almoner_app, almoner_projector;
GRANT USAGE ON SCHEMA access TO almoner_app;

CREATE TABLE ledger.migrations (
    name text PRIMARY KEY,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT ON ledger.migrations TO almoner_app, almoner_projector;

SET LOCAL ROLE almoner_projector;

GRANT USAGE ON SCHEMA models TO almoner_app;
ALTER DEFAULT PRIVILEGES FOR ROLE almoner_projector IN SCHEMA models
    GRANT SELECT ON TABLES TO almoner_app;

RESET ROLE;
