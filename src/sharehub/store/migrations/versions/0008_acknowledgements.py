"""What recipients answer to the events of their feeds, and how far was looked for answers that are missing."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE acknowledgements (
  recipient text NOT NULL,
  event_id uuid NOT NULL,
  acknowledgement_id uuid NOT NULL,
  measure_id uuid NOT NULL,
  number int NOT NULL,
  status text NOT NULL,
  reason text,
  acknowledged_at timestamptz NOT NULL,
  acknowledged_by text NOT NULL,
  applied_on date,
  note text,
  received_at timestamptz NOT NULL,
  standing boolean NOT NULL DEFAULT false,
  CONSTRAINT acknowledgements_pk PRIMARY KEY (recipient, event_id, acknowledgement_id)
);
CREATE INDEX acknowledgements_measure_ix ON acknowledgements (measure_id, recipient, number);
COMMENT ON TABLE acknowledgements IS
  'Every answer as it was given; standing: the one that counts for its event. measure_id and number are the event''s.';

ALTER TABLE feed_entries ADD COLUMN published_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX feed_entries_published_ix ON feed_entries (feed, published_at, feed_position);
COMMENT ON COLUMN feed_entries.published_at IS
  'When the entry was given its place; terms for answers run from its day. What is older than this column has its day.';

CREATE TABLE reminders_looked (
  recipient text NOT NULL,
  step int NOT NULL,
  feed_position bigint NOT NULL,
  CONSTRAINT reminders_looked_pk PRIMARY KEY (recipient, step)
);
COMMENT ON TABLE reminders_looked IS 'Up to which entry of a feed the reminders of a step were given where one is due.';
"""


def upgrade() -> None:
    """Add the tables and the column."""
    op.execute(TABLES)


def downgrade() -> None:
    """Answers would have to be read from their topics again."""
    raise NotImplementedError("restore the database from before the upgrade")
