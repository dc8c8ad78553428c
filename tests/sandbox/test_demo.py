"""The demo as a newcomer starts it: a process, a link, a page in a browser, Ctrl-C."""

import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from bot.errors import SettingsError
from bot.sandbox.demo import TOKEN, environment, free_port
from bot.settings import Settings
from tests.browser import open_browser, take_screenshot
from tests.process import Running, running

LINK = r"^ +(http://127\.0\.0\.1:\d+/)$"
"""The link that it prints when all is ready."""


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Running]:
    """The demo, in a folder where a publisher's own settings lie about, and with those in its environment, too."""
    (tmp_path / ".env").write_text("BOT_TOKEN=not a token\nFEED_URLS=https://publisher.example/feed/\n")
    (tmp_path / "tmp").mkdir()
    environment = {"TMPDIR": str(tmp_path / "tmp"), "bot_token": "1:the-publishers-own", "LOG_LEVEL": "x"}
    async with running(["-m", "bot", "demo", "--port", "0"], environment) as demo:
        yield demo


async def test_a_reader_follows_and_is_told_and_nobody_else_is(demo: Running, tmp_path: Path) -> None:
    async with open_browser() as browser:
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        page = await context.new_page()
        await page.goto((await demo.wait_for(LINK))[1])
        await follow_and_publish(page)
        ada, ben = page.locator("#phone-1001"), page.locator("#phone-1002")
        await take_screenshot(page, "demo-light")
        await page.emulate_media(color_scheme="dark")
        await take_screenshot(page, "demo-dark")
        await expect(ben.get_by_text("harvest figures")).to_have_count(0)
        await ada.get_by_role("button", name="Agriculture").click()
        await expect(ada.locator(".toasts")).to_contain_text("You now follow Agriculture")
        await expect(ada.get_by_role("button", name="✓ Agriculture")).to_be_visible()
        article = await tap(page, ada.get_by_role("link", name="Already a member? Sign in"))
        assert "utm_campaign=topic-alert" in article.url
        await expect(article.get_by_role("heading", level=1)).to_contain_text("harvest figures")
        await expect(article.get_by_role("region", name="For subscribers")).to_contain_text("Already a member?")
        await take_screenshot(article, "demo-article")
        offer = await tap(page, ada.get_by_role("link", name="Subscribe"))
        await expect(offer.get_by_role("heading", level=1)).to_contain_text("Read all of")
    children = await demo.children()
    assert children
    assert await demo.end(signal.SIGINT) == 0, demo.output
    assert "Traceback" not in demo.output
    assert "the-publishers-own" not in demo.output
    assert list((tmp_path / "tmp").glob("tagalong-*")) == []
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


async def follow_and_publish(page: Page) -> None:
    """Ada follows one topic, Ben another; an article on Ada's appears."""
    for reader, topic in {"Ada": "North Korea", "Ben": "Springboks"}.items():
        field = page.get_by_role("combobox", name=f"Message as {reader}")
        await field.fill(f"/follow {topic}")
        await field.press("Enter")
        chat = page.get_by_role("region", name=f"{reader}'s chat")
        await expect(chat.get_by_text(f"You now follow {topic}")).to_be_visible()
    await page.get_by_role("button", name="Publish the next article").click()
    alert = page.get_by_role("region", name="Ada's chat").get_by_text("North Korea publishes harvest figures")
    await expect(alert).to_be_visible(timeout=15_000)


async def tap(page: Page, link: Locator) -> Page:
    """What opens in a tab of its own."""
    async with page.context.expect_page() as opened:
        await link.click()
    return await opened.value


async def test_it_ends_before_it_has_begun(demo: Running) -> None:
    assert await demo.end(signal.SIGTERM) in {0, -signal.SIGTERM}  # Python itself may not be up yet
    assert "Traceback" not in demo.output


async def test_it_says_so_when_the_bot_dies(demo: Running, tmp_path: Path) -> None:
    await demo.wait_for(LINK)
    for child in await demo.children():
        os.kill(child, signal.SIGKILL)
    assert await demo.end() == 1
    assert "The bot ended by itself" in demo.output
    assert "follows feed" in demo.output.partition("The bot ended by itself")[2]
    assert list((tmp_path / "tmp").glob("tagalong-*")) == []


def test_nothing_of_a_publisher_reaches_the_demos_bot() -> None:
    mine = {name.upper(): "mine" for name in Settings.model_fields} | {"database_url": "mine", "HOME": "/home/me"}
    given = environment(mine, "http://127.0.0.1:1", "http://127.0.0.1:2", "/tmp/x")  # noqa: S108 - only a name
    assert "mine" not in given.values()
    assert (given["HOME"], given["BOT_TOKEN"], given["BOT_API_URL"]) == ("/home/me", TOKEN, "http://127.0.0.1:2")


def test_a_port_that_is_taken_gives_way_to_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port(port) <= port + 100
    assert free_port(0) == 0


def test_no_port_left_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 65535))
        taken.listen()
        with pytest.raises(SettingsError, match="--port"):
            free_port(65535)
