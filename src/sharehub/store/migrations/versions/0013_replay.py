"""Replays: what was planned, by whom, how far it is; and the rule files that the view was built on."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE replays (
  replay_id text NOT NULL,
  plan jsonb NOT NULL,
  state text NOT NULL,
  wanted text NOT NULL DEFAULT '',
  by text NOT NULL,
  owner text NOT NULL,
  planned_at timestamptz NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT now(),
  running_since timestamptz NOT NULL DEFAULT now(),
  worked_s double precision NOT NULL DEFAULT 0,
  ended_at timestamptz,
  reason text NOT NULL DEFAULT '',
  verified jsonb,
  promoted_by text,
  approved_by text,
  CONSTRAINT replays_pk PRIMARY KEY (replay_id)
);
COMMENT ON TABLE replays IS 'One row per replay; its records lie in the schema of the same name until it is dropped.';

CREATE TABLE rule_files (
  digest text NOT NULL,
  replay_id text NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT rule_files_pk PRIMARY KEY (digest)
);
COMMENT ON TABLE rule_files IS 'At most one row: the rule files that the promoted view was rebuilt on.';
"""


def upgrade() -> None:
    """Add the tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Take them away; a shadow that is left is dropped by hand."""
    op.execute("DROP TABLE replays, rule_files")
