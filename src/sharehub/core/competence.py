"""Who may publish what, and who applies measures for which purpose."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agency:
    """An administration that publishes; its competence is record kinds, authority and jurisdiction.

    `sealing_key` is the public key for which authors of complaints are sealed; without one they stay anonymous.
    """

    id: str
    title: str
    authority: str
    jurisdiction: str
    record_kinds: tuple[str, ...]
    sealing_key: str = ""


INTAKE_KINDS = ("objection", "representation", "repair-application", "complaint")
"""What the parties themselves say, taken in by the hub's desk for the competent agency."""

DESK = Agency("hub", "The hub's desk", "casework", "*", ("match-judgement", "split", "rulebook-version", *INTAKE_KINDS))
"""Who records the decisions of case officers; no agency of a file, and competent for nothing else."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A downstream administration that applies measures, for the purpose its title names."""

    id: str
    title: str
    jurisdiction: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Matter:
    """What people complain of, and the authority that is competent for it."""

    id: str
    title: str
    authority: str
