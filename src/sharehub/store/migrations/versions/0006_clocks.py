"""Clocks of due process that run: due days, never a mark that one is overdue."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE running_clocks (
  entity_id uuid NOT NULL REFERENCES entities ON DELETE CASCADE,
  rule text NOT NULL,
  started_agency text NOT NULL,
  started_key text NOT NULL,
  concerns_agency text NOT NULL,
  concerns_key text NOT NULL,
  responsible text NOT NULL,
  jurisdiction text NOT NULL,
  started_on date NOT NULL,
  due_on date NOT NULL,
  sure boolean NOT NULL,
  CONSTRAINT running_clocks_pk PRIMARY KEY (entity_id, rule, started_agency, started_key)
);
CREATE INDEX running_clocks_due_ix ON running_clocks (due_on);
COMMENT ON TABLE running_clocks IS 'Replaced whenever the entity is decided; sure: the calendar knew the day.';
"""


def upgrade() -> None:
    """Add the table; a clock appears when its entity is next decided."""
    op.execute(TABLES)


def downgrade() -> None:
    """Take the table away: it follows from the records."""
    op.execute("DROP TABLE running_clocks")
