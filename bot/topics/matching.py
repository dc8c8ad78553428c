"""The matcher: which topics an article is about, and why.

It is memory only, and needs no database; where there is one, that is the truth, and ``refreshing`` has it known here.

An article costs its own length and its hits, whatever the number of topics: phrases, aliases and the words that a
query cannot do without are looked up in one index, and a query is thought about only when such words are there.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from bot import text
from bot.model import Article, Topic
from bot.topics import countries, grammar
from bot.topics.evidence import Kind
from bot.topics.learning import Learner, Verdict
from bot.topics.phrases import MAX_WORDS, Phrases
from bot.topics.questioning import Findings
from bot.topics.reasons import Because, Scope, Where, Why
from bot.topics.subject import Passage, Subject

NO_TOPIC = -1
"""What the index says of a phrase that is an alias or a query's word only."""


class Matcher:
    """All topics by their folded words.

    ``version`` is that of the store's topics up to which it knows them. ``aliases`` says what else a folded name is
    called. Pairs of words and topic in ``never`` do not count; those in ``always`` do, whatever was learned.
    """

    def __init__(
        self,
        topics: Iterable[Topic] = (),
        *,
        aliases: Callable[[str], Collection[str]] = countries.aliases,
        never: Collection[tuple[str, str]] = (),
        always: Collection[tuple[str, str]] = (),
        learner: Learner | None = None,
    ) -> None:
        self._phrases = Phrases()
        self._keys: dict[int, str] = {}
        self._capitals: dict[int, tuple[str, ...]] = {}
        self._aliased: dict[str, set[int]] = {}
        self._queries: dict[int, grammar.Node] = {}
        self._triggers: dict[str, set[int]] = {}
        self._aliases = aliases
        self._never = frozenset(never)
        self._always = frozenset(always)
        self._learner = learner
        self.version = 0
        self.take_in(topics)

    def take_in(self, topics: Iterable[Topic]) -> None:
        """Know these topics from now on."""
        for topic in topics:
            if grammar.is_query(topic.key):
                self._take_in_query(topic)
            else:
                self._take_in_phrase(topic)

    def forget(self, topic: Topic) -> None:
        """Know this topic no longer."""
        self._capitals.pop(topic.id, None)
        for alias in self._keys.pop(topic.id, "") and self._aliases(topic.key):
            self._release(self._aliased, alias, topic.id)
        if self._phrases.number(topic.key) == topic.id:
            self._phrases.discard(topic.key)
            self._watch(topic.key)
        if node := self._queries.pop(topic.id, None):
            for trigger in self._words_for(node):
                self._release(self._triggers, trigger, topic.id)

    def match(self, article: Article) -> frozenset[int]:
        """The ids of the topics that the article is about, by its tags, headline and teaser."""
        return frozenset(why.topic for why in self.explain(Subject.of(article)))

    def explain(
        self, subject: Subject, scope: Scope = Scope.HEADLINE, verdicts: Collection[Verdict] | None = None
    ) -> tuple[Why, ...]:
        """The topics of an article, each with the most telling reason. ``verdicts``: the learner's, if it gave them.

        The body only adds to what the rest of the article says, and takes nothing from it.
        """
        if verdicts is None:
            verdicts = self._verdicts(subject, scope)
        passed = {verdict.tag: verdict for verdict in verdicts if verdict.passes}
        runs = list(subject.tag_keys)
        narrower = self.explain(subject, Scope.HEADLINE, verdicts) if scope is Scope.ANYWHERE else ()
        best = {why.topic: why for why in narrower}
        for why in self._tagged(subject):
            best.setdefault(why.topic, why)
        for passage in subject.passages(scope):
            found = self._phrases.found(passage.words)
            runs += found
            self._say(passage, found, best, passed)
        for tag, verdict in passed.items():
            if (number := self._topic(tag)) is not None:
                best.setdefault(number, _learned(number, verdict))
        for why in self._asked(subject, scope, [*runs, *passed], passed):
            best.setdefault(why.topic, why)
        return tuple(best.values())

    def _verdicts(self, subject: Subject, scope: Scope) -> Collection[Verdict]:
        if self._learner is None or scope is Scope.TAGS:
            return ()
        headline, teaser = (passage.words for passage in subject.passages(Scope.HEADLINE))
        return self._learner.judge(self._learner.read(headline, teaser))

    def _topic(self, run: str) -> int | None:
        number = self._phrases.number(run)
        return None if number == NO_TOPIC else number

    def _tagged(self, subject: Subject) -> Iterator[Why]:
        for key, tag in subject.tag_keys.items():
            if (number := self._topic(key)) is not None:
                yield Why(number, Where.TAG, (tag,), Because.NAME)
            for number in self._aliased.get(key, ()):
                if (key, self._keys[number]) not in self._never:
                    yield Why(number, Where.TAG, (tag,), Because.ALIAS)

    def _say(self, passage: Passage, runs: Mapping[str, int], best: dict[int, Why], passed: Collection[str]) -> None:
        """Add why a passage is about which topics, to those that are known already."""
        where, capitals, aliased = passage.where, self._capitals, self._aliased
        for run, number in runs.items():
            if (
                number != NO_TOPIC
                and number not in best
                and (number not in capitals or passage.shouts(capitals[number]))
                and self._means(run, run, passed)
            ):
                best[number] = Why(number, where, (run,), Because.NAME)
            if run in aliased:
                for other in aliased[run]:
                    if other not in best and self._means(run, self._keys[other], passed):
                        best[other] = Why(other, where, (run,), Because.ALIAS)

    def _asked(self, subject: Subject, scope: Scope, runs: Iterable[str], learned: Collection[str]) -> Iterator[Why]:
        """The queries that are met, of those whose words are there."""
        if not self._queries:
            return
        asked = {number for run in filter(self._triggers.__contains__, runs) for number in self._triggers[run]}
        asked.update(self._of_field("author", subject.byline), self._of_field("section", subject.section))
        findings = Findings(subject, scope, learned, self._aliases)
        for number in asked:
            if why := findings.answer(number, self._queries[number]):
                yield why

    def _means(self, run: str, key: str, passed: Collection[str]) -> bool:
        """Whether a name of a topic means it, as far as the newsroom's tags have shown."""
        if self._never and (run, key) in self._never:
            return False
        if self._learner is None or key in passed or (run, key) in self._always:
            return True
        return self._learner.believes(run, key, Kind.NAME if run == key else Kind.ALIAS)

    def _take_in_phrase(self, topic: Topic) -> None:
        if not topic.key or topic.key.count(" ") >= MAX_WORDS:
            return  # nothing that a reader can follow: an article's tag that says nothing, or a whole sentence
        self._phrases.add(topic.key, topic.id)
        if capitals := grammar.capitals(topic.name):
            self._capitals[topic.id] = capitals
        else:
            self._capitals.pop(topic.id, None)
        for alias in self._aliases(topic.key):
            self._keys[topic.id] = topic.key
            self._aliased.setdefault(alias, set()).add(topic.id)
            self._watch(alias)

    def _take_in_query(self, topic: Topic) -> None:
        node = self._queries[topic.id] = grammar.parse(topic.key)
        for trigger in self._words_for(node):
            self._triggers.setdefault(trigger, set()).add(topic.id)
            self._watch(trigger)

    def _words_for(self, node: grammar.Node) -> Iterator[str]:
        """The words of which some must be there for the query to be worth a thought."""
        for term in grammar.required(node) or ():
            yield str(term) if isinstance(term, grammar.Field) else term.key
            if isinstance(term, grammar.Words) and not term.exact:
                yield from self._aliases(term.key)

    def _watch(self, run: str) -> None:
        """Have the index find this run where it means something beside being a topic's name."""
        if (run in self._aliased or run in self._triggers) and run not in self._phrases:
            self._phrases.add(run, NO_TOPIC)

    def _release(self, index: dict[str, set[int]], run: str, number: int) -> None:
        numbers = index.get(run, set())
        numbers.discard(number)
        if not numbers:
            index.pop(run, None)
            if self._phrases.number(run) == NO_TOPIC:
                self._phrases.discard(run)
                self._watch(run)

    def _of_field(self, name: str, value: str) -> Iterator[int]:
        words = text.tokens(value)
        for start in range(len(words)):
            for end in range(start + 1, len(words) + 1):
                yield from self._triggers.get(str(grammar.Field(name, " ".join(words[start:end]))), ())


def _learned(number: int, verdict: Verdict) -> Why:
    in_headline = any(each.in_headline for each in verdict.evidence)
    where = Where.HEADLINE if in_headline else Where.TEASER
    words = tuple(each.words for each in verdict.evidence if each.in_headline == in_headline)
    return Why(number, where, words[:3], Because.LEARNED, verdict.sureness)
