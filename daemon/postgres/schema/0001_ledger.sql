-- What a leader's ledger, journal and leases keep.  `tenant` is the first part of every key, and no row is seen but by
-- whoever has said which leader it works for (`unbusy.tenant`).  Whatever was said or written by people is sealed.

CREATE TABLE calendar (
    tenant integer NOT NULL, id bytea NOT NULL, account text COLLATE "C" NOT NULL, named bytea NOT NULL,
    state text NOT NULL, read_at timestamptz, kept_since integer, changes bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE resource (
    tenant integer NOT NULL, calendar bytea NOT NULL, id bytea NOT NULL, href text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL, first integer, last integer, policy text COLLATE "C", key text COLLATE "C",
    generation bigint, payload bytea, name text COLLATE "C", owner text COLLATE "C",
    PRIMARY KEY (tenant, calendar, id)
);
CREATE INDEX resource_marked ON resource (tenant, calendar) WHERE policy IS NOT NULL;
CREATE INDEX resource_unmarked ON resource (tenant, calendar) WHERE name IS NOT NULL AND policy IS NULL;

CREATE TABLE own (
    tenant integer NOT NULL, id bytea NOT NULL, row bytea NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE run (
    tenant integer NOT NULL, id integer NOT NULL, at timestamptz NOT NULL, command text NOT NULL,
    outcome text NOT NULL, undoes integer,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE change (
    tenant integer NOT NULL, run integer NOT NULL, seq integer NOT NULL, action text NOT NULL, policy text NOT NULL,
    key text NOT NULL, uid text NOT NULL, words bytea NOT NULL, outcome text NOT NULL, cause text NOT NULL,
    PRIMARY KEY (tenant, run, seq)
);

CREATE TABLE note (
    tenant integer NOT NULL, id bytea NOT NULL, text bytea NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE page (
    tenant integer NOT NULL, day date NOT NULL, text bytea NOT NULL,
    PRIMARY KEY (tenant, day)
);

CREATE TABLE lease (
    tenant integer NOT NULL, purpose integer NOT NULL, holder text NOT NULL, fence bigint NOT NULL,
    PRIMARY KEY (tenant, purpose)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['calendar', 'resource', 'own', 'run', 'change', 'note', 'page', 'lease'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY of_its_leader ON %I USING (tenant = current_setting(''unbusy.tenant'')::integer)', name
        );
    END LOOP;
END $$;
