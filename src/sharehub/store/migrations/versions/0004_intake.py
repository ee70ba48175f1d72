"""A way to what the desk has published: it is looked up by reference number."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index over the desk's records alone: few among millions."""
    op.execute("CREATE INDEX records_desk_ix ON records (record_id) WHERE agency = 'hub'")


def downgrade() -> None:
    """Take the index away."""
    op.execute("DROP INDEX records_desk_ix")
