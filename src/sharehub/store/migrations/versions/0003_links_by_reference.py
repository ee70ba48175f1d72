"""Links a row for each reference: found by an ordinary index, whatever the planner knows of the table."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE links RENAME TO links_before;
ALTER INDEX links_pk RENAME TO links_before_pk;
CREATE TABLE links (
  identifier_id uuid NOT NULL,
  fact_id uuid NOT NULL,
  revision int NOT NULL,
  CONSTRAINT links_pk PRIMARY KEY (identifier_id, fact_id, revision)
);
INSERT INTO links
SELECT DISTINCT unnest(identifier_ids), fact_id, revision FROM links_before ORDER BY 1, 2, 3;
DROP TABLE links_before;
CREATE INDEX links_fact_ix ON links (fact_id, revision);
COMMENT ON TABLE links IS 'What a record states together: of records with several identifiers or revisions.';

DELETE FROM names
WHERE NOT EXISTS (SELECT FROM entities WHERE entities.entity_id = names.entity_id);
"""


def upgrade() -> None:
    """Turn the arrays into rows; forget names of entities that are gone."""
    op.execute(TABLES)


def downgrade() -> None:
    """Positions and events cannot be taken back with the tables."""
    raise NotImplementedError("drop the database instead")
