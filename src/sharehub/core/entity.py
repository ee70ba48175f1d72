"""What an entity is, and how an individual's name is shown."""

KINDS = ("company", "organisation", "public_body", "individual")
"""Entity kinds; where agencies differ the last one named counts, which protects the most."""


def masked(kind: str, name: str | None) -> str | None:
    """The name as outputs show it: an individual's is masked but for its first character (law 5)."""
    if kind != "individual" or not name:
        return name
    return name[0] + "*" * (len(name) - 1)
