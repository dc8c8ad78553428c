"""Moving to another database, as the operator sees it."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.database_url import engine_url
from bot.errors import SettingsError
from bot.settings import Settings
from bot.store import copying
from bot.store.database import Database


async def move(settings: Settings, to: str) -> None:
    """Copy everything to the database at this address, and say what to do next. Raises SettingsError, StoreError."""
    try:
        url = engine_url(to)
    except ValueError as error:
        raise SettingsError(f"--to {error}") from None
    async with Database(settings.engine_url) as source, Database(url) as target:
        with source.alone(), target.alone():
            await source.check_version()
            rows = await copying.count(source)
            with _progress() as progress:
                task = progress.add_task("copying", total=sum(rows.values()))

                def told(table: str, copied: int) -> None:
                    progress.update(task, advance=copied, description=table)

                await copying.copy(source, target, told)
                progress.update(task, description="all counts agree")
        Console(highlight=False, soft_wrap=True).print(
            f"Copied {sum(rows.values()):,} rows to {target.address}. Set DATABASE_URL to it, and start `web` and"
            " `worker`; keep the old database until you have seen them work, but start nothing on it any more."
        )


def _progress() -> Progress:
    return Progress(TextColumn("{task.description:>16}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
