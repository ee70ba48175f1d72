"""Versions of the rules: what was proposed and approved, and which entities a change touches."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE activations (
  number bigint NOT NULL,
  record_key text NOT NULL,
  revision int NOT NULL,
  content text NOT NULL,
  place text NOT NULL,
  version text NOT NULL,
  text text NOT NULL,
  digest text NOT NULL,
  published_on date,
  reason text NOT NULL,
  decided_by text NOT NULL,
  approved_by text,
  stated_from date,
  counts_from date,
  received_at timestamptz NOT NULL,
  begun boolean NOT NULL DEFAULT false,
  after_subject uuid,
  after_record uuid,
  searched boolean NOT NULL DEFAULT false,
  settled_at timestamptz,
  entities bigint NOT NULL DEFAULT 0,
  events bigint NOT NULL DEFAULT 0,
  CONSTRAINT activations_pk PRIMARY KEY (number),
  CONSTRAINT activations_revision_uq UNIQUE (record_key, revision)
);
COMMENT ON TABLE activations IS 'Every revision about every version, in log order; those with counts_from count.';

CREATE TABLE activation_touched (
  number bigint NOT NULL,
  entity_id uuid NOT NULL,
  CONSTRAINT activation_touched_pk PRIMARY KEY (number, entity_id)
);
COMMENT ON TABLE activation_touched IS 'Entities that a change touches and that wait to be decided again.';
"""


def upgrade() -> None:
    """Add activations."""
    op.execute(TABLES)


def downgrade() -> None:
    """Positions and events cannot be taken back with the tables."""
    raise NotImplementedError("drop the database instead")
