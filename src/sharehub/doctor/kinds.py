"""Every finding that there is: its level, what it means and what mends it. The reference page is made of this table."""

from typing import Literal, NamedTuple

Level = Literal["ok", "warn", "fail"]


class Kind(NamedTuple):
    """One finding: `mend` is the command, with places in braces that the finding fills in."""

    code: str
    area: str
    level: Level
    means: str
    mend: str


class Finding(NamedTuple):
    """One line: the `code` of its kind (the area itself where all is well), what was found, and what mends it."""

    area: str
    code: str
    level: Level
    words: str
    mend: str = ""


_CONFIG = "kafka-python admin -b {servers} configs alter -r topic -n {topic} -c {config}"

KINDS = {
    one.code: one
    for one in (
        Kind(
            "setting-unknown",
            "configuration",
            "warn",
            "A variable or a line of `sharehub.toml` names no setting, so it has no effect: most often a slip.",
            "sharehub config show --origin",
        ),
        Kind(
            "home-unusable",
            "home",
            "fail",
            "The data folder cannot be written by this account.",
            "chown the folder to the account that runs sharehub, or choose another: sharehub --home DIR doctor",
        ),
        Kind(
            "disk-low",
            "home",
            "warn",
            "Less is free on the disk of the data folder than `doctor.disk_free_bytes_min`. A full disk stops Kafka.",
            "make room, or move the folder: sharehub down, then sharehub --home DIR up",
        ),
        Kind(
            "crc32c-missing",
            "packages",
            "fail",
            "The C package `crc32c` is missing; reading the log takes more than four times as long.",
            "pip install crc32c",
        ),
        Kind(
            "schema-changed",
            "schemas",
            "fail",
            "A schema file is missing, or is not the one that was released under its id.",
            "restore the folder schemas/ of this version, then: sharehub schema check",
        ),
        Kind(
            "rules-broken",
            "rules",
            "fail",
            "A rulebook, agencies.toml or recipients.toml cannot be read or breaks a law. No service starts.",
            "sharehub rulebook check",
        ),
        Kind("stack-down", "kafka", "fail", "Neither configured nor running: Kafka or PostgreSQL.", "sharehub up"),
        Kind(
            "kafka-away",
            "kafka",
            "fail",
            "No broker answers at the address.",
            "start Kafka (embedded: sharehub up), or correct the setting kafka.bootstrap_servers",
        ),
        Kind("kafka-old", "kafka", "fail", "The broker is older than 3.7.", "upgrade Kafka"),
        Kind(
            "kafka-takes-nothing",
            "kafka",
            "fail",
            "Kafka answers, but takes no message: a full disk, missing rights, or `init` was not run.",
            "sharehub init; if it persists, look at the broker's log and disk",
        ),
        Kind(
            "clock-kafka",
            "clocks",
            "warn",
            "The broker's clock and this machine's differ. Append times say when the hub knew.",
            "let both machines keep time by NTP: timedatectl set-ntp true",
        ),
        Kind(
            "clock-database",
            "clocks",
            "warn",
            "PostgreSQL's clock and this machine's differ. Terms for answers run from PostgreSQL's time.",
            "let both machines keep time by NTP: timedatectl set-ntp true",
        ),
        Kind(
            "topic-missing",
            "topics",
            "fail",
            "A topic of a registered agency or recipient does not exist.",
            "sharehub init",
        ),
        Kind(
            "topic-partitions",
            "topics",
            "fail",
            "Topics of records have different numbers of partitions, so what is said of one entity is spread.",
            "stop the consolidators, then: kafka-python admin -b {servers} partitions create -p {topic}:{number}",
        ),
        Kind(
            "topic-retention",
            "topics",
            "fail",
            "Kafka will delete messages that are to be kept: after that no replay can rebuild the view from the log.",
            _CONFIG,
        ),
        Kind(
            "topic-timestamps",
            "topics",
            "fail",
            "A topic keeps its producers' time instead of the broker's, so nobody can say when the hub knew.",
            _CONFIG,
        ),
        Kind(
            "database-away",
            "database",
            "fail",
            "PostgreSQL does not answer at the address.",
            "start PostgreSQL (embedded: sharehub up), or correct the setting database.url",
        ),
        Kind("database-old", "database", "fail", "PostgreSQL is older than 15.", "upgrade PostgreSQL"),
        Kind("migration-missing", "migrations", "fail", "The tables are older than this code.", "sharehub init"),
        Kind(
            "migration-newer",
            "migrations",
            "warn",
            "A later version has migrated the tables. This code runs on them, so that a roll-back can.",
            "install the later version here too",
        ),
        Kind(
            "log-other",
            "positions",
            "fail",
            "Positions are stored for another cluster, or for a topic that was deleted and made anew.",
            "connect the Kafka that belongs to this database; or see what is lost: sharehub topic accept {topic}",
        ),
        Kind(
            "log-short",
            "positions",
            "fail",
            "A topic ends before the stored position: it was truncated. The partition stops, nothing is skipped.",
            "restore the topic; or see what is lost: sharehub topic accept {topic}",
        ),
        Kind(
            "log-lost",
            "positions",
            "fail",
            "Records were deleted from the log before they were processed.",
            "ask the agency to publish again, and let the topic go on: sharehub topic accept {topic}",
        ),
        Kind(
            "partition-halted",
            "positions",
            "fail",
            "A consolidator has stopped this partition and no other: its log, or most of what it brings, is not as it "
            "should be, and a person decides.",
            "mend what is wrong and restart; or see what is lost: sharehub topic accept {topic}",
        ),
        Kind(
            "consolidator-absent",
            "consolidator",
            "warn",
            "No consolidator is connected. Nothing waits yet.",
            "sharehub consolidate",
        ),
        Kind(
            "records-waiting",
            "consolidator",
            "fail",
            "Messages wait in partitions that no connected consolidator holds.",
            "sharehub consolidate",
        ),
        Kind(
            "partition-stuck",
            "consolidator",
            "fail",
            "A consolidator holds the partition, messages wait, and its position has not moved for "
            "`doctor.waiting_seconds_max`.",
            "read the last log lines of {owner}, then restart it",
        ),
        Kind("relay-absent", "relay", "warn", "No relay is connected. Nothing waits yet.", "sharehub relay"),
        Kind(
            "outbox-waiting",
            "relay",
            "fail",
            "Events wait to leave: no relay is connected, or it has been slow for `doctor.waiting_seconds_max`.",
            "sharehub relay",
        ),
        Kind(
            "outbox-behind",
            "relay",
            "fail",
            "More has left than this database knows of: it is older than the log, or another hub's. No relay starts.",
            "restore the newer database",
        ),
        Kind("timers-absent", "timers", "warn", "No timers service is connected. Nothing is due.", "sharehub timers"),
        Kind(
            "timers-behind",
            "timers",
            "fail",
            "Terms have begun or ended, and their events are not issued.",
            "sharehub timers --until-caught-up",
        ),
        Kind(
            "dead-letters",
            "dead letters",
            "warn",
            "Messages were rejected and wait for somebody to look at them.",
            "sharehub dead-letter list",
        ),
        Kind(
            "acks-overdue",
            "acknowledgements",
            "warn",
            "A recipient has not answered events within its term (law 8: lifts as much as issues).",
            "sharehub feed acks {recipient} --overdue",
        ),
        Kind(
            "clocks-overdue",
            "due process",
            "warn",
            "Somebody has not acted within a term of due process.",
            "sharehub casework clocks --overdue",
        ),
    )
}


def found(code: str, words: str, **places: object) -> Finding:
    """A finding of this kind."""
    kind = KINDS[code]
    return Finding(kind.area, code, kind.level, words, kind.mend.format(**places))
