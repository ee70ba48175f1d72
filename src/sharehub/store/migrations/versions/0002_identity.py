"""What links identifiers, what people decided, what is contradictory, and names to compare."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE links (
  identifier_id uuid NOT NULL,
  fact_id uuid NOT NULL,
  revision int NOT NULL,
  CONSTRAINT links_pk PRIMARY KEY (identifier_id, fact_id, revision)
);
CREATE INDEX links_fact_ix ON links (fact_id, revision);
COMMENT ON TABLE links IS 'What a record states together: of records with several identifiers or revisions.';

CREATE TABLE awaited (
  record_id uuid NOT NULL,
  CONSTRAINT awaited_pk PRIMARY KEY (record_id)
);
COMMENT ON TABLE awaited IS 'First revisions of which a later one came first: they may have spoken of somebody else.';

CREATE TABLE judgements (
  fact_id uuid NOT NULL,
  revision int NOT NULL,
  ordinal int NOT NULL,
  left_id uuid NOT NULL,
  right_id uuid NOT NULL,
  verdict text NOT NULL,
  effective boolean NOT NULL,
  received_at timestamptz NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT judgements_pk PRIMARY KEY (fact_id, revision, ordinal)
);
CREATE INDEX judgements_left_ix ON judgements (left_id);
CREATE INDEX judgements_right_ix ON judgements (right_id);
COMMENT ON TABLE judgements IS 'Every revision of every decision about a pair of references; the newest counts.';

CREATE TABLE conflicts (
  conflict_id uuid NOT NULL,
  left_id uuid NOT NULL,
  right_id uuid NOT NULL,
  because text NOT NULL,
  source text NOT NULL,
  CONSTRAINT conflicts_pk PRIMARY KEY (conflict_id)
);
CREATE INDEX conflicts_left_ix ON conflicts (left_id);
CREATE INDEX conflicts_right_ix ON conflicts (right_id);
COMMENT ON TABLE conflicts IS 'Links that a judgement stands against: both entities wait for a decision (law 11).';

ALTER TABLE entities ADD COLUMN uncompared boolean NOT NULL DEFAULT true;
CREATE INDEX entities_uncompared_ix ON entities (entity_id) WHERE uncompared;

CREATE TABLE names (
  entity_id uuid NOT NULL,
  name text NOT NULL,
  schemes text[] NOT NULL,
  keys bytea NOT NULL,
  CONSTRAINT names_pk PRIMARY KEY (entity_id, name)
);
COMMENT ON TABLE names IS 'Names of entities with their block keys, 8 bytes each.';

CREATE TABLE proposals (
  left_id uuid NOT NULL,
  right_id uuid NOT NULL,
  place text COLLATE "C" NOT NULL,
  body jsonb NOT NULL,
  CONSTRAINT proposals_pk PRIMARY KEY (left_id, right_id)
);
CREATE INDEX proposals_right_ix ON proposals (right_id);
CREATE INDEX proposals_place_ix ON proposals (place);
COMMENT ON TABLE proposals IS 'Pairs of entities whose names agree, for a person to decide; place is the queue order.';
"""


def upgrade() -> None:
    """Add identity."""
    op.execute(TABLES)


def downgrade() -> None:
    """Positions and events cannot be taken back with the tables."""
    raise NotImplementedError("drop the database instead")
