"""`up` and `down`: the embedded Kafka and PostgreSQL."""

import typer

from sharehub import bootstrap
from sharehub.cli.context import cli_of
from sharehub.errors import UsageError


def up(context: typer.Context) -> None:
    """Start the embedded Kafka and PostgreSQL; they stay until `down`."""
    cli = cli_of(context)
    settings = cli.settings
    try:
        from sharehub.embedded import up as start  # noqa: PLC0415 - the base installation lacks the extra
        from sharehub.embedded.progress import shown_progress  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UsageError("the embedded stack is not installed", hint="pip install 'sharehub[embedded]'") from error
    if settings.kafka.bootstrap_servers and settings.database.url:
        raise UsageError("Kafka and PostgreSQL are both set: there is nothing to start", hint="sharehub init")
    with shown_progress(quiet=cli.quiet) as on_progress:
        stack = start(
            bootstrap.home(settings),
            kafka=not settings.kafka.bootstrap_servers,
            postgres=not settings.database.url,
            on_progress=on_progress,
        )
    answer = {
        "bootstrap_servers": settings.kafka.bootstrap_servers or stack.bootstrap_servers,
        "database_url": settings.database.url or stack.database_url,
        "home": str(bootstrap.home(settings)),
    }
    cli.answer(answer, lambda out: out.print("\n".join(f"{key}: {value}" for key, value in answer.items())))


def down(context: typer.Context) -> None:
    """Stop the embedded Kafka and PostgreSQL; data stays."""
    cli = cli_of(context)
    from sharehub.embedded import down as stop  # noqa: PLC0415 - the base installation lacks the extra

    stopped = stop(bootstrap.home(cli.settings))
    words = "stopped" if stopped else "nothing was running"
    cli.answer({"stopped": stopped}, lambda out: out.print(words))
