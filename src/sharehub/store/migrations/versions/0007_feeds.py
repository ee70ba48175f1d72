"""Feeds keep what they carry: the bytes and the signature of every entry, and notices to recipients."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE feed_entries ADD COLUMN payload bytea, ADD COLUMN jws text, ADD COLUMN event text;
ALTER TABLE feed_entries ALTER COLUMN payload SET STORAGE EXTERNAL;
COMMENT ON COLUMN feed_entries.payload IS 'As it left; null for what was sent before feeds kept their entries.';
COMMENT ON COLUMN feed_entries.event IS 'What this recipient is told: the end, where an amendment leaves it out.';

CREATE TABLE notices (
  notice_id uuid NOT NULL,
  recipient text NOT NULL,
  schema_name text NOT NULL,
  body jsonb NOT NULL,
  known_at timestamptz NOT NULL,
  CONSTRAINT notices_pk PRIMARY KEY (notice_id)
);
COMMENT ON TABLE notices IS 'What the hub tells one recipient beside sanction events, through the recipient''s feed.';

ALTER TABLE outbox ADD COLUMN notice_id uuid;
ALTER TABLE outbox DROP CONSTRAINT outbox_one_ck;
ALTER TABLE outbox ADD CONSTRAINT outbox_one_ck CHECK (num_nonnulls(event_id, rejection_id, notice_id) = 1);

CREATE FUNCTION tell_relay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox', '');
  RETURN NULL;
END $$;
CREATE TRIGGER outbox_tells_relay AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION tell_relay();
"""


def upgrade() -> None:
    """Add the columns and the table."""
    op.execute(TABLES)


def downgrade() -> None:
    """Feeds would lose what they carried."""
    raise NotImplementedError("restore the database from before the upgrade")
