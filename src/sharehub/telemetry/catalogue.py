"""Every metric: what it counts, and what to do when it moves. Instruments and the reference page are made of this."""

from typing import Literal, NamedTuple


class Metric(NamedTuple):
    """One metric; `moves` says what to do when it does."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: tuple[str, ...]
    means: str
    moves: str


PROCESS = (
    Metric(
        "sharehub_service_turned_timestamp_seconds",
        "gauge",
        ("service",),
        "When the service's loop last turned, in seconds since 1970.",
        "Older than five minutes: it hangs, and `/healthz` says so. Read its last log lines, restart it.",
    ),
    Metric(
        "sharehub_consolidator_batches_total",
        "counter",
        (),
        "Batches applied, each in one transaction.",
        "Still while messages wait: look at the log for `fenced` and errors.",
    ),
    Metric(
        "sharehub_consolidator_batch_seconds",
        "histogram",
        (),
        "Seconds that a batch took, from its bytes to the commit.",
        "Rising: PostgreSQL is slow (locks, disk, checkpoints), or many merges take their turn alone.",
    ),
    Metric(
        "sharehub_consolidator_messages_total",
        "counter",
        ("outcome",),
        "Messages by outcome: new, duplicate, rejected.",
        "Rejected rises: `sharehub dead-letter list`. Duplicates rise: somebody sends the same again; harmless.",
    ),
    Metric(
        "sharehub_consolidator_events_total",
        "counter",
        (),
        "Sanction events issued from records.",
        "A jump without a jump of messages: a version of the rules was activated. `sharehub rulebook list`.",
    ),
    Metric(
        "sharehub_relay_entries_total",
        "counter",
        (),
        "Outbox entries sent to Kafka.",
        "Still while entries wait: the relay hangs or another one has the lock.",
    ),
    Metric(
        "sharehub_timers_events_total",
        "counter",
        (),
        "Events issued because a day came.",
        "Still for days while terms end: `sharehub doctor`.",
    ),
    Metric(
        "sharehub_webhook_attempts_total",
        "counter",
        ("outcome",),
        "Attempts to tell a webhook, by outcome: taken, not-taken.",
        "Not taken rises: `sharehub webhook list` says which receiver and why.",
    ),
    Metric(
        "sharehub_http_requests_total",
        "counter",
        ("method", "route", "status"),
        "Answers over HTTP by route pattern and class of status (2xx to 5xx).",
        "5xx rises: read the log of `serve`. 4xx rises on one route: a client was changed.",
    ),
    Metric(
        "sharehub_http_request_seconds",
        "histogram",
        ("route",),
        "Seconds until an answer began, by route pattern.",
        "Rising on all routes: PostgreSQL or Kafka is slow, or the machine is full.",
    ),
)
"""What each process counts of its own work."""

HUB = (
    Metric(
        "sharehub_part_up",
        "gauge",
        ("part",),
        "1 where Kafka, or PostgreSQL, answers.",
        "0: the part is away; everything waits, nothing is lost. `sharehub doctor`.",
    ),
    Metric(
        "sharehub_services_connected",
        "gauge",
        ("service",),
        "Services connected to the database: consolidator, relay, timers, webhooks, web.",
        "0: it is not running. Start it; see [operate](../operate.md).",
    ),
    Metric(
        "sharehub_lag_messages",
        "gauge",
        ("topic",),
        "Messages on the topic that are not processed yet.",
        "Rising: more consolidators, up to one per partition. Standing: see the next one.",
    ),
    Metric(
        "sharehub_lag_unmoved_seconds",
        "gauge",
        ("topic",),
        "Seconds since the slowest partition moved in which a message waits for five minutes; 0 where none does.",
        "Over five minutes: `sharehub doctor` names the partition and who holds it.",
    ),
    Metric(
        "sharehub_agency_messages_total",
        "counter",
        ("agency", "outcome"),
        "Messages of an agency since the view began, by outcome: new, duplicate, rejected.",
        "Rejected rises for one agency: `sharehub dead-letter list --agency AGENCY`, and tell it.",
    ),
    Metric(
        "sharehub_outbox_entries",
        "gauge",
        (),
        "Entries that have not left.",
        "Rising: the relay is away or slow.",
    ),
    Metric(
        "sharehub_outbox_oldest_seconds",
        "gauge",
        (),
        "Age of the oldest entry that has not left; 0 where none waits.",
        "Over a minute: `sharehub relay` is not running, or Kafka refuses its transactions. Read its log.",
    ),
    Metric(
        "sharehub_feed_position",
        "gauge",
        ("recipient",),
        "Last position of the recipient's feed.",
        "Informative. It never falls.",
    ),
    Metric(
        "sharehub_timers_due_entities",
        "gauge",
        (),
        "Entities of which time alone changes something by today, and that are not decided yet.",
        "Above 0 for two minutes: `sharehub timers` is not running.",
    ),
    Metric(
        "sharehub_dead_letters_waiting",
        "gauge",
        (),
        "Dead letters that wait.",
        "Rising: `sharehub dead-letter list`.",
    ),
    Metric(
        "sharehub_acknowledgements_waiting",
        "gauge",
        ("recipient",),
        "Events that wait for the recipient's answer.",
        "Rising: its system does not answer. `sharehub feed acks RECIPIENT`.",
    ),
    Metric(
        "sharehub_acknowledgements_overdue",
        "gauge",
        ("recipient",),
        "Of these, those whose term is over.",
        "Call the recipient: a lift that is not applied harms somebody. `sharehub feed acks RECIPIENT --overdue`.",
    ),
    Metric(
        "sharehub_clocks_overdue",
        "gauge",
        (),
        "Clocks of due process that are over and not stopped.",
        "Above 0: `sharehub casework clocks --overdue` says who has not acted.",
    ),
)
"""What is true of the whole hub, whichever process is asked."""
