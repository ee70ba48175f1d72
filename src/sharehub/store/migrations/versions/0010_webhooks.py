"""Webhooks: where recipients want to be told of new events, and every attempt to tell them."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE webhooks (
  webhook_id uuid NOT NULL,
  recipient text NOT NULL,
  url text NOT NULL,
  position bigint NOT NULL,
  created_at timestamptz NOT NULL,
  failures integer NOT NULL,
  not_before timestamptz,
  replay_position bigint,
  replay_until bigint,
  disabled text NOT NULL,
  revision bigint NOT NULL,
  secrets jsonb NOT NULL,
  key_id text NOT NULL,
  removed_at timestamptz,
  CONSTRAINT webhooks_pk PRIMARY KEY (webhook_id),
  CONSTRAINT webhooks_replay_ck CHECK ((replay_position IS NULL) = (replay_until IS NULL))
);
CREATE INDEX webhooks_recipient_ix ON webhooks (recipient) WHERE removed_at IS NULL;
COMMENT ON COLUMN webhooks.secrets IS 'Numbers of the secrets in use, and their ends; no secret is stored.';
COMMENT ON COLUMN webhooks.key_id IS 'Tells from which key file the secrets follow.';
CREATE TABLE webhook_attempts (
  attempt_id bigint GENERATED ALWAYS AS IDENTITY,
  webhook_id uuid NOT NULL REFERENCES webhooks,
  message_id text NOT NULL,
  feed_position bigint,
  attempted_at timestamptz NOT NULL,
  seconds double precision NOT NULL,
  status integer NOT NULL,
  taken boolean NOT NULL,
  reason text NOT NULL,
  CONSTRAINT webhook_attempts_pk PRIMARY KEY (attempt_id)
);
CREATE INDEX webhook_attempts_webhook_ix ON webhook_attempts (webhook_id, attempt_id);
COMMENT ON TABLE webhook_attempts IS 'Kept for 90 days; status 0: no answer came.';
"""


def upgrade() -> None:
    """Add the tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Take them away, and with them where every webhook stood."""
    op.execute("DROP TABLE webhook_attempts, webhooks")
