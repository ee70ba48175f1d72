"""Revisions before the newest one, and the marks of a measure: disputed, excepted, its latest day in law."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE past_facts (
  fact_id uuid NOT NULL,
  revision int NOT NULL,
  received_at timestamptz NOT NULL,
  payload bytea NOT NULL,
  CONSTRAINT past_facts_pk PRIMARY KEY (fact_id, revision)
);
COMMENT ON TABLE past_facts IS 'Earlier revisions of what stands in facts: on the days before, they speak.';

ALTER TABLE measures
  ADD COLUMN last_on date,
  ADD COLUMN disputed boolean NOT NULL DEFAULT false,
  ADD COLUMN excepted_from date,
  ADD COLUMN excepted_to date;
UPDATE measures SET last_on = (SELECT max(business_on) FROM events WHERE events.measure_id = measures.measure_id);
ALTER TABLE measures ALTER COLUMN last_on SET NOT NULL;
"""


def upgrade() -> None:
    """Add them; what was decided before keeps its standing."""
    op.execute(TABLES)


def downgrade() -> None:
    """Marks and earlier revisions cannot be taken back with the columns."""
    raise NotImplementedError("drop the database instead")
