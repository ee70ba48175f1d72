"""All commands: where each is, and its line in the help."""

from sharehub.cli.later import Later, group

_EPILOG = (
    "Anywhere on the line: --config FILE, --profile NAME, --home DIR, --json, -q, -v, --no-input, --no-color, --yes. "
    "Exit codes: 0 done, 1 some items rejected or failed, 2 usage, 3 a dependency cannot be reached, 4 refused by a "
    "safeguard, 5 changes pending, 130 interrupted."
)

_CONNECTOR = (
    Later(
        "new",
        "connector_new:new",
        "Propose a mapping from a file's titles and cells; "
        "what is not certain stands in it as a comment to be completed.",
    ),
    Later(
        "template",
        "connector_template:template",
        "Make a form: a workbook of one kind of record, to be filled in and published without any mapping.",
    ),
    Later("list", "connector:list_", "The connectors there are."),
    Later(
        "check",
        "connector:check",
        "Hold the mapping against its schema and its sample, or a form against its kind of record; nothing is sent.",
    ),
    Later(
        "preview", "connector:preview", "Show what `run` would do: the first records and the counts; nothing is sent."
    ),
    Later("run", "connector:run", "Publish what is new and changed; running the same file twice sends nothing."),
    Later("status", "connector:status", "How the last run of each connector on this machine ended."),
    Later("rejects", "connector:rejects", "The rows that were rejected and are open still, and why."),
)
_FEED = (
    Later("pull", "feed:pull", "Write the recipient's events in order; the next cursor goes to stderr."),
    Later(
        "ack",
        "feed_ack:ack",
        "Answer one event: received, applied, or refused with a reason. Answering again is safe; the last one counts.",
    ),
    Later(
        "verify",
        "feed_files:verify",
        "Prove that a list is the hub's, whole, in force, and what all deltas lead to; or say plainly why it is not.",
    ),
    Later(
        "delta",
        "feed_files:delta",
        "What must be done to one version of a list to get a later one, with the events that did it.",
    ),
    Later("acks", "feed_acks:acks", "Events that wait for a recipient's answer, the oldest first."),
    Later(
        "list",
        "feed_publishing:feed_list",
        "All recipients' feeds with their last position, and the newest version of each list.",
    ),
    Later(
        "snapshot",
        "feed_publishing:snapshot",
        "Make the next version of a list, signed, and what changed since the one before; let go what is too old.",
    ),
)
_AGENCY = (
    Later("list", "activation:agency_list", "The agencies in force today, with what they may publish."),
    Later(
        "propose",
        "activation:agency_propose",
        "Propose a version of the whole registry of agencies; approve it with `rulebook approve`.",
    ),
    Later("key", "agency:key_app", "The key for which authors of complaints are sealed."),
)
_CASEWORK = (
    Later(
        "unseal",
        "agency:unseal",
        "Who complains, at the agency for which it was sealed; needs the private key, and no hub.",
    ),
    Later("object", "intake:object_to", "Take in an objection to a record, or to one field of it."),
    Later("represent", "intake:represent", "Attach the party's own statement to a record."),
    Later("repair", "intake:repair", "Take in an application for repair of a record."),
    Later(
        "complain",
        "intake:complain",
        "Take in a complaint and route it to the competent agency; no measure can follow from it.",
    ),
    Later("answer", "intake:answer", "Record what the competent agency answers to a complaint, as its next revision."),
    Later("outcome", "intake:outcome", "What became of a matter."),
    Later(
        "list",
        "intake:list_matters",
        "Matters that wait for an agency's answer, the newest first; --json has the sealed authors.",
    ),
    Later(
        "clocks",
        "clocks:clocks",
        "Clocks that run: due day, who must act, about which record, on what basis, and how long overdue.",
    ),
)
_ENTITY = (
    Later(
        "check",
        "entity_check:check",
        "Check every row of a file: the same file comes back with the answers beside. Each check is written down.",
    ),
    Later(
        "reads",
        "entity_check:reads",
        "Who read the record of an entity, for whom and why: what it may know. This look is written down too.",
    ),
    Later(
        "show",
        "operate:entity_show",
        "One entity: who said what, which measures stand, why, and what can be done. The look is written down.",
    ),
)
_RULEBOOK = (
    Later("list", "rulebook:list_", "Every rulebook with its entries."),
    Later(
        "check",
        "rulebook:check",
        "Say everything that is wrong with rulebooks: file, entry, field, law. Exit 4: a law is broken; 2: malformed.",
    ),
    Later(
        "test",
        "rulebook_play:play",
        "Play scenario tables (facts, and the measures expected of them); exit 1 where one comes out differently.",
    ),
    Later("diff", "rulebook:diff", "Say in words what changes from one rulebook to another, entry by entry."),
    Later(
        "what-if",
        "what_if:what_if",
        "Try a rulebook on the live records: what would be issued, lifted and changed. Nothing is written or sent.",
    ),
    Later(
        "propose",
        "activation:propose",
        "Propose a version of a rulebook; it changes nothing before somebody else has approved it.",
    ),
    Later(
        "approve",
        "activation:approve",
        "Approve somebody else's proposal: it counts from its day on, and what it touches is decided again.",
    ),
    Later("activate", "activation:activate", "The same as `approve`."),
    Later("withdraw", "activation:withdraw", "Take a proposal back, or propose to end a version that was approved."),
    Later("proposals", "activation:proposals", "What waits for a second person."),
    Later(
        "versions",
        "activation:versions",
        "Every version of rulebooks and registries: its state, from when it counts, who proposed and approved it.",
    ),
)

