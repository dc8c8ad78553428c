import pytest

from bot.topics import earlier
from bot.topics.earlier import Earlier


def words(said: str) -> dict[str, float]:
    return dict.fromkeys(said.split(), 1.0)


def test_what_is_like_earlier_articles_has_their_tags_the_more_the_more_alike() -> None:
    kept = Earlier()
    kept.add(words("senate votes on court nominee"), ["court"])
    kept.add(words("senate votes on budget"), ["budget"])
    kept.add(words("rain in the north"), ["weather"])
    tags = kept.tags(words("court nominee faces senate"))
    assert tags["court"] > tags["budget"] > 0
    assert "weather" not in tags
    assert sum(tags.values()) < 1


def test_nothing_is_said_of_what_is_like_nothing() -> None:
    kept = Earlier()
    assert kept.tags(words("anything")) == {}
    kept.add(words("rain in the north"), ["weather"])
    assert kept.tags(words("court nominee")) == kept.tags({}) == {}


def test_only_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(earlier, "MOST", 3)
    kept = Earlier()
    for number in range(10):
        kept.add(words(f"word{number} again"), [f"tag{number}"])
    assert kept.tags(words("word0")) == {}
    assert set(kept.tags(words("word9"))) == {"tag9"}
    assert set(kept._with) == {"word7", "word8", "word9", "again"}
