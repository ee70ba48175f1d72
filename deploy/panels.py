"""Asks a Prometheus whatever the dashboards ask: `python3 deploy/panels.py http://127.0.0.1:9090`.

Prints how many questions were answered with figures, and which with none: nothing of that kind has happened yet. Ends
with 1 where Prometheus does not understand a question, or cannot reach a target.
"""

import json
import sys
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

BOARDS = Path(__file__).parent / "dashboards"


def asked(prometheus: str, path: str, **parameters: str) -> dict:
    """The data of an answer of Prometheus' API."""
    with urlopen(f"{prometheus}/api/v1/{path}?{urlencode(parameters)}", timeout=10) as answer:  # noqa: S310
        return json.load(answer)["data"]


def main(prometheus: str) -> int:
    """The exit code."""
    targets = asked(prometheus, "targets", state="active")["activeTargets"]
    away = [one["scrapeUrl"] for one in targets if one["health"] != "up"]
    boards = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(BOARDS.glob("*.json"))]
    questions = [
        (f"{board['title']}: {panel['title']}", target["expr"])
        for board in boards
        for panel in board["panels"]
        for target in panel.get("targets", ())
    ]
    silent = [name for name, question in questions if not asked(prometheus, "query", query=question)["result"]]
    print(f"{len(targets)} targets, {len(away)} away: {', '.join(away) or 'none'}")
    print(f"{len(questions)} questions, {len(silent)} without figures: {', '.join(silent) or 'none'}")
    return 1 if away or not targets else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/")))
