"""A procurement office downstream of the hub: it turns a bidder away while a restriction counts, and not a day longer.

    python office.py follow [--once] [--url URL --token TOKEN | --kafka HOST:PORT]
    python office.py admit SCHEME:VALUE [--on DATE]

It needs the base installation of sharehub, and keeps what it knows in `office.db`, an SQLite file.
"""

import argparse
import json
import sqlite3
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from sharehub import Subscriber
from sharehub.subscriber import Event, Notice

TABLES = """
CREATE TABLE IF NOT EXISTS restrictions (
  measure_id TEXT PRIMARY KEY, number INT, status TEXT, starts TEXT, ends TEXT, excepted_from TEXT, excepted_to TEXT,
  title TEXT, authority TEXT, remedies TEXT
);
CREATE TABLE IF NOT EXISTS bidders (identifier TEXT, measure_id TEXT, PRIMARY KEY (identifier, measure_id));
"""
APPLY = """
INSERT INTO restrictions (measure_id, number, status, starts, ends, title, authority, remedies)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (measure_id) DO UPDATE SET
  number = excluded.number, status = excluded.status, starts = excluded.starts, ends = excluded.ends,
  title = excluded.title, authority = excluded.authority, remedies = excluded.remedies
WHERE excluded.number > number
"""
EXCEPT = "UPDATE restrictions SET excepted_from = ?, excepted_to = ? WHERE measure_id = ?"
COUNTING = """
SELECT title, authority, ends, remedies FROM restrictions JOIN bidders USING (measure_id)
WHERE identifier = :bidder AND status = 'standing' AND starts <= :on AND (ends IS NULL OR :on <= ends)
  AND (excepted_to IS NULL OR :on NOT BETWEEN excepted_from AND excepted_to)
ORDER BY title
"""


class Office:
    """What the office knows of bidders."""

    def __init__(self, path: Path) -> None:
        self.known = sqlite3.connect(path)
        self.known.executescript(TABLES)

    def take(self, event: Event) -> None:
        """Put one event into effect, and say so only then. The same event again changes nothing."""
        data = event.data
        if data["kind"] != "restriction" or not data["binding"]:
            event.refused("this office turns bidders away or admits them, and does nothing else")
            return
        with self.known:  # one transaction
            row = (event.measure_id, event.number, event.status, data["effective_from"], data["effective_to"])
            self.known.execute(APPLY, (*row, data["title"], data["authority"], json.dumps(data["remedies"])))
            if event.event == "excepted":
                self.known.execute(EXCEPT, (data["business_on"], data["until"], event.measure_id))
            pairs = [(identifier, event.measure_id) for identifier in event.identifiers]
            self.known.executemany("INSERT OR IGNORE INTO bidders VALUES (?, ?)", pairs)
        event.applied()

    def reasons(self, bidder: str, on: date) -> list[str]:
        """Why the bidder is turned away on that day; none: it is admitted."""
        rows = self.known.execute(COUNTING, {"bidder": bidder, "on": on.isoformat()})
        return [
            f"{title} ({authority}), {f'until {ends}' if ends else 'open'}; {'; '.join(json.loads(remedies))}"
            for title, authority, ends, remedies in rows
        ]


def main() -> int:
    """Run the command."""
    stated = argparse.ArgumentParser(description="A procurement office downstream of the hub.")
    stated.add_argument("--home", type=Path, default=Path(), help="folder of the office's files")
    does = stated.add_subparsers(dest="does", required=True)
    follow = does.add_parser("follow", help="take what the hub says, and answer")
    follow.add_argument("--recipient", default="cn-procurement")
    follow.add_argument("--once", action="store_true", help="end where nothing newer is there")
    for name in ("--url", "--token", "--kafka"):
        follow.add_argument(name, default="")
    admit = does.add_parser("admit", help="may this bidder take part?")
    admit.add_argument("bidder", metavar="SCHEME:VALUE")
    admit.add_argument("--on", type=date.fromisoformat, default=datetime.now(UTC).date())
    asked = stated.parse_args()
    office = Office(asked.home / "office.db")
    return _follow(office, asked) if asked.does == "follow" else _admit(office, asked.bidder, asked.on)


def _follow(office: Office, asked: argparse.Namespace) -> int:
    way = {"url": asked.url, "token": asked.token, "kafka": asked.kafka}
    place = asked.home / "place.json"
    with Subscriber(asked.recipient, place=place, until_caught_up=asked.once, on_notice=_told, **way) as feed:
        for event in feed:
            office.take(event)
            print(f"{event.position}: {event.event} {event.data['title']} ({', '.join(event.identifiers)})")
    return 0


def _admit(office: Office, bidder: str, on: date) -> int:
    reasons = office.reasons(bidder, on)
    print(f"{bidder} is turned away on {on}:" if reasons else f"{bidder} is admitted on {on}", *reasons, sep="\n  ")
    return 1 if reasons else 0


def _told(notice: Notice) -> None:
    print(f"{notice.position}: notice: {notice.event}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
