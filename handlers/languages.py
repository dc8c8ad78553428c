"""/language: the reader's language is Telegram's until another is chosen."""

from dataclasses import dataclass, replace
from typing import ClassVar

from babel import Locale
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.language import ENGLISH, available, translation
from bot.model import ChatKind
from bot.store import chats
from bot.telegram.buttons import in_rows
from bot.telegram.presses import Press, button
from bot.text import fold
from handlers import menu
from handlers.settings_choices import Open, Page
from handlers.turn import Turn


class Tongue(str):
    """A language that the bot speaks, as gettext writes it. Raises ValueError where there is no catalogue for it."""

    __slots__ = ()
    TELEGRAMS: ClassVar[str] = "telegram"
    """Whatever the reader's app is set to."""

    def __new__(cls, name: str) -> "Tongue":
        """The language of this name."""
        if name not in {cls.TELEGRAMS, *spoken()}:
            raise ValueError(f"{name!r} is no language of the bot's")
        return super().__new__(cls, name)


@dataclass(frozen=True, slots=True)
class ShowLanguages(Press):
    """Show the languages to choose from."""

    WORD: ClassVar[str] = "languages"


@dataclass(frozen=True, slots=True)
class SetLanguage(Press):
    """Speak this language."""

    WORD: ClassVar[str] = "language"
    to: Tongue


def spoken() -> list[str]:
    """The languages that the bot speaks, as gettext writes them, in alphabetical order."""
    return sorted({ENGLISH, *available()})


def own_name(language: str) -> str:
    """What a language is called by those who speak it."""
    name = Locale.parse(language).get_display_name() or language
    return name[:1].upper() + name[1:]


async def language(turn: Turn) -> None:
    """Speak the language that the words name, or offer those there are."""
    named = _named(turn)
    if named is not None:
        turn = await _speak(turn, named)
    text, keyboard = _page(turn, await _chosen(turn))
    if turn.words and named is None:
        text = turn._("I did not understand that.") + f"\n\n{text}"
    await turn.say(text, keyboard)


async def show(turn: Turn, _: Message, __: ShowLanguages) -> bool:
    """The same, in place of the settings."""
    await turn.acknowledge()
    await turn.edit(*_page(turn, await _chosen(turn)))
    return True


async def choose(turn: Turn, _: Message, press: SetLanguage) -> bool:
    """Speak the language from now on, also in this answer."""
    chosen = None if press.to == Tongue.TELEGRAMS else str(press.to)
    await turn.acknowledge()
    turn = await _speak(turn, chosen)
    await turn.edit(*_page(turn, chosen))
    return True


def _named(turn: Turn) -> str | None:
    """The language that the words name: by its code, as its speakers call it, or as the reader does."""
    for name in spoken():
        told = {Locale.parse(name).get_display_name(locale) for locale in (turn.language.locale, ENGLISH)}
        if fold(turn.words.strip()) in {fold(called) for called in (name, own_name(name), *filter(None, told))}:
            return name
    return None


async def _speak(turn: Turn, chosen: str | None) -> Turn:
    """Speak this language, None for Telegram's; the turn in it."""
    async with turn.desk.database.write() as connection:
        await chats.speak(connection, turn.chat, chosen, turn.desk.clock())
    if turn.chat.kind is ChatKind.PRIVATE:
        await menu.speak(turn.bot, turn.chat.id, chosen)
    return replace(turn, language=translation(chosen or turn.chat.language))


async def _chosen(turn: Turn) -> str | None:
    async with turn.desk.database.read() as connection:
        return await chats.language(connection, turn.chat.id)


def _page(turn: Turn, chosen: str | None) -> tuple[str, InlineKeyboardMarkup]:
    _ = turn._
    choices = [_option(own_name(name), name, chosen=name == chosen) for name in spoken()]
    if turn.chat.kind is ChatKind.PRIVATE:
        choices.append(_option(_("As in Telegram"), Tongue.TELEGRAMS, chosen=chosen is None))
    back = button(f"‹ {_('Settings')}", Open(Page.MAIN))
    return _("Which language shall I speak?"), InlineKeyboardMarkup([*in_rows(choices), [back]])


def _option(label: str, name: str, *, chosen: bool) -> InlineKeyboardButton:
    return button(f"✓ {label}" if chosen else label, SetLanguage(Tongue(name)))
