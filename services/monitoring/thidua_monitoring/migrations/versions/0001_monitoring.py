"""Ledger, decisions, counters, months, reports, facts, reminders, sources, replicas."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    """CREATE TABLE as_of ( id SMALLINT NOT NULL, day DATE NOT NULL, PRIMARY KEY (id), CONSTRAINT
       as_of_is_one_row CHECK (id = 1) )""",
    "COMMENT ON TABLE as_of IS 'The day the counters stand on. Only roll_day moves it, forward.'",
    """CREATE TABLE declared_total ( month TEXT COLLATE "C" NOT NULL, unit TEXT COLLATE "C" NOT NULL, due
       INTEGER DEFAULT '0' NOT NULL, on_time INTEGER DEFAULT '0' NOT NULL, late INTEGER DEFAULT '0' NOT NULL,
       overdue INTEGER DEFAULT '0' NOT NULL, document JSONB, evidence TEXT[] NOT NULL, note TEXT DEFAULT '' NOT
       NULL, revision INTEGER DEFAULT '1' NOT NULL, changed_by TEXT NOT NULL, changed_at TIMESTAMP WITH TIME
       ZONE DEFAULT now() NOT NULL, CONSTRAINT declared_total_pkey PRIMARY KEY (month, unit) )""",
    "COMMENT ON TABLE declared_total IS 'Totals a unit declares itself (tự khai báo), because its agency "
    "sends no tasks.'",
    """CREATE TABLE fact ( subject TEXT COLLATE "C" NOT NULL, campaign TEXT COLLATE "C" NOT NULL, input TEXT
       COLLATE "C" NOT NULL, stated_by TEXT COLLATE "C" NOT NULL, individual BOOLEAN NOT NULL, unit TEXT
       COLLATE "C" NOT NULL, revision INTEGER DEFAULT '1' NOT NULL, changed_by TEXT NOT NULL, changed_at
       TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT fact_pkey PRIMARY KEY (subject, campaign,
       input, stated_by) )""",
    """CREATE TABLE fact_entry ( subject TEXT COLLATE "C" NOT NULL, campaign TEXT COLLATE "C" NOT NULL, input
       TEXT COLLATE "C" NOT NULL, stated_by TEXT COLLATE "C" NOT NULL, id TEXT COLLATE "C" NOT NULL, period
       TEXT NOT NULL, dated DATE NOT NULL, value TEXT NOT NULL, document JSONB, evidence TEXT[] NOT NULL,
       status TEXT COLLATE "C" NOT NULL, stated_actor TEXT NOT NULL, checked_by TEXT, refused_because TEXT
       DEFAULT '' NOT NULL, CONSTRAINT fact_entry_pkey PRIMARY KEY (subject, campaign, input, stated_by, id) )""",
    """CREATE TABLE month_correction ( id TEXT COLLATE "C" NOT NULL, month TEXT COLLATE "C" NOT NULL, subject
       TEXT COLLATE "C" NOT NULL, due INTEGER DEFAULT '0' NOT NULL, on_time INTEGER DEFAULT '0' NOT NULL, late
       INTEGER DEFAULT '0' NOT NULL, open INTEGER DEFAULT '0' NOT NULL, overdue INTEGER DEFAULT '0' NOT NULL,
       excluded INTEGER DEFAULT '0' NOT NULL, work JSONB, state TEXT COLLATE "C" NOT NULL, reason TEXT DEFAULT
       '' NOT NULL, document JSONB, found_on DATE NOT NULL, revision INTEGER DEFAULT '1' NOT NULL, changed_by
       TEXT NOT NULL, changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, PRIMARY KEY (id) )""",
    """CREATE UNIQUE INDEX month_correction_pending ON month_correction (month, subject) WHERE state =
       'pending'""",
    """CREATE TABLE month_counter ( month TEXT COLLATE "C" NOT NULL, subject TEXT COLLATE "C" NOT NULL,
       individual BOOLEAN NOT NULL, due INTEGER DEFAULT '0' NOT NULL, on_time INTEGER DEFAULT '0' NOT NULL,
       late INTEGER DEFAULT '0' NOT NULL, open INTEGER DEFAULT '0' NOT NULL, overdue INTEGER DEFAULT '0' NOT
       NULL, excluded INTEGER DEFAULT '0' NOT NULL, ahead INTEGER DEFAULT '0' NOT NULL, without_weight INTEGER
       DEFAULT '0' NOT NULL, CONSTRAINT month_counter_pkey PRIMARY KEY (month, subject) )
       WITH (fillfactor = 50)""",
    "COMMENT ON TABLE month_counter IS 'Live counters, kept by delta and proved by the nightly recount.'",
    """CREATE TABLE month_period ( month TEXT COLLATE "C" NOT NULL, campaign TEXT COLLATE "C" NOT NULL,
       report_due DATE NOT NULL, objection_until DATE NOT NULL, closes_on DATE NOT NULL, rolls BOOLEAN NOT
       NULL, state TEXT DEFAULT 'running' NOT NULL, closed_on DATE, forced_because TEXT DEFAULT '' NOT NULL,
       revision INTEGER DEFAULT '1' NOT NULL, changed_by TEXT NOT NULL, changed_at TIMESTAMP WITH TIME ZONE
       DEFAULT now() NOT NULL, PRIMARY KEY (month) )""",
    """CREATE TABLE month_result ( month TEXT COLLATE "C" NOT NULL, subject TEXT COLLATE "C" NOT NULL,
       individual BOOLEAN NOT NULL, unit TEXT COLLATE "C" NOT NULL, due INTEGER DEFAULT '0' NOT NULL, on_time
       INTEGER DEFAULT '0' NOT NULL, late INTEGER DEFAULT '0' NOT NULL, open INTEGER DEFAULT '0' NOT NULL,
       overdue INTEGER DEFAULT '0' NOT NULL, excluded INTEGER DEFAULT '0' NOT NULL, work JSONB, declared
       BOOLEAN NOT NULL, reported BOOLEAN NOT NULL, state TEXT NOT NULL, as_of DATE NOT NULL, closed_on DATE
       NOT NULL, revision INTEGER DEFAULT '1' NOT NULL, changed_by TEXT NOT NULL, changed_at TIMESTAMP WITH
       TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT month_result_pkey PRIMARY KEY (month, subject) )""",
    "COMMENT ON TABLE month_result IS 'Closed results; only an approved correction changes one.'",
    """CREATE TABLE month_to_publish ( month TEXT COLLATE "C" NOT NULL, subject TEXT COLLATE "C" NOT NULL,
       CONSTRAINT month_to_publish_pkey PRIMARY KEY (month, subject) )""",
    """COMMENT ON TABLE month_to_publish IS
       'Months of people that changed and are published together, before the next heartbeat.'""",
    """CREATE TABLE month_work ( month TEXT COLLATE "C" NOT NULL, subject TEXT COLLATE "C" NOT NULL, failures
       SMALLINT NOT NULL, delays SMALLINT NOT NULL, assigned NUMERIC NOT NULL, done NUMERIC NOT NULL, items
       INTEGER NOT NULL, CONSTRAINT month_work_pkey PRIMARY KEY (month, subject, failures, delays) )""",
    "COMMENT ON TABLE month_work IS 'Converted weight by number of counted failures and delays.'",
    """CREATE TABLE objection ( id TEXT COLLATE "C" NOT NULL, month TEXT COLLATE "C" NOT NULL, unit TEXT
       COLLATE "C" NOT NULL, reason TEXT NOT NULL, answer TEXT, revision INTEGER DEFAULT '1' NOT NULL,
       changed_by TEXT NOT NULL, changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, PRIMARY KEY (id) )""",
    """CREATE TABLE recount ( counter TEXT COLLATE "C" NOT NULL, differing INTEGER NOT NULL, checked_at
       TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, PRIMARY KEY (counter) )""",
    "COMMENT ON TABLE recount IS 'How many counters differed from the last nightly recount; must be 0.'",
    """CREATE TABLE reminder ( subject TEXT COLLATE "C" NOT NULL, what TEXT COLLATE "C" NOT NULL, individual
       BOOLEAN NOT NULL, unit TEXT COLLATE "C" NOT NULL, kind TEXT COLLATE "C" NOT NULL, sentence TEXT NOT
       NULL, due_on DATE NOT NULL, times INTEGER DEFAULT '0' NOT NULL, last_on DATE, settled BOOLEAN NOT NULL,
       CONSTRAINT reminder_pkey PRIMARY KEY (subject, what) )""",
    """CREATE TABLE replica_campaigns ( key TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL, deleted BOOLEAN
       NOT NULL, body JSONB, PRIMARY KEY (key) )""",
    """CREATE TABLE replica_clusters ( key TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL, deleted BOOLEAN
       NOT NULL, body JSONB, PRIMARY KEY (key) )""",
    """CREATE TABLE replica_criteria_sets ( key TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL, deleted
       BOOLEAN NOT NULL, body JSONB, PRIMARY KEY (key) )""",
    """CREATE TABLE replica_people ( key TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL, deleted BOOLEAN
       NOT NULL, body JSONB, id TEXT GENERATED ALWAYS AS (body->>'id') STORED, code TEXT GENERATED ALWAYS AS
       (body->>'code') STORED, unit TEXT GENERATED ALWAYS AS (body->>'unit') STORED, PRIMARY KEY (key) )""",
    """CREATE INDEX replica_people_code ON replica_people (code)""",
    """CREATE INDEX replica_people_id ON replica_people (id)""",
    """CREATE INDEX replica_people_unit ON replica_people (unit)""",
    """CREATE TABLE replica_registrations ( key TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL, deleted
       BOOLEAN NOT NULL, body JSONB, campaign TEXT GENERATED ALWAYS AS (body->>'campaign') STORED, unit TEXT
       GENERATED ALWAYS AS (body->>'unit') STORED, PRIMARY KEY (key) )""",
    """CREATE TABLE replica_units ( key TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL, deleted BOOLEAN NOT
       NULL, body JSONB, PRIMARY KEY (key) )""",
    """CREATE TABLE report ( unit TEXT COLLATE "C" NOT NULL, campaign TEXT COLLATE "C" NOT NULL, period TEXT
       COLLATE "C" NOT NULL, due_on DATE NOT NULL, closes_on DATE NOT NULL, state TEXT COLLATE "C" NOT NULL,
       sent_on DATE, returned_because TEXT DEFAULT '' NOT NULL, document JSONB, revision INTEGER DEFAULT '1'
       NOT NULL, changed_by TEXT NOT NULL, changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
       CONSTRAINT report_pkey PRIMARY KEY (unit, campaign, period) )""",
    """CREATE TABLE rolled_day ( day DATE NOT NULL, rolls_to DATE NOT NULL, PRIMARY KEY (day) )""",
    "COMMENT ON TABLE rolled_day IS 'Days off inside campaigns whose deadlines roll, and the working day "
    "that follows.'",
    """CREATE TABLE source ( name TEXT COLLATE "C" NOT NULL, last_event_at TIMESTAMP WITH TIME ZONE,
       complete_until TIMESTAMP WITH TIME ZONE, applied BIGINT DEFAULT '0' NOT NULL, stale BIGINT DEFAULT '0'
       NOT NULL, warned BIGINT DEFAULT '0' NOT NULL, parked BIGINT DEFAULT '0' NOT NULL, refused BIGINT DEFAULT
       '0' NOT NULL, ties BIGINT DEFAULT '0' NOT NULL, PRIMARY KEY (name) )""",
    """CREATE TABLE source_event ( source TEXT COLLATE "C" NOT NULL, source_id TEXT COLLATE "C" NOT NULL,
       outcome TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL, reason TEXT NOT NULL, times INTEGER DEFAULT
       '0' NOT NULL, last_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT source_event_pkey
       PRIMARY KEY (source, source_id, outcome) )""",
    "COMMENT ON TABLE source_event IS 'What became of events that were not simply applied; bounded by one "
    "row per task and outcome.'",
    """CREATE TABLE source_unit ( source TEXT COLLATE "C" NOT NULL, unit TEXT COLLATE "C" NOT NULL, CONSTRAINT
       source_unit_pkey PRIMARY KEY (unit, source) )""",
    "COMMENT ON TABLE source_unit IS 'Which source has ever spoken for which unit: its mark vouches for "
    "the unit''s silence.'",
    """CREATE TABLE task ( source TEXT COLLATE "C" NOT NULL, source_id TEXT COLLATE "C" NOT NULL, version
       BIGINT NOT NULL, content_hash BYTEA NOT NULL, unit TEXT COLLATE "C" NOT NULL, month TEXT COLLATE "C" NOT
       NULL, counted_deadline DATE NOT NULL, open_deadline DATE NOT NULL, completed_on DATE, ended_on DATE,
       secret BOOLEAN NOT NULL, standing TEXT NOT NULL, people TEXT[] NOT NULL, weights NUMERIC[] NOT NULL,
       weight NUMERIC, failures SMALLINT NOT NULL, delays SMALLINT NOT NULL, report JSONB NOT NULL, report_bytes INTEGER
       NOT NULL, unknown_fields TEXT, moved_from TEXT, received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT
       NULL, CONSTRAINT task_pkey PRIMARY KEY (source, source_id) )
       WITH (fillfactor = 85)""",
    "COMMENT ON TABLE task IS 'The ledger: newest report of each task, whichever door it came through, "
    "and what decisions make of it.'",
    """CREATE INDEX task_extended ON task (open_deadline) WHERE open_deadline <> counted_deadline""",
    """CREATE INDEX task_month_unit ON task (month, unit)""",
    """CREATE TABLE task_decision ( id TEXT COLLATE "C" NOT NULL, source TEXT COLLATE "C" NOT NULL, source_id
       TEXT COLLATE "C" NOT NULL, kind TEXT COLLATE "C" NOT NULL, deadline DATE, receiver TEXT, document TEXT
       NOT NULL, dated DATE NOT NULL, issuer TEXT DEFAULT '' NOT NULL, reason TEXT DEFAULT '' NOT NULL, state
       TEXT COLLATE "C" NOT NULL, asked_by TEXT NOT NULL, decided_by TEXT, revision INTEGER DEFAULT '1' NOT
       NULL, changed_by TEXT NOT NULL, changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, PRIMARY KEY
       (id) )""",
    """CREATE INDEX task_decision_task ON task_decision (source, source_id)""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
