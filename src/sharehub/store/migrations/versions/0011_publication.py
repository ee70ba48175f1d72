"""Since when an entry of a feed is kept, so that it can be let go when a version of the list covers it."""

from alembic import op

revision = "0011"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE feed_entries ADD COLUMN IF NOT EXISTS published_at timestamptz NOT NULL DEFAULT now();
"""


def upgrade() -> None:
    """Add the column."""
    op.execute(TABLES)


def downgrade() -> None:
    """Nothing depends on it."""
    op.execute("ALTER TABLE feed_entries DROP COLUMN IF EXISTS published_at")
