"""Since when something waits in the outbox."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COLUMN = """
ALTER TABLE outbox ADD COLUMN written_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN outbox.written_at IS 'Of what is older than this column, its day.';
"""


def upgrade() -> None:
    """Add the column; the rows stay as they lie."""
    op.execute(COLUMN)


def downgrade() -> None:
    """Take it away."""
    op.execute("ALTER TABLE outbox DROP COLUMN written_at")
