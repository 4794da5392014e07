-- The leaders themselves, and what the workers share.  Nothing of it is a title, a text or a figure of anybody; what
-- says whose calendars are read (`address`) goes with its leader.

CREATE TABLE leader (
    id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    address text NOT NULL UNIQUE,
    cohort text NOT NULL DEFAULT '',
    status text NOT NULL CHECK (status IN ('invited', 'active', 'paused', 'leaving')),
    key bytea NOT NULL,
    secret bytea,
    due timestamptz NOT NULL DEFAULT now(),
    served timestamptz,
    synced boolean NOT NULL DEFAULT false,
    forced boolean NOT NULL DEFAULT false,
    stopped timestamptz,
    failures integer NOT NULL DEFAULT 0,
    trouble text NOT NULL DEFAULT ''
);
CREATE INDEX leader_due ON leader (due);

CREATE TABLE channel (
    id text PRIMARY KEY,
    leader integer NOT NULL,
    calendar bytea NOT NULL,
    resource text NOT NULL,
    until timestamptz NOT NULL
);
CREATE INDEX channel_leader ON channel (leader);

CREATE TABLE bucket (
    name text PRIMARY KEY,
    tokens double precision NOT NULL,
    at timestamptz NOT NULL,
    rests timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE TABLE brake (one boolean PRIMARY KEY DEFAULT true CHECK (one), since timestamptz NOT NULL DEFAULT now());

CREATE TABLE audit (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT now(),
    leader integer NOT NULL,
    what text NOT NULL,
    by text NOT NULL
);
