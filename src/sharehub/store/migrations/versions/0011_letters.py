"""Dead letters that are tried again or discarded, partitions that are halted, and what was accepted to go on."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE rejections ADD COLUMN headers jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN rejections.headers IS 'Headers of the message: names, and values in base64.';

CREATE TABLE letter_steps (
  step_id uuid NOT NULL,
  rejection_id uuid NOT NULL,
  step text NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  code text NOT NULL,
  field text NOT NULL,
  reason text NOT NULL,
  acted_by text NOT NULL,
  received_at timestamptz NOT NULL,
  CONSTRAINT letter_steps_pk PRIMARY KEY (step_id),
  CONSTRAINT letter_steps_step_ck CHECK (step IN ('failed', 'admitted', 'discarded'))
);
CREATE INDEX letter_steps_rejection_ix ON letter_steps (rejection_id);
COMMENT ON TABLE letter_steps IS 'What became of a dead letter: each message that tried it again or discarded it.';

CREATE VIEW dead_letters AS
SELECT rejection_id, agency, topic, partition, "offset",
  rejections.received_at AS first_at, rejections.code AS first_code, rejections.field AS first_field,
  rejections.reason AS first_reason,
  coalesce(life.code, rejections.code) AS code, coalesce(life.field, rejections.field) AS field,
  coalesce(life.reason, rejections.reason) AS reason, coalesce(life.last_at, rejections.received_at) AS last_at,
  1 + coalesce(life.failures, 0) AS attempts,
  CASE WHEN life.admitted THEN 'closed' WHEN life.last_step = 'discarded' THEN 'discarded' ELSE 'waiting' END AS state
FROM rejections LEFT JOIN (
  SELECT rejection_id, bool_or(step = 'admitted') AS admitted, count(*) FILTER (WHERE step = 'failed') AS failures,
    max(received_at) AS last_at, (array_agg(step ORDER BY received_at DESC, step_id))[1] AS last_step,
    (array_agg(code ORDER BY received_at DESC, step_id) FILTER (WHERE step = 'failed'))[1] AS code,
    (array_agg(field ORDER BY received_at DESC, step_id) FILTER (WHERE step = 'failed'))[1] AS field,
    (array_agg(reason ORDER BY received_at DESC, step_id) FILTER (WHERE step = 'failed'))[1] AS reason
  FROM letter_steps GROUP BY rejection_id
) AS life USING (rejection_id);
COMMENT ON VIEW dead_letters IS 'Every dead letter as it stands: the only place that says so.';

ALTER TABLE outbox ADD COLUMN step_id uuid;
COMMENT ON COLUMN outbox.step_id IS 'With rejection_id: what became of the letter.';

ALTER TABLE partition_claims
  ADD COLUMN began_at timestamptz,
  ADD COLUMN halted_at timestamptz,
  ADD COLUMN halt_code text NOT NULL DEFAULT '',
  ADD COLUMN halt_reason text NOT NULL DEFAULT '',
  ADD COLUMN rejections_accepted_to bigint NOT NULL DEFAULT 0;
ALTER TABLE partition_claims ALTER COLUMN began_at SET DEFAULT now();
COMMENT ON COLUMN partition_claims.began_at IS 'When this view began to read: older messages are history.';
COMMENT ON COLUMN partition_claims.halted_at IS 'Since when nothing of the partition is processed, and why.';
COMMENT ON COLUMN partition_claims.rejections_accepted_to IS 'A flood of rejections below this offset is meant.';

CREATE TABLE acceptances (
  acceptance_id bigint GENERATED ALWAYS AS IDENTITY,
  accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  consumer_group text NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  code text NOT NULL,
  explanation text NOT NULL,
  stopped_at bigint NOT NULL,
  goes_on_at bigint NOT NULL,
  lost_from bigint,
  lost_to bigint,
  cluster_id text NOT NULL,
  topic_id text NOT NULL,
  former_cluster_id text NOT NULL,
  former_topic_id text NOT NULL,
  approved_by text NOT NULL,
  reason text NOT NULL,
  CONSTRAINT acceptances_pk PRIMARY KEY (acceptance_id)
);
COMMENT ON TABLE acceptances IS 'Who let a halted partition go on, why, and what was lost; lost_to NULL: unknown.';
CREATE TRIGGER acceptances_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON acceptances
  FOR EACH STATEMENT EXECUTE FUNCTION kept_as_it_is();
"""


def upgrade() -> None:
    """Add them; positions that are there have begun at an unknown time."""
    op.execute(TABLES)


def downgrade() -> None:
    """Nobody may take away who let a partition go on."""
    raise NotImplementedError("drop the database instead")
