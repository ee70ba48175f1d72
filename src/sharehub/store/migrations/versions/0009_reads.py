"""Who read whose record: a row for each call before it is answered, and one for each entity that it was about."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE reads (
  read_id uuid NOT NULL,
  read_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  act text NOT NULL,
  holder text NOT NULL,
  role text NOT NULL,
  reader text NOT NULL,
  on_behalf_of text NOT NULL,
  reason text NOT NULL,
  asked int NOT NULL,
  CONSTRAINT reads_pk PRIMARY KEY (read_id)
);
COMMENT ON TABLE reads IS 'Each reading call: who, for whom, why, when, about how many; written before the answer.';

CREATE TABLE entity_reads (
  reference_id uuid NOT NULL,
  read_id uuid NOT NULL
);
CREATE INDEX entity_reads_reference_ix ON entity_reads (reference_id);
COMMENT ON TABLE entity_reads IS 'Which references a call asked about, by the hash that is their id.';

CREATE FUNCTION kept_as_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was read stays written down: % of % is refused', TG_OP, TG_TABLE_NAME;
END $$;
CREATE TRIGGER reads_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON reads
  FOR EACH STATEMENT EXECUTE FUNCTION kept_as_it_is();
CREATE TRIGGER entity_reads_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON entity_reads
  FOR EACH STATEMENT EXECUTE FUNCTION kept_as_it_is();
"""


def upgrade() -> None:
    """Add the log of reads."""
    op.execute(TABLES)


def downgrade() -> None:
    """Nobody may take the log of reads away."""
    raise NotImplementedError("drop the database instead")
