import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import text
from bot.topics import likeness


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("Vladimir Putin", ("putin",)),
        ("Marine Le Pen", ("le pen", "pen")),
        ("Bill de Blasio", ("de blasio", "blasio")),
        ("Bashar al- Assad", ("al assad", "assad")),
        ("Conan O'Brien", ("o brien",)),
        ("J.K. Rowling", ("rowling",)),
        ("George W. Bush", ("bush",)),
        ("Владимир Путин", ("путин",)),
        ("Putin", ()),
        ("The Exception", ()),
        ("Law and Legislation", ()),
        ("Paris 2024", ()),
        ("Lee Na", ()),
        ("Boards, Councils", ()),
        ("A Very Long Name Indeed", ()),
        ("習近平", ()),
        ("Über alles", ()),
    ],
)
def test_last_names(name: str, last: tuple[str, ...]) -> None:
    assert likeness.last_names(name) == last


@pytest.mark.parametrize(
    ("short", "full", "expected"),
    [
        ("hillary clinton", "hillary rodham clinton", True),
        ("clinton", "hillary rodham clinton", False),
        ("hillary rodham", "hillary rodham clinton", False),
        ("george w bush", "george h w bush", True),
        ("george w h bush", "george h w bush", False),
        ("vladimir putin", "vladimir putin", False),
    ],
)
def test_a_name_without_its_middle(short: str, full: str, expected: bool) -> None:
    assert likeness.leaves_out_middle(short, full) is expected


@pytest.mark.parametrize(
    ("key", "plain"),
    [
        ("donald j trump", "donald trump"),
        ("vitamin c", "vitamin c"),
        ("j k rowling", "j rowling"),
        ("team 4 africa", "team 4 africa"),
        ("mali", "mali"),
    ],
)
def test_initials_are_left_out(key: str, plain: str) -> None:
    assert likeness.without_initials(key) == plain


@pytest.mark.parametrize(
    ("key", "short"),
    [("federal bureau of investigation", "fbi"), ("new york city", "nyc"), ("house of representatives", None)],
)
def test_what_long_names_are_called_for_short(key: str, short: str | None) -> None:
    assert likeness.initials(key) == short


@pytest.mark.parametrize(
    ("typed", "meant", "expected"),
    [
        ("vladimir puttin", "vladimir putin", True),
        ("vladimri putin", "vladimir putin", True),
        ("barak obama", "barack obama", True),
        ("mohammed bin salmn alsaud", "mohamed bin salman alsaud", True),
        ("vladmir putn", "vladimir putin", False),
        ("zambia", "gambia", False),
        ("puma", "zuma", False),
        ("paris 2024", "paris 2028", False),
        ("iraq", "iran", False),
        ("習 近 評", "習 近 平", False),
        ("bladimir putin", "vladimir putin", False),
    ],
)
def test_what_must_be_a_slip_of_the_finger(typed: str, meant: str, expected: bool) -> None:
    assert likeness.is_slip(typed, meant) is expected


@given(st.text(max_size=40))
def test_any_text_has_a_likeness_or_none(name: str) -> None:
    assert all(text.key(last) == last for last in likeness.last_names(name))
    if key := text.key(name):
        assert 0 <= likeness.errors_beyond_doubt(key) <= likeness.errors_thinkable(key)
        assert likeness.is_slip(key, key)
        assert set(likeness.without_initials(key).split(" ")) <= set(key.split(" "))
