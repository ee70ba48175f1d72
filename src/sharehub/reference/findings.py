"""What `sharehub doctor` can find, taken from its table."""

from sharehub.doctor.judging import CHECKS
from sharehub.doctor.kinds import KINDS
from sharehub.reference.markdown import code, paragraphs, table

_WORDS = """
`sharehub doctor` looks at these areas in this order: AREAS. Each is one line that says `ok`, or one for each finding,
with what mends it. `--json` gives `ok`, `warn` and `fail` as counts, and `findings` with `area`, `code`, `level`,
`words` and `try`. Codes stay.

Exit codes: 0 nothing fails, be there warnings; 1 something fails; 3 Kafka or PostgreSQL cannot be reached; 2 the
command or a setting is wrong.
"""


def page() -> str:
    """The page of all findings."""
    rows = [(code(one.code), one.area, one.level, one.means, _mended(one.mend)) for one in KINDS.values()]
    areas = ", ".join(check.area for check in CHECKS)
    titles = ("finding", "area", "level", "means", "what to do")
    return paragraphs("# What the doctor finds", _WORDS.strip().replace("AREAS", areas), table(titles, rows))


def _mended(mend: str) -> str:
    """The command, with its places in capitals."""
    for place in ("servers", "topic", "config", "number", "owner", "recipient"):
        mend = mend.replace(f"{{{place}}}", place.upper())
    return mend
