import pytest

from bot.text import key
from bot.topics import countries


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("North Korea", "KP"),
        ("Noord-Korea", "KP"),
        ("Corée du Nord", "KP"),
        ("Россия", "RU"),
        ("朝鲜", "KP"),
        ("Deutschland", "DE"),
        ("USA", "US"),
        ("Turkey", "TR"),
        ("Côte d’Ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("European Union", "EU"),
        ("North Korean", "KP"),
    ],
)
def test_a_country_is_known_by_its_names_in_many_languages(name: str, code: str) -> None:
    assert countries.country(key(name)) == code


@pytest.mark.parametrize("name", ["Korea FC", "Vladimir Putin", "us", "polish", "", "American"])
def test_what_is_no_country(name: str) -> None:
    assert countries.country(key(name)) is None
    assert not countries.aliases(key(name))


def test_a_country_has_its_other_names_and_its_people_as_aliases_but_not_itself() -> None:
    assert {"north korean", "north koreans"} == countries.aliases("north korea")
    assert {"north korea", "north korean"} <= countries.aliases("noord korea")


def test_the_languages_are_those_of_the_site() -> None:
    assert "noord korea" in countries.aliases("north korea", ("nl",))
    assert "north korean" not in countries.aliases("north korea", ("nl",))


def test_every_alias_leads_back_to_its_country() -> None:
    for name in ("north korea", "france", "great britain", "saudi arabia", "u s"):
        for alias in countries.aliases(name):
            assert countries.country(alias) == countries.country(name)
