"""The command line: every command with its help, arguments and options, taken from the parser itself."""

from collections.abc import Iterator
from typing import Any

from sharehub.cli.commands import app
from sharehub.cli.later import Later
from sharehub.reference.markdown import code, paragraphs, table

_GLOBAL = (
    ("--config FILE", "Settings file, in place of ./sharehub.toml."),
    ("--profile NAME", "Table `profile.NAME` of the settings files; it wins over the rest of them."),
    ("--home FOLDER", "Data folder, as the setting `home`."),
    ("--json", "Answer as JSON on stdout."),
    ("-q, --quiet", "No messages and no progress on stderr, warnings excepted."),
    ("-v, --verbose", "All log lines."),
    ("--no-color", "No colours; the variable NO_COLOR does the same."),
    ("--no-input, --yes", "Where a command asks (`connector new`): answer no, answer yes."),
    ("--version", "Print the version; alone."),
)
_CODES = (
    (0, "done"),
    (1, "finished, but some items were rejected, not found or wrong; or broken state, which stops a service"),
    (2, "the command, a file or a setting is wrong"),
    (3, "Kafka or PostgreSQL cannot be reached"),
    (4, "refused by a safeguard"),
    (130, "interrupted"),
)


def page() -> str:
    """The page of all commands."""
    return paragraphs(
        "# Commands",
        "Data goes to stdout, messages and progress to stderr.",
        "## Flags of every command",
        "Before or after the command.",
        table(("flag", "does"), ((code(flag), words) for flag, words in _GLOBAL)),
        "## Exit codes",
        table(("code", "means"), _CODES),
        "## All commands",
        *(_described(path, command) for path, command in commands()),
    )


def commands() -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its words after `sharehub`, in the order of the help."""
    yield from _below("", app)


def _below(path: str, group: Any) -> Iterator[tuple[str, Any]]:
    for name, found in group.commands.items():
        command = found.loaded() if isinstance(found, Later) else found
        words = f"{path} {name}".strip()
        if hasattr(command, "commands"):
            yield from _below(words, command)
        else:
            yield words, command


def _described(path: str, command: Any) -> str:
    shown = [one for one in command.params if not one.hidden]
    usage = " ".join(("sharehub", path, *(_usage(one) for one in shown)))
    rows = [(code(_spelled(one)), one.help or "", _default(one)) for one in shown]
    return paragraphs(
        f"### sharehub {path}",
        "\n".join(line.strip() for line in (command.help or "").strip().splitlines()),
        f"    {usage}",
        table(("parameter", "means", "default"), rows) if rows else "",
    )


def _word(one: Any) -> str:
    return str(one.metavar or one.name.upper()).strip("[]")


def _usage(one: Any) -> str:
    value = "" if one.param_type_name == "argument" else f"{max(one.opts, key=len)} "
    text = value.strip() if value and one.is_flag else f"{value}{_word(one)}"
    return text if one.required else f"[{text}]"


def _spelled(one: Any) -> str:
    if one.param_type_name == "argument":
        return _word(one)
    return ", ".join(one.opts) + ("" if one.is_flag else f" {_word(one)}")


def _default(one: Any) -> str:
    if one.required:
        return "required"
    if one.default is True:
        return "on"
    return code(one.default) if one.default else ""
