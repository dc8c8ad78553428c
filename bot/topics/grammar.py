"""The grammar of queries, and what a parsed one is.

    query  = all  ("OR" all)*
    all    = one  ("AND"? one)*
    one    = ("-" | "NOT") one | "(" query ")" | ("author:" | "section:") value | words | "“" words "”"

Words side by side are one phrase. Operators are written in capitals, so a topic with a plain "and" in its name stays
one. AND binds before OR. No part of it is a regular expression, and its size is bounded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bot import text
from bot.errors import QueryUnclear

MAX_DEPTH = 8
MAX_TERMS = 20


@dataclass(frozen=True, slots=True)
class Words:
    """A phrase in any spelling; ``exact``: to the letter, with nothing else that may stand for it."""

    key: str
    exact: bool = False
    capitals: tuple[str, ...] = ()
    """Words that must be written in capitals, as US must not to be taken for us."""

    def __str__(self) -> str:
        shown = " ".join(word.upper() if word.upper() in self.capitals else word for word in self.key.split(" "))
        return f'"{shown}"' if self.exact else shown


@dataclass(frozen=True, slots=True)
class Field:
    """Words in a field of the article: its author or its section."""

    name: str
    key: str

    def __str__(self) -> str:
        return f'{self.name}:"{self.key}"'


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be there."""

    of: "Node"

    def __str__(self) -> str:
        return f"-{_bracketed(self.of, Any, All)}"


@dataclass(frozen=True, slots=True)
class All:
    """What must all be there."""

    of: "tuple[Node, ...]"

    def __str__(self) -> str:
        return " AND ".join(_bracketed(part, Any, All) for part in self.of)


@dataclass(frozen=True, slots=True)
class Any:
    """Of which one must be there."""

    of: "tuple[Node, ...]"

    def __str__(self) -> str:
        return " OR ".join(_bracketed(part, Any) for part in self.of)


Node = Words | Field | Not | All | Any


def _bracketed(node: Node, *kinds: type[Node]) -> str:
    return f"({node})" if isinstance(node, kinds) else str(node)


_QUOTES = '"“”„‟«»＂'
_SYMBOL = re.compile(
    rf"""(?P<gap>\s+)
    |(?P<field>(?i:author|section):\s*)
    |(?P<quoted>[{_QUOTES}](?P<inside>[^{_QUOTES}]*)[{_QUOTES}])
    |(?P<open>\()
    |(?P<close>\))
    |(?P<minus>(?<![^\s(])-(?=[\w({_QUOTES}]))
    |(?P<operator>(?:AND|OR|NOT)(?![^\s()]))
    |(?P<stray>[{_QUOTES}])
    |(?P<word>[^\s(){_QUOTES}]+)""",
    re.VERBOSE,
)
_OPERATOR = re.compile(
    rf"""(?:^|\s|\()(?:-(?=[\w({_QUOTES}])|(?:AND|OR|NOT)(?=\s|\(|$)|(?i:author|section):)|[{_QUOTES}]""", re.VERBOSE
)


class _Symbol(NamedTuple):
    kind: str
    text: str
    at: int


_BRACKET = re.compile(r"\(\w|\w\)")


def is_query(words: str) -> bool:
    """Whether these words are more than one plain phrase. So are those with half a pair of brackets, to be told so."""
    is_half = words.count("(") != words.count(")") and _BRACKET.search(words)
    return bool(is_half or _OPERATOR.search(words))


def parse(words: str) -> Node:
    """What a query asks for. Raises QueryUnclear where it cannot be understood or found by any of its words."""
    return _Parser(words).parse()


def phrase(words: str, *, exact: bool = False) -> Words:
    """The phrase of these words, which must have one; short words all in capitals are meant so."""
    return Words(text.key(words), exact, capitals(words))


def capitals(words: str) -> tuple[str, ...]:
    """The words that are written in capitals because they mean something else otherwise: US, WHO, IT.

    One that is written so amid others in capitals is only loud.
    """
    found = re.findall(r"\b[A-Z]{2,5}\b", words)
    others = re.sub(r"\b[A-Z]{2,5}\b", "", words)
    loud = len(found) > 1 and not any(map(str.islower, others))
    return () if loud else tuple(dict.fromkeys(found))