app = group(
    "sharehub",
    "",
    (
        Later("up", "stack:up", "Start the embedded Kafka and PostgreSQL; they stay until `down`."),
        Later("down", "stack:down", "Stop the embedded Kafka and PostgreSQL; data stays."),
        Later("demo", "demo:demo", "Play one invented country day, check it, show it, and keep serving until Ctrl-C."),
        Later("init", "operate:init", "Create topics and tables; safe to repeat."),
        Later("consolidate", "operate:consolidate", "Take records into the shared view and decide."),
        Later("relay", "operate:relay", "Send events to the log, the states and the recipients' feeds."),
        Later(
            "timers",
            "operate:timers",
            "Issue what falls due, terms that begin or end, and make the versions of the recipients' lists when due.",
        ),
        Later("run", "operate:run", "All services in one process, HTTP with them, until Ctrl-C."),
        Later("status", "status:status", "What runs, and how much of what there is."),
        Later(
            "doctor",
            "doctor:doctor",
            "What is wrong, and the command that mends it; ends with 1 where something fails, 3 where a part is away.",
        ),
        Later(
            "trace",
            "trace:trace",
            "Where a record is: source row, log, view, events, feeds, answers. The look is written down.",
        ),
        Later(
            "serve",
            "web:serve",
            "Serve HTTP until Ctrl-C: agencies push records to POST /api/v1/records/AGENCY, "
            "recipients read /api/v1/feeds.",
        ),
        Later("webhooks", "webhook:webhooks", "Tell recipients' webhooks of new events."),
        group("connector", "Publish an agency's files.", _CONNECTOR),
        group("feed", "Read a recipient's events.", _FEED),
        Later("schema", "schema:app", "The schemas of all records and events."),
        group("agency", "What an agency does with its own keys.", _AGENCY),
        group("casework", "Objections, complaints, repairs and what became of them.", _CASEWORK),
        Later("config", "config:app", "Settings in force."),
        group("entity", "Look an entity up.", _ENTITY),
        Later("match", "match:app", "Which entities could be one, and what people decide about it."),
        Later("dead-letter", "dead_letter:app", "Rejected messages, with their originals."),
        Later("topic", "topic:app", "How far the consolidators are, and how a halted partition goes on."),
        group("rulebook", "Rules as files.", _RULEBOOK),
        Later("recipient", "recipient:app", "Who applies measures, and what was agreed with whom."),
        Later("replay", "replay:app", "Rebuild the view beside the live one, compare, and swap."),
        Later("token", "web:token_app", "Tokens of agencies and recipients for HTTP."),
        Later("webhook", "webhook:webhook_app", "Addresses at which recipients are told of new events."),
    ),
    epilog=_EPILOG,
)
