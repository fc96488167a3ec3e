"""Everything the bundled model is trained on, read from disk and folded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from pathlib import Path

from embeddings.tokens import Vocabulary
from embeddings.training_citations import (
    WRITTEN,
    ArticleIndex,
    Cited,
    read_asked,
    read_cited,
    read_written,
)
from embeddings.training_evaluation import Evaluator, nearly_same
from embeddings.training_labels import LABELS, read_labels
from embeddings.training_pairs import Judged
from embeddings.training_texts import (
    Fold,
    Pair,
    Text,
    read_asked_as_written,
    read_benchmark,
    read_laws,
    read_news,
    read_pairs,
)
from embeddings.training_vocabulary import Counts, Limits, build_vocabulary

JUDGED = "stard_train"
GENERAL = ("drcd_dev", "cmrc_trial")
EVERYDAY = "everyday"
_MISLEADING_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Material:
    """Everything read from disk, folded, with the vocabulary made from it."""

    laws: list[Text]
    news: list[Text]
    pairs: list[Pair]
    cited: list[Cited]
    written: list[Cited]
    labelled: list[Cited]
    vocabulary: Vocabulary
    shares: Counts
    evaluators: dict[str, Evaluator]
    _met: dict[Cited, tuple[int, ...]] = field(default_factory=dict)
    """Places of the passages that mislead, of questions met before."""

    @property
    def questions(self) -> dict[str, str]:
        """The judged questions by id."""
        return self.evaluators[JUDGED].benchmark.queries

    def judged(self, queries: Sequence[str]) -> list[Cited]:
        """Give judged questions with the places of what answers them."""
        benchmark = self.evaluators[JUDGED].benchmark
        return [
            Cited(benchmark.queries[query], tuple(benchmark.relevant[query])) for query in queries
        ]

    def with_misleading(self, asked: Sequence[Cited]) -> list[Judged]:
        """Add to each question the passages BM25 takes for answers and that are none.

        What nearly says the same as an answer, in an older law for instance, is no wrong answer.
        """
        passages = self.evaluators[JUDGED].benchmark.passages
        found = []
        for one in asked:
            # A question stands among them more than once, and in every fold.
            if (wrong := self._met.get(one)) is None:
                alike = self.evaluators[JUDGED].best(one.question)[:_MISLEADING_DEPTH].tolist()
                same = nearly_same(
                    [_body(passages[place]) for place in alike],
                    [_body(passages[place]) for place in one.answers],
                )
                right = {*one.answers, *(alike[number] for number in same)}
                wrong = self._met[one] = tuple(sorted({*alike} - right))
            answers = tuple(passages[place] for place in one.answers)
            found.append(Judged(one.question, answers, tuple(passages[place] for place in wrong)))
        return found

    def facts(self) -> dict[str, int]:
        """Count what is trained on."""
        return {
            "articles of law": len(self.laws),
            "news paragraphs": len(self.news),
            "question-answer pairs": len(self.pairs),
            "questions citing an article": len(self.cited),
            "questions labelled by us": len(self.labelled),
            "questions written by us": len(self.written),
            "judged questions": len(self.questions),
        }

    def digest(self) -> str:
        """Return a digest of every text that is trained on or measured with."""
        trained = self.laws, self.news, self.pairs, self.cited, self.written, self.labelled
        asked = [(name, one.benchmark) for name, one in self.evaluators.items()]
        digest = sha256()
        for one in (*chain.from_iterable(trained), *asked):
            digest.update(repr(one).encode())
        return digest.hexdigest()

    def meeting(self) -> list[str]:
        """Give all texts, each with what is asked of it: so everyday and official words meet.

        A question that nearly is a judged one is left out: the folds must not know it.
        """
        judged = list(self.questions.values())
        texts = [text.whole for text in (*self.laws, *self.news)]
        near = nearly_same([pair.question for pair in self.pairs], judged)
        texts += [
            f"{pair.question}\n{pair.answer}"
            for place, pair in enumerate(self.pairs)
            if place not in near
        ]
        ours = [*self.written, *self.labelled]
        near = nearly_same([one.question for one in ours], judged)
        asked: dict[int, list[str]] = defaultdict(list)
        for place, one in enumerate(ours):
            if place not in near:
                for article in one.answers:
                    asked[article].append(one.question)
        passages = self.evaluators[JUDGED].benchmark.passages
        return texts + ["\n".join([*asked[place], passages[place]]) for place in sorted(asked)]


def _body(passage: str) -> str:
    return passage.partition("\n")[2]


def read_material(
    data: Path,
    fold: Fold,
    limits: Limits,
    *,
    written: Path = WRITTEN,
    labels: Path = LABELS,
    everyday: Path | None = None,
) -> Material:
    """Read and fold the data, choose the vocabulary, score the benchmarks by keyword.

    `written` is a folder of questions to train on, `labels` a file of articles for questions of
    the data, `everyday` a file of questions to test with.

    Raises:
        ValueError: one of these names an article of law that STARD's passages do not hold.
    """
    laws, news, pairs = read_laws(data, fold), read_news(data, fold), read_pairs(data, fold)
    evaluators = {}
    for name in (JUDGED, *GENERAL):
        evaluators[name] = Evaluator(read_benchmark(data / "eval" / name, fold))
    pool = evaluators[JUDGED]
    index = ArticleIndex(pool.benchmark)
    if everyday is not None:
        evaluators[EVERYDAY] = pool.asked(*read_asked(everyday, index, fold))
    ours, cited = read_written(written, index, fold), read_cited(pairs, index)
    labelled = read_labels(labels, read_asked_as_written(data), index, fold)
    # What we say of a question goes before what the answer to it cites.
    known = {one.question for one in labelled}
    cited = [one for one in cited if one.question not in known]
    labelled = [one for one in labelled if one.answers]
    asked = [one.question for one in ours]
    groups = [
        (1.0, [text.whole for text in laws]),
        (1.0, [text.whole for text in news]),
        (1.0, [*asked, *(part for pair in pairs for part in (pair.question, pair.answer))]),
    ]
    vocabulary, shares = build_vocabulary(groups, limits)
    return Material(laws, news, pairs, cited, ours, labelled, vocabulary, shares, evaluators)
