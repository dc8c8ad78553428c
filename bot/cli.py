"""The commands: ``python -m bot``, or ``tagalong`` where it is installed.

Each command imports what it needs: ``--help`` shall not wait for the whole service.
"""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from bot import __version__
from bot.errors import TagalongError
from bot.topics.reasons import Scope

if TYPE_CHECKING:
    from bot.settings import Settings

T = TypeVar("T")

app = typer.Typer(
    name="tagalong",
    help="The Telegram bot with which a news site's readers follow topics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def run() -> None:
    """Everything in one process: talk with readers, read the feeds, send alerts."""
    _serve("RUN", "token", "feeds")


@app.command()
def web() -> None:
    """One of many processes: take updates by webhook and talk with readers."""
    _serve("WEB", "token", "feeds", "shared_url", "webhook_url")


@app.command()
def worker() -> None:
    """One of many processes: read the feeds and send alerts."""
    _serve("WORKER", "token", "feeds", "shared_url")


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    from bot.store.database import Database

    settings = _settings()

    async def work() -> None:
        async with Database(settings.engine_url) as database:
            with database.alone():
                await database.migrate()

    _run(work())


@app.command()
def copy(
    to: Annotated[str, typer.Option(envvar="COPY_TO", help="The address of an empty database, postgres://…")],
) -> None:
    """Move everything from the database at DATABASE_URL into an empty one. The bot must not run meanwhile."""
    from bot.moving import move

    _run(move(_settings(), to))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to; what is there is replaced when the backup is whole.")],
) -> None:
    """Write a SQLite database to a file, also while the bot runs. The bot starts from it as it is."""
    from bot.errors import SettingsError
    from bot.store.backup import back_up

    url = _settings().engine_url
    if url.get_backend_name() != "sqlite":
        raise SettingsError("DATABASE_URL is a PostgreSQL: back it up with pg_dump, or as its host offers")
    size = back_up(Path(str(url.database)), file)
    typer.echo(f"{file}: {size / 1e6:,.1f} MB")


@app.command()
def feed(
    sources: Annotated[
        list[str], typer.Argument(metavar="URL-OR-FILE…", help="Feeds; - is what comes by standard input.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object an article and line.")] = False,
) -> None:
    """Print what the bot sees in feeds; with no database and no Telegram."""
    from bot import logs
    from bot.feeds import printing
    from bot.feeds.premium import PremiumRules
    from bot.settings import Settings

    settings = Settings.load()
    logs.configure("error", settings.log_format)  # on standard error are only the feeds that cannot be read
    rules = PremiumRules.of(settings.premium_categories, settings.site.premium)
    raise typer.Exit(0 if _run(printing.print_all(sources, rules, as_json=as_json)) else 1)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a finding and line.")] = False,
) -> None:
    """Check all that the bot rests on; say what to mend. The exit code is 0 when nothing is to be mended, else 1."""
    from bot.doctor.printing import visit

    raise typer.Exit(0 if _run(visit(as_json=as_json)) else 1)


@app.command()
def links(
    form: Annotated[
        Literal["text", "html", "json"], typer.Option("--as", help="How they are printed; text: name, tab, link.")
    ] = "text",
) -> None:
    """Print for each tag of the site the link with which readers follow it on Telegram."""
    from bot.site_links import print_links

    _run(print_links(_settings(), form, sys.stdout))


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Where it listens, on this machine only.", min=0, max=65535)] = 8081,
    token: Annotated[str | None, typer.Option(help="The one bot's token; else that of the first that calls.")] = None,
) -> None:
    """A local Bot API server, as strict as Telegram is: for trying and testing bots."""
    from bot import logs
    from bot.sandbox import telegram

    logs.configure("info", "text")
    _run(telegram.serve(port, token))


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the chat page is, on this machine only.", min=0, max=65535)] = 8080,
) -> None:
    """Try it without a token: a sample site, a stand-in Telegram and the bot, on this machine alone."""
    from bot.sandbox.demo import demo as play

    raise typer.Exit(_run(play(port=port)))


@app.command()
def topics(
    name: Annotated[str, typer.Argument(help="Words of their name; without any, all are printed.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a topic and line.")] = False,
) -> None:
    """What is known of each topic: spellings, articles, followers, aliases, and what words were learned for it."""
    from bot.store.database import Database
    from bot.topics import inspecting

    settings = _settings()

    async def work() -> bool:
        async with Database(settings.engine_url) as database:
            await database.check_version()
            return await inspecting.show(database, settings.site.topics, name, as_json=as_json)

    raise typer.Exit(0 if _run(work()) else 1)


@app.command()
def match(
    topics: Annotated[Path, typer.Option(help="A file with one topic a line, in the words a reader would use.")],
    scope: Annotated[Scope, typer.Option(help="Where a mention counts; headline: tags, headline and teaser.")] = (
        Scope.HEADLINE
    ),
    learn: Annotated[Path | None, typer.Option(help="Tagged articles, one JSON object a line, to learn from.")] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Match each article without its own tags, then learn from them.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say why, too.")] = False,
) -> None:
    """Which topics articles match: one JSON object a line in, one a line out. Needs no settings and no database."""
    from bot.topics.answering import Answering

    _collect_garbage()
    answering = Answering(explain=explain)
    matcher = answering.prepare(topics, scope)
    if learn:
        answering.learn(matcher, learn)
    way = matcher.match_then_learn if online else matcher.match
    answering.answer(matcher, sys.stdin.buffer, sys.stdout.buffer, way)
    raise typer.Exit(int(answering.failed))


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Say the version, and nothing else.")] = False,
) -> None:
    """What all commands share."""
    if version:
        typer.echo(f"tagalong {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line. What can be expected to go wrong is said in a sentence, with exit code 1."""
    gc.disable()  # what a command imports stays: to look for garbage among it again and again was a fifth of a start
    try:
        app()
    except TagalongError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)


def _serve(role: str, *needed: str) -> None:
    settings = _settings()
    settings.require(*needed)
    from bot import service  # after the settings: one that is wrong shall be told at once

    _run(service.serve(settings, service.Role[role]))


def _settings() -> "Settings":
    """The settings, with the log as they want it."""
    import structlog

    from bot import logs
    from bot.settings import Settings

    settings = Settings.load()
    logs.configure(settings.log_level, settings.log_format, settings.secrets)
    for sentence in settings.doubtful():
        structlog.stdlib.get_logger().warning(sentence)
    return settings


def _run(work: Coroutine[Any, Any, T]) -> T:
    _collect_garbage()
    return asyncio.run(work)


def _collect_garbage() -> None:
    """From now on, and not among what is there."""
    gc.freeze()
    gc.enable()
