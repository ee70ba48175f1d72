"""The topics: names, keys, partitions and retention, taken from the module that names them."""

from sharehub.core.catalogue import Catalogue
from sharehub.reference.markdown import bullets, code, paragraphs, table
from sharehub.settings import KafkaSettings
from sharehub.shipped import shipped
from sharehub.topics import Topic, topics
from sharehub.wire.rulebooks import load_catalogue

_MEANING = {
    "records.<agency>": ("main identifier `SCHEME:VALUE`", "What the agency says; see [schemas](schemas.md)."),
    "casework.hub": (
        "main identifier `SCHEME:VALUE`",
        "What case officers decide: match judgements and splits, see [identity](../identity.md); versions of the "
        "rules, all under one key, see [rulebooks](../rulebooks.md).",
    ),
    "dead-letter.<agency>": ("the rejected message's key", "Rejected messages in their own bytes."),
    "dead-letter.hub": ("the rejected message's key", "Decisions of case officers that were not admitted."),
    "dead-letter.<recipient>": ("the rejected message's key", "Answers of the recipient that were not admitted."),
    "probe.hub": ("none", "Messages by which `sharehub doctor` asks whether Kafka takes any; nobody reads them."),
    "events.sanction": ("entity id", "Every sanction event, in one order."),
    "state.measure": ("measure id", "Each measure after its last event."),
    "state.entity": ("entity id", "Each entity as the shared view has it."),
    "feed.<recipient>": ("entity id", "The events that this recipient executes or takes note of, in one order."),
    "acks.<recipient>": ("event id", "The recipient's answers to its events; see [acknowledge](../acknowledge.md)."),
}
_DAY_MS = 86_400_000


def page() -> str:
    """The page of all topics."""
    pattern = topics(["<agency>"], ["<recipient>"])
    rows = [
        (code(one.name), _MEANING[one.name][0], _partitions(one), _kept(one), _MEANING[one.name][1]) for one in pattern
    ]
    return paragraphs(
        "# Topics",
        "`sharehub init` makes what is missing and leaves what is there as it is. All have `message.timestamp.type` "
        "`LogAppendTime`. Nobody else may make topics: clients never do.",
        table(("topic", "key", "partitions", "kept", "holds"), rows),
        "## Topics of the shipped agencies and recipients",
        bullets(code(one.name) for one in _shipped(load_catalogue(shipped("rulebooks")))),
    )


def _shipped(catalogue: Catalogue) -> list[Topic]:
    return sorted(topics(sorted(catalogue.agencies), sorted(catalogue.recipients)), key=lambda one: one.name)


def _partitions(topic: Topic) -> str:
    shared = KafkaSettings.model_fields["partitions"].default
    return str(topic.partitions) if topic.partitions else f"`kafka.partitions` ({shared})"


def _kept(topic: Topic) -> str:
    if topic.config["cleanup.policy"] == "compact":
        return "the last value of each key"
    retention = int(topic.config["retention.ms"])
    return "for ever" if retention < 0 else f"{retention // _DAY_MS} days"