class _Parser:
    def __init__(self, words: str) -> None:
        self._words = words
        self._symbols = list(self._read(words))
        self._at = 0
        self._terms = 0

    def parse(self) -> Node:
        node = self._any(0)
        if (left := self._next()).kind != "end":
            raise QueryUnclear("This bracket closes nothing", left.at)
        if required(node) is None:
            raise QueryUnclear("A query needs something that must be there, beside what must not", 0)
        return node

    def _read(self, words: str) -> Iterator[_Symbol]:
        for match in _SYMBOL.finditer(words):
            kind = match.lastgroup or ""
            if kind == "stray":
                raise QueryUnclear("This quotation mark has no other that closes it", match.start())
            if kind != "gap":
                yield _Symbol(kind, match["inside"] if kind == "quoted" else match[0], match.start())
        yield _Symbol("end", "", len(words))

    def _next(self) -> _Symbol:
        return self._symbols[self._at]

    def _take(self) -> _Symbol:
        symbol = self._symbols[self._at]
        self._at += symbol.kind != "end"
        return symbol

    def _is(self, operator: str) -> bool:
        return self._next()[:2] == ("operator", operator)

    def _any(self, depth: int) -> Node:
        branches = [self._all(depth)]
        while self._is("OR"):
            self._take()
            branches.append(self._all(depth))
        return branches[0] if len(branches) == 1 else Any(tuple(branches))

    def _all(self, depth: int) -> Node:
        parts = [self._one(depth)]
        while self._next().kind not in {"end", "close"} and not self._is("OR"):
            if self._is("AND"):
                self._take()
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self, depth: int) -> Node:
        symbol = self._take()
        if depth > MAX_DEPTH:
            raise QueryUnclear(f"Brackets and negations may be {MAX_DEPTH} deep", symbol.at)
        if symbol.kind == "minus" or symbol[:2] == ("operator", "NOT"):
            negated = self._one(depth + 1)
            return negated.of if isinstance(negated, Not) else Not(negated)
        if symbol.kind == "open":
            return self._bracket(symbol, depth)
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise QueryUnclear(f"A query may have {MAX_TERMS} terms", symbol.at)
        if symbol.kind == "field":
            return self._field(symbol)
        if symbol.kind == "quoted":
            return self._phrase(symbol.text, symbol.at, exact=True)
        if symbol.kind == "word":
            words = [symbol.text]
            while self._next().kind == "word":
                words.append(self._take().text)
            return self._phrase(" ".join(words), symbol.at)
        raise QueryUnclear("Here words are missing", symbol.at)

    def _bracket(self, opened: _Symbol, depth: int) -> Node:
        node = self._any(depth + 1)
        if self._take().kind != "close":
            raise QueryUnclear("This bracket is not closed", opened.at)
        return node

    def _field(self, field: _Symbol) -> Node:
        value = self._take()
        if value.kind not in {"word", "quoted"} or not text.key(value.text):
            raise QueryUnclear("Here a name is missing", field.at)
        return Field(field.text.split(":")[0].lower(), text.key(value.text))

    def _phrase(self, words: str, at: int, *, exact: bool = False) -> Words:
        if not text.key(words):
            raise QueryUnclear("Here is no letter and no digit, so no article could match it", at)
        return phrase(words, exact=exact)


def required(node: Node) -> frozenset[Words | Field] | None:
    """Terms of which at least one must be there for the query to be met; None if there are no such terms.

    Of several sets that would do, the one that is looked for at the least cost: few terms, of many words.
    """
    if isinstance(node, (Words, Field)):
        return frozenset({node})
    if isinstance(node, Not):
        return None
    sets = [required(part) for part in node.of]
    if isinstance(node, Any):
        return None if None in sets else frozenset().union(*(found for found in sets if found))
    usable = [found for found in sets if found]
    return min(usable, key=lambda found: (len(found), -min(len(term.key) for term in found)), default=None)
