"""All commands, in the order of `CONTRACT.md` §2."""

import typer

from sharehub.cli import agency, casework, config, connector, feed, feed_files, schema, stack

_EPILOG = (
    "Anywhere on the line: --config FILE, --profile NAME, --home DIR, --json, -q, -v, --no-input, --no-color, --yes. "
    "Exit codes: 0 done, 1 some items rejected, 2 usage, 3 a dependency cannot be reached, 4 refused by a safeguard, "
    "130 interrupted."
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, epilog=_EPILOG)

app.command()(stack.up)
app.command()(stack.down)
app.add_typer(connector.app, name="connector", help="Publish an agency's files.")
feed_files.register(feed.app)
app.add_typer(feed.app, name="feed", help="Read a recipient's events.")
app.add_typer(schema.app, name="schema", help="The schemas of all records and events.")
app.add_typer(agency.app, name="agency", help="What an agency does with its own keys.")
app.add_typer(casework.app, name="casework", help="Objections, complaints, repairs and what became of them.")
app.add_typer(config.app, name="config", help="Settings in force.")

try:
    from sharehub.cli import clocks, intake, operate, replay, web, webhook
    from sharehub.cli.demo import demo
    from sharehub.cli.doctor import doctor
    from sharehub.cli.trace import trace
except ModuleNotFoundError as missing:
    # The base installation has the connector kit and the subscriber client only.
    if not missing.name or missing.name.startswith("sharehub"):
        raise
else:
    app.command()(demo)
    operate.register(app)
    app.add_typer(replay.app, name="replay", help="Rebuild the view beside the live one, compare, and swap.")
    app.command()(doctor)
    app.command()(trace)
    intake.register(casework.app)
    clocks.register(casework.app)
    web.register(app)
    webhook.register(app)
