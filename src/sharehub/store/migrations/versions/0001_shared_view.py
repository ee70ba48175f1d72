"""The shared view, its log of events and what was rejected."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE partition_claims (
  consumer_group text NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  cluster_id text NOT NULL,
  topic_id text NOT NULL,
  epoch bigint NOT NULL DEFAULT 0,
  owner text NOT NULL DEFAULT '',
  next_offset bigint NOT NULL DEFAULT 0,
  last_offset bigint,
  last_record_hash bytea,
  records bigint NOT NULL DEFAULT 0,
  duplicates bigint NOT NULL DEFAULT 0,
  rejections bigint NOT NULL DEFAULT 0,
  claimed_at timestamptz NOT NULL DEFAULT now(),
  advanced_at timestamptz,
  CONSTRAINT partition_claims_pk PRIMARY KEY (consumer_group, topic, partition)
);
COMMENT ON TABLE partition_claims IS 'Position of each partition; its epoch fences stale workers.';

CREATE SEQUENCE merge_counter;
COMMENT ON SEQUENCE merge_counter IS 'Raised by every merge of entities; workers drop what they remembered.';

CREATE TABLE identifiers (
  identifier_id uuid NOT NULL,
  scheme text NOT NULL,
  value text NOT NULL,
  entity_id uuid NOT NULL,
  CONSTRAINT identifiers_pk PRIMARY KEY (identifier_id)
);
CREATE INDEX identifiers_entity_ix ON identifiers (entity_id);
COMMENT ON TABLE identifiers IS 'Which entity an identifier leads to; a former entity id is an identifier id.';

CREATE TABLE entities (
  entity_id uuid NOT NULL,
  kind_rank smallint NOT NULL,
  name text,
  name_rank text COLLATE "C" NOT NULL,
  next_due_on date,
  decided_on date,
  unpublished boolean NOT NULL DEFAULT true,
  CONSTRAINT entities_pk PRIMARY KEY (entity_id)
) WITH (fillfactor = 90);
CREATE INDEX entities_due_ix ON entities (next_due_on) WHERE next_due_on IS NOT NULL;
CREATE INDEX entities_unpublished_ix ON entities (entity_id) WHERE unpublished;

CREATE TABLE gone_entities (
  entity_id uuid NOT NULL,
  CONSTRAINT gone_entities_pk PRIMARY KEY (entity_id)
);
COMMENT ON TABLE gone_entities IS 'Entities that a merge has ended, until their state is withdrawn from the feeds.';

CREATE TABLE records (
  subject_id uuid NOT NULL,
  record_id uuid NOT NULL,
  agency text NOT NULL,
  received_at timestamptz NOT NULL,
  payload bytea NOT NULL,
  CONSTRAINT records_pk PRIMARY KEY (subject_id, record_id)
);
COMMENT ON TABLE records IS 'Every revision as it was said, in its own bytes; never updated.';

CREATE TABLE facts (
  fact_id uuid NOT NULL,
  subject_id uuid NOT NULL,
  revision int NOT NULL,
  received_at timestamptz NOT NULL,
  payload bytea NOT NULL,
  CONSTRAINT facts_pk PRIMARY KEY (fact_id)
);
CREATE INDEX facts_subject_ix ON facts (subject_id);
COMMENT ON TABLE facts IS 'Newest revision of every record on which a rulebook can decide.';

CREATE TABLE measures (
  measure_id uuid NOT NULL,
  entity_id uuid NOT NULL,
  fact_id uuid NOT NULL,
  entry text NOT NULL,
  kind text NOT NULL,
  status text NOT NULL,
  number int NOT NULL,
  reason text NOT NULL,
  effective_from date NOT NULL,
  effective_to date,
  body jsonb NOT NULL,
  CONSTRAINT measures_pk PRIMARY KEY (measure_id)
);
CREATE INDEX measures_entity_ix ON measures (entity_id);

CREATE TABLE events (
  event_id uuid NOT NULL,
  measure_id uuid NOT NULL,
  entity_id uuid NOT NULL,
  event text NOT NULL,
  number int NOT NULL,
  business_on date NOT NULL,
  known_at timestamptz NOT NULL,
  reason text NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT events_pk PRIMARY KEY (event_id),
  CONSTRAINT events_number_uq UNIQUE (measure_id, number)
);

ALTER TABLE events ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE measures ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE rejections (
  rejection_id uuid NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  agency text NOT NULL,
  code text NOT NULL,
  field text NOT NULL,
  reason text NOT NULL,
  key bytea,
  payload bytea,
  received_at timestamptz NOT NULL,
  CONSTRAINT rejections_pk PRIMARY KEY (rejection_id)
);
CREATE INDEX rejections_agency_ix ON rejections (agency, code);

CREATE TABLE outbox (
  seq bigint GENERATED ALWAYS AS IDENTITY,
  position bigint,
  event_id uuid,
  rejection_id uuid,
  CONSTRAINT outbox_pk PRIMARY KEY (seq),
  CONSTRAINT outbox_one_ck CHECK (num_nonnulls(event_id, rejection_id) = 1)
);
CREATE INDEX outbox_unnumbered_ix ON outbox (seq) WHERE position IS NULL;
CREATE UNIQUE INDEX outbox_position_uq ON outbox (position) WHERE position IS NOT NULL;
COMMENT ON TABLE outbox IS 'What must leave, written with its cause; only the relay gives positions.';

CREATE TABLE feed_entries (
  feed text NOT NULL,
  feed_position bigint NOT NULL,
  event_id uuid NOT NULL,
  CONSTRAINT feed_entries_pk PRIMARY KEY (feed, feed_position),
  CONSTRAINT feed_entries_event_uq UNIQUE (event_id, feed)
);
COMMENT ON TABLE feed_entries IS 'Gap-free place of an event in each feed that carries it.';
"""


def upgrade() -> None:
    """Create everything."""
    op.execute(TABLES)


def downgrade() -> None:
    """The first revision has nothing before it."""
    raise NotImplementedError("drop the database instead")
