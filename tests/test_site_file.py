from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import site_file
from bot.errors import SettingsError
from bot.site_file import MAX_BYTES, Premium, Site, SiteFile, Topics, read_site_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "site.toml"


def wrong(file: Path, text: str) -> list[str]:
    """What is said of a file with this text, without the words that every line begins with."""
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_site_file(file)
    start = f"SITE_FILE {file}: "
    lines = str(caught.value).splitlines()
    assert all(line.startswith(start) for line in lines)
    return [line.removeprefix(start) for line in lines]


def test_all_that_it_may_say(file: Path) -> None:
    file.write_text("""
        [premium]
        categories = ["Premium", " Members only "]
        urls = ["https://paper.example/plus/*"]
        meta = { "article:content_tier" = ["locked"] }
        json_ld = false
        [topics]
        ignored = ["Uncategorized", "Homepage"]
        [topics.aliases]
        "North Korea" = ["DPRK"]
        [topics.not_aliases]
        "Kim Jong-Un" = ["Kim"]
        [site]
        hosts = ["amp.paper.example", "zeitung-müller.example"]
    """)
    assert read_site_file(file) == SiteFile(
        premium=Premium(
            categories=("Premium", "Members only"),
            urls=("https://paper.example/plus/*",),
            meta={"article:content_tier": ("locked",)},
            json_ld=False,
        ),
        topics=Topics(
            ignored=("Uncategorized", "Homepage"),
            aliases={"North Korea": ("DPRK",)},
            not_aliases={"Kim Jong-Un": ("Kim",)},
        ),
        site=Site(hosts=("amp.paper.example", "zeitung-müller.example")),
    )


def test_the_example_in_its_description_is_one(file: Path) -> None:
    example = (site_file.__doc__ or "").partition("\n\n")[2]
    file.write_text(example)
    said = read_site_file(file)
    assert said.premium.urls
    assert said.topics.aliases
    assert said.topics.not_aliases
    assert said.site.hosts


def test_an_empty_file_says_nothing(file: Path) -> None:
    file.write_text("")
    assert read_site_file(file) == SiteFile()


def test_a_file_as_windows_saves_it(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf[premium]\r\njson_ld = false\r\n")
    assert read_site_file(file).premium.json_ld is False


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[premium]\ncatgories = []", "premium.catgories is not known; did you mean categories?"),
        ("[premium]\nURL = []", "premium.URL is not known; did you mean urls?"),
        ("[premiums]\nurls = []", "premiums is not known; did you mean premium?"),
        ('categories = ["Plus"]', "categories is not known; categories belongs below [premium]"),
        ("[premium]\nhost = []", "premium.host is not known; hosts belongs below [site]"),
        ("[site]\ntopics = []", "site.topics is not known; [topics] stands on a line of its own"),
        ("[site]\ncolour = 1", "site.colour is not known; known here are hosts"),
        ('"a\\nb" = 1', r"'a\nb' is not known; known here are premium, topics and site"),
        ("zzz = 1", "zzz is not known; known here are premium, topics and site"),
        ('"a key with spaces" = 1', "'a key with spaces' is not known; known here are premium, topics and site"),
    ],
)
def test_a_key_that_is_not_known_is_named_with_the_one_that_was_meant(file: Path, text: str, says: str) -> None:
    assert wrong(file, text) == [says]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[premium]\ncategories = "Plus"', 'premium.categories must be a list, as in ["one", "another"]'),
        ("[premium]\nurls = [3]", 'premium.urls, entry 1, must be text in quotes, as in "this"'),
        ('[premium]\nurls = ["a", " "]', "premium.urls, entry 2, must not be empty"),
        ('[premium]\njson_ld = "perhaps"', "premium.json_ld must be true or false, without quotes"),
        ("[premium]\njson_ld = []", "premium.json_ld must be true or false, without quotes"),
        ("[premium]\nmeta = []", "premium.meta must be a table, its names before the equals signs"),
        ('[premium.meta]\ntier = "locked"', 'premium.meta.tier must be a list, as in ["one", "another"]'),
        ("premium = 1", "premium must be a table: write its name in brackets"),
        ('[topics.aliases]\n"North Korea" = ["a", 1]', "topics.aliases.'North Korea', entry 2, must be text in quotes"),
        ('[topics.aliases]\n"" = ["a"]', "topics.aliases.'' must not be empty"),
        (
            '[site]\nhosts = ["https://amp.paper.example/"]',
            "site.hosts, entry 1, 'https://amp.paper.example/' is no host",
        ),
        ('[site]\nhosts = ["*.paper.example"]', "'*.paper.example' is no host; write it without https:// and path"),
        (f'[premium]\nurls = ["{"x" * 501}"]', "premium.urls, entry 1, is longer than 500 characters"),
    ],
)
def test_a_wrong_value_is_named_with_the_way_out(file: Path, text: str, says: str) -> None:
    (line,) = wrong(file, text)
    assert says in line


def test_all_that_is_wrong_is_said_at_once(file: Path) -> None:
    assert len(wrong(file, '[premium]\nurls = "x"\njson_ld = 7\n[site]\nname = "x"')) == 3


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"[premium\n", "is not TOML: "),
        (b"a = " + b"[" * 100_000, "is not TOML: "),
        (b"[premium]\ncategories = ['\xe9']", "is not text in UTF-8"),
        (b"#" * (MAX_BYTES + 1), "has more than 1024 kB"),
    ],
)
def test_what_is_no_such_file_is_refused(file: Path, raw: bytes, says: str) -> None:
    file.write_bytes(raw)
    with pytest.raises(SettingsError) as caught:
        read_site_file(file)
    assert str(caught.value).startswith(f"SITE_FILE {file} {says}")


def test_a_file_that_is_not_there_or_a_folder_is_named(tmp_path: Path) -> None:
    for path, reason in {tmp_path / "none.toml": "No such file", tmp_path: "Is a directory"}.items():
        with pytest.raises(SettingsError, match=f"SITE_FILE {path} cannot be read: {reason}.*correct the path"):
            read_site_file(path)


@given(st.binary(max_size=200) | st.text(alphabet='[]{}="\n#premiutocshl.,1', max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused_in_sentences(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(raw)
    try:
        read_site_file(file)
        said = ""
    except SettingsError as error:
        said = str(error)
    assert all(line.startswith(f"SITE_FILE {file}") for line in said.splitlines())
