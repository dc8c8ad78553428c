"""The chat page in a browser, against the stand-in Telegram; the test itself is the bot."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect
from telegram import (
    BotCommand,
    CallbackQuery,
    KeyboardButton,
    KeyboardButtonRequestChat,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
    Update,
)
from telegram import InlineKeyboardButton as Button
from telegram import InlineKeyboardMarkup as Keyboard

from bot.sandbox.page import Page as ChatPage
from bot.sandbox.site import Press, Site
from bot.sandbox.telegram import TOKEN, BotApiServer, Limits, User
from bot.telegram.application import TelegramBot, make_bot
from tests.browser import open_browser, take_screenshot

pytestmark = pytest.mark.asyncio(loop_scope="module")  # that of the browser

ADA, BEN = 1001, 1002
COMMANDS = {"follow": "Follow a topic", "topics": "See what you follow", "help": "See what I can do"}


@dataclass
class Play:
    """All that a test plays with."""

    bot: TelegramBot
    server: BotApiServer
    press: Press
    page: Page
    problems: list[str]
    offset: int = 0

    @property
    def ada(self) -> Locator:
        return self.page.locator(f"#phone-{ADA}")

    @property
    def ben(self) -> Locator:
        return self.page.locator(f"#phone-{BEN}")

    async def write(self, text: str) -> None:
        field = self.ada.get_by_label("Message as Ada")
        await field.fill(text)
        await field.press("Enter")

    async def heard(self) -> str | None:
        """What a reader says next, as the bot learns of it."""
        message = (await self._update()).message
        assert message is not None
        return message.text

    async def replied(self) -> tuple[str | None, str | None]:
        """What a reader says next, and the beginning of what that replies to."""
        message = (await self._update()).message
        assert message is not None
        replied = message.reply_to_message
        return message.text, replied.text if replied else None

    async def tapped(self) -> CallbackQuery:
        """What a reader taps next, as the bot learns of it."""
        query = (await self._update()).callback_query
        assert query is not None
        return query

    async def next_message(self, wanted: Callable[[Message], object] = bool) -> Message:
        """The next message that is as wanted."""
        while True:
            message = (await self._update()).message
            if message is not None and wanted(message):
                return message

    async def _update(self) -> Update:
        (update,) = await self.bot.get_updates(offset=self.offset, limit=1, timeout=10)
        self.offset = update.update_id + 1
        return update

    async def say(self, text: str, *rows: list[Button], chat: int = ADA) -> Message:
        return await self.bot.send_message(chat, text, parse_mode="HTML", reply_markup=Keyboard(rows) if rows else None)

    def messages(self, phone: Locator) -> Locator:
        return phone.locator(".message")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests: to start it takes longer than most of them. Each has a profile of its own in it."""
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def play(browser: Browser) -> AsyncIterator[Play]:
    async with Site() as site:
        press = Press(site)
        async with BotApiServer(TOKEN, Limits.off(), extend=ChatPage(press).extend) as server:
            for number, name in ((ADA, "Ada"), (BEN, "Ben")):
                server.user(number, first_name=name)
            context = await browser.new_context(viewport={"width": 1280, "height": 800})
            async with make_bot(TOKEN, server.url) as bot, context:
                await bot.set_my_commands([BotCommand(name, words) for name, words in COMMANDS.items()])
                context.set_default_timeout(10_000)
                page, problems = await open_page(context, server.url)
                yield Play(bot, server, press, page, problems)
                assert problems == []


async def open_page(context: BrowserContext, url: str) -> tuple[Page, list[str]]:
    """The page, and what goes wrong in it: errors, and whatever it asks another place for."""
    page = await context.new_page()
    problems: list[str] = []

    def told(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            problems.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((url, "data:")) and "/pictures/" not in request.url:
            problems.append(request.url)

    page.on("console", told)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", asked)
    await page.goto(url)
    await expect(page.locator(".status").first).to_have_text("bot")
    await expect(page.locator(".status").last).to_have_text("bot")
    return page, problems


async def test_a_newcomer_is_led_in(play: Play) -> None:
    await expect(play.ada.get_by_text("No messages here yet…")).to_be_visible()
    await expect(play.page.get_by_text("Everything here stays on this machine.")).to_be_visible()
    await take_screenshot(play.page, "page-empty")
    await play.ada.get_by_role("button", name="START", exact=True).click()
    assert await play.heard() == "/start"
    await expect(play.ada.get_by_role("button", name="START", exact=True)).to_be_hidden()
    await expect(play.ada.get_by_text("No messages here yet…")).to_be_hidden()
    await expect(play.ben.get_by_role("button", name="START", exact=True)).to_be_visible()
    await play.ada.get_by_role("button", name="/follow North Korea").click()
    assert await play.heard() == "/follow North Korea"
    await expect(play.ada.locator(".suggestions").get_by_text("/follow North Korea")).to_have_count(0)


async def test_text_is_shown_as_telegram_shows_it(play: Play) -> None:
    await play.write("Hello 😀")
    assert await play.heard() == "Hello 😀"
    await play.say(
        "😀 <b>bold <i>and both</i></b> <a href='https://news.example/a?b=1&amp;c=2'>link</a> <code>x &lt; y</code>"
        " <tg-spoiler>secret</tg-spoiler> &lt;img src=x onerror=alert(1)&gt; /help https://plain.example/"
    )
    text = play.messages(play.ada).last.locator(".text")
    await expect(text).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(text.locator("b")).to_have_text(["bold ", "and both"])
    await expect(text.locator("b i")).to_have_text("and both")
    await expect(text.locator("code")).to_have_text("x < y")
    await expect(text.get_by_role("link", name="link", exact=True)).to_have_attribute(
        "href", "https://news.example/a?b=1&c=2"
    )
    await expect(text.get_by_role("link", name="https://plain.example/")).to_have_attribute("target", "_blank")
    await text.get_by_role("button", name="Hidden text").click()
    await expect(text.locator(".spoiler")).to_have_class("spoiler shown")
    await text.get_by_role("button", name="/help").click()
    assert await play.heard() == "/help"


async def test_a_tap_shows_that_it_works_and_what_it_did(play: Play) -> None:
    await play.write("hello")
    await play.heard()
    read = Button("Read", url="http://127.0.0.1:1/article/?utm_source=telegram")
    sent = await play.say(
        "Article", [read], [Button("Follow", callback_data="follow:1"), Button("Other", callback_data="x")]
    )
    link = play.ada.get_by_role("link", name="Read")
    await expect(link).to_have_attribute("href", "http://127.0.0.1:1/article/?utm_source=telegram")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    chip = play.ada.get_by_role("button", name="Follow", exact=True)
    await chip.click()
    await expect(chip).to_have_attribute("aria-busy", "")
    query = await play.tapped()
    assert (query.data, query.message and query.message.message_id) == ("follow:1", sent.message_id)
    await query.edit_message_reply_markup(Keyboard([[read], [Button("✓ Following", callback_data="stop:1")]]))
    await query.answer("You now follow it.")
    await expect(play.ada.locator(".toasts")).to_have_text("You now follow it.")
    await expect(play.ada.get_by_role("button", name="✓ Following")).to_be_focused()
    await expect(play.ada.locator(".busy")).to_have_count(0)
    await play.ada.get_by_role("button", name="✓ Following").press("Enter")
    await (await play.tapped()).answer("Are you sure?", show_alert=True)
    await expect(play.ada.get_by_role("dialog")).to_contain_text("Are you sure?")
    await play.ada.get_by_role("button", name="OK").click()
    await expect(play.ada.get_by_role("dialog")).to_have_count(0)
    await expect(play.messages(play.ben)).to_have_count(0)


async def test_commands_are_offered_and_completed(play: Play) -> None:
    field = play.ada.get_by_role("combobox")
    await field.press_sequentially("/")
    options = play.ada.get_by_role("option")
    await expect(options).to_have_count(len(COMMANDS))
    await take_screenshot(play.page, "page-menu")
    await field.press_sequentially("f")
    await expect(options).to_have_text(["/followFollow a topic"])
    await field.press("Tab")
    await field.press_sequentially("Rugby")
    await field.press("Enter")
    assert await play.heard() == "/follow Rugby"
    await play.ada.get_by_role("button", name="Commands").click()
    await field.press("ArrowUp")
    await field.press("Enter")
    assert await play.heard() == "/help"
    await field.press_sequentially("/")
    await field.press("Escape")
    await expect(options).to_have_count(0)


async def test_messages_do_not_disturb_who_reads_older_ones(play: Play) -> None:
    await play.write("hello")
    await play.heard()  # before, a bot may not speak
    for number in range(30):
        await play.say(f"Message {number}")
    await expect(play.ada.get_by_text("Message 29")).to_be_in_viewport()
    scroller = play.ada.locator(".scroller")
    place = await scroller.evaluate("scroller => (scroller.scrollTop -= 400)")
    pill = play.ada.get_by_role("button", name="To the newest message")
    await expect(pill).to_be_visible()
    sent = await play.say("Message 30")
    await play.bot.edit_message_text("Message 30 a", ADA, sent.message_id)
    pill = play.ada.get_by_role("button", name="1 new message")
    await expect(play.ada.get_by_text("Message 30 a")).not_to_be_in_viewport()
    assert await scroller.evaluate("scroller => scroller.scrollTop") == place
    await take_screenshot(play.page, "page-pill")
    await pill.click()
    await expect(play.ada.get_by_text("Message 30 a")).to_be_in_viewport()
    await expect(play.ada.locator(".pill")).to_be_hidden()
    await play.bot.delete_message(ADA, sent.message_id)
    await expect(play.ada.get_by_text("Message 30 a")).to_have_count(0)


async def test_the_newsstand_publishes(play: Play) -> None:
    news = play.page.locator(".news")
    await expect(news).to_contain_text("Newest")
    await expect(play.page.locator(".clock")).to_contain_text("Next in")
    assert play.press.state()["automatic"]
    await play.page.get_by_role("button", name="Publish the next article").click()
    article = play.press.site.articles[0]
    await expect(news).to_contain_text(f"Just publishedPremium{article.story.headline}")
    await play.page.get_by_role("switch").click()
    await expect(play.page.locator(".clock")).to_have_text("Automatic is off")
    assert not play.press.state()["automatic"]
    await play.page.get_by_role("switch").click()
    await expect(play.page.locator(".clock")).to_contain_text("Next in")
    while play.press.publish():
        pass
    await play.page.reload()
    await expect(play.page.locator(".clock")).to_have_text("All articles are out")
    await expect(play.page.get_by_role("button", name="Publish the next article")).to_be_disabled()
    await expect(play.page.get_by_role("link", name=play.press.site.name)).to_have_attribute(
        "href", f"{play.press.site.url}"
    )


async def test_the_page_finds_back_to_a_server_that_was_away(play: Play) -> None:
    await play.write("hello")
    await play.heard()  # before, a bot may not speak
    await play.say("Before")
    await play.page.context.set_offline(True)
    await play.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(play.ada.locator(".status")).to_have_text("connecting…")
    await play.say("Meanwhile")
    await play.page.context.set_offline(False)
    await expect(play.ada.get_by_text("Meanwhile")).to_be_visible()
    await expect(play.ada.locator(".status")).to_have_text("bot")
    await expect(play.messages(play.ada)).to_have_count(3)
    play.problems.clear()  # the browser reports what it could not load


async def test_on_a_phone_there_is_one_chat_at_a_time(play: Play) -> None:
    await play.page.set_viewport_size({"width": 390, "height": 844})
    await expect(play.ben).to_be_hidden()
    play.server.world.say(play.server.world.chats[BEN], "hello", BEN)
    await play.say("For Ben", chat=BEN)
    await expect(play.page.get_by_role("tab", name="Ben 1")).to_be_visible()
    await take_screenshot(play.page, "page-narrow")
    await play.page.get_by_role("tab", name="Ada").press("ArrowRight")
    await expect(play.ben.get_by_text("For Ben")).to_be_visible()
    await expect(play.ada).to_be_hidden()
    await expect(play.page.get_by_role("tab", name="Ben", exact=True)).to_be_focused()
    assert await play.page.evaluate("document.documentElement.scrollWidth") == 390


async def test_the_newsstand_refuses_what_it_does_not_know() -> None:
    async with Site() as site:
        press = Press(site)
        async with BotApiServer(TOKEN, extend=ChatPage(press).extend) as server, ClientSession(server.url) as http:
            for body in ("", "[]", '{"on": 1.5}', '{"on": true, "more": 1}'):
                async with http.post("/newsstand/automatic", data=body) as answer:
                    assert (answer.status, "must be" in await answer.text()) == (400, True)
            for name in ("app.py", "..%2Froutes.py", "index"):
                async with http.get(f"/page/{name}") as answer:
                    assert answer.status == 404
            async with http.get("/") as answer:
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_articles_appear_by_themselves_until_all_are_out() -> None:
    async with Site(archive=32) as site:
        press = Press(site, every=0.01)
        press.look()
        async with asyncio.timeout(10):
            await press.run()
        assert (site.waiting, press.publish()) == (0, None)
        assert press.state()["next_in"] is None


async def test_a_message_is_answered(play: Play) -> None:
    await play.write("Hello")
    assert await play.heard() == "Hello"
    await play.say("An alert")
    bubble = play.messages(play.ada).last.locator(".bubble")
    for gives_up in (True, False):
        await bubble.hover()
        await bubble.get_by_role("button", name="Reply").click()
        await expect(play.ada.locator(".quoted")).to_have_text("An alert×")
        if gives_up:
            await play.ada.get_by_role("button", name="Do not reply").click()
            await expect(play.ada.locator(".quoted")).to_be_hidden()
    await play.write("/mute")
    assert await play.replied() == ("/mute", "An alert")
    await expect(play.messages(play.ada).last.locator(".quote")).to_have_text("An alert")
    await play.write("Bye")
    assert await play.replied() == ("Bye", None)
    await take_screenshot(play.page, "page-reply")


@pytest.mark.parametrize("small", [False, True])
async def test_an_articles_picture_is_shown(play: Play, small: bool) -> None:
    await play.write("Hello")
    article = play.press.site.articles[0]
    address = play.press.site.url + article.picture
    options = LinkPreviewOptions(
        is_disabled=False,
        url=address,
        prefer_small_media=small,
        prefer_large_media=not small,
        show_above_text=not small,
    )
    sent = await play.bot.send_message(ADA, "<b>A headline</b>", "HTML", link_preview_options=options)
    picture = play.messages(play.ada).last.locator("img")
    await expect(picture).to_have_js_property("naturalWidth", 1200)
    await expect(picture).to_have_class("picture small" if small else "picture")
    await take_screenshot(play.page, f"page-picture-{'small' if small else 'above'}")
    await sent.edit_text("Withdrawn", link_preview_options=LinkPreviewOptions(is_disabled=True))
    await expect(picture).to_have_count(0)


async def test_a_deep_link_starts_with_its_payload(play: Play) -> None:
    await play.write("Hello")
    assert await play.heard() == "Hello"
    await play.page.goto(f"{play.server.url}/?start=north-korea")
    await play.ada.get_by_role("button", name="START", exact=True).click()
    assert await play.heard() == "/start north-korea"
    await expect(play.ada.get_by_role("button", name="START", exact=True)).to_be_hidden()


async def test_a_reader_turns_to_groups_threads_and_channels(play: Play) -> None:
    readers = [User(play.server.world, play.server.world.chats[number]) for number in (ADA, BEN)]
    club, channel = play.server.group("Club", readers), play.server.group("Channel", readers, kind="channel")
    club.chat.is_forum, club.chat.threads = True, {7}
    await channel.kick()
    await play.page.reload()
    chats = play.ada.get_by_label("Ada’s chats")
    await chats.select_option("Club › 7")
    await play.write("/topics")
    await expect(play.messages(play.ada)).to_have_count(1)
    asked = await play.next_message()
    assert asked.from_user is not None
    assert (asked.chat_id, asked.message_thread_id, asked.from_user.id) == (club.id, 7, ADA)
    await play.bot.send_message(club.id, "To the thread", message_thread_id=7)
    await play.bot.send_message(club.id, "To all")
    await expect(play.messages(play.ada)).to_have_count(2)
    await expect(play.messages(play.ada).last.locator(".author")).to_have_text("Sandbox")
    await take_screenshot(play.page, "page-thread")
    await chats.select_option("Club")
    await expect(play.messages(play.ada)).to_have_count(1)
    await expect(play.messages(play.ada)).to_contain_text("To all")
    await chats.select_option("Sandbox")
    await play.write("/channel")
    assert (await play.next_message()).text == "/channel"
    ask = KeyboardButton("Choose", request_chat=KeyboardButtonRequestChat(1, chat_is_channel=True))
    await play.bot.send_message(ADA, "Which?", reply_markup=ReplyKeyboardMarkup([[ask]]))
    await play.ada.get_by_role("button", name="Choose").click()
    shared = await play.next_message(lambda message: message.chat_shared)
    assert shared.chat_shared is not None
    assert shared.chat_shared.chat_id == channel.id
    await play.bot.send_message(channel.id, "To subscribers")
    await chats.select_option("Channel")
    await expect(play.messages(play.ada)).to_contain_text("To subscribers")
    await expect(play.ada.locator(".composer")).to_be_hidden()
