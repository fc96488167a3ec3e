"""An archive, an index and a person to stand in for the real ones in the tests of `bot`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bot.rendering import Block, to_plain
from bot.services import Services, Wanted
from bot.settings import Settings
from corpus.records import Article, Drop, Failure, Notice, Repair, SourceFile
from corpus.script import detect_script
from retrieval import (
    Answer,
    BuildReport,
    Damage,
    Evaluation,
    Exchange,
    Finding,
    FoundPassage,
    IndexMissing,
    Quote,
    Searcher,
    Source,
    StoredArticle,
)
from retrieval.evaluation import Outcome

if TYPE_CHECKING:
    from corpus import Listing

BODY = "开头一句。质量问题可以退货。结尾一句。"
"""The text of the article that every passage is the middle of."""
TEXT = "质量问题可以退货。"


def source(number: int = 1, **changes: str | None) -> Source:
    made = Source(
        id=f"a{number}",
        title=f"第{number}篇",
        path=f"/archive/{number}.txt",
        url=None,
        published="2023-09-05",
        site="消费者报",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def passage(
    rank: int = 1, text: str = TEXT, quote: tuple[int, int] | None = (0, 4)
) -> FoundPassage:
    return FoundPassage(
        rank=rank,
        score=0.9 / rank,
        text=text,
        heading=None,
        start=5,
        quote=None if quote is None else Quote(text[quote[0] : quote[1]], *quote),
        article=source(rank),
        damage=Damage(),
        evidence={"lexical_rank": rank, "dense_rank": None, "matched": ["退货", "质量"]},
    )


def answer(
    question: str = "质量问题怎么退货", passages: int = 2, status: str = "answered"
) -> Answer:
    return Answer(
        question=question,
        status="answered" if status == "answered" else "not_found",
        confidence=0.9 if status == "answered" else 0.2,
        script=detect_script(question) or "hans",
        passages=tuple(passage(rank) for rank in range(1, passages + 1)),
        nearest_titles=("第1篇", "第2篇"),
        generation="gen-000001",
        index_passages=12,
        encoder="hash",
        timing_ms={"encode": 0.5, "search": 1.5, "total": 2.0},
        explanation={"threshold": 0.5},
    )


@dataclass
class FakeManifest:
    passages: int = 12


class FakeSearcher:
    """Answers every question alike, except those about 火星, of which it knows nothing.

    One that begins with 那 leans on the one before, where there was one.
    """

    generation = "gen-000001"
    encoder_name = "hash"

    def __init__(self, error: Exception | None = None) -> None:
        self.manifest = FakeManifest()
        self.error = error
        self.asked: list[tuple[str, int]] = []
        self.before: list[Exchange | None] = []
        """What each question was asked after."""
        self.closed = False

    def answer(self, question: str, *, limit: int = 5, previous: Exchange | None = None) -> Answer:
        self.asked.append((question, limit))
        self.before.append(previous)
        if self.error is not None:
            raise self.error
        status = "not_found" if "火星" in question else "answered"
        made = answer(question, passages=min(limit, 7), status=status)
        if previous is None or not question.startswith("那"):
            return replace(made, exchange=Exchange(question, ("a1",), (("a1", 5),)))
        understood = f"{previous.subject} · {question}"
        return replace(made, understood=understood, exchange=previous)

    def article(self, article_id: str) -> StoredArticle | None:
        return None if article_id == "a3" else StoredArticle(source(1), BODY)

    def close(self) -> None:
        self.closed = True


REPORT = BuildReport(
    generation="gen-000002",
    articles=3,
    passages=12,
    new=1,
    changed=0,
    removed=0,
    unchanged=2,
    failed=(),
    notices=(),
    ignored=(),
    seconds=0.25,
)


@dataclass
class FakeServices(Services):
    """The lower packages; each field is what the command gets, `calls` what it asked for."""

    searcher: FakeSearcher = field(default_factory=FakeSearcher)
    indexed: bool = True
    report: BuildReport = REPORT
    findings: list[Finding] = field(default_factory=list)
    found: list[Article | Failure | Notice] = field(default_factory=list)
    unlisted: list[Failure] = field(default_factory=list)
    error: BaseException | None = None
    calls: list[tuple[object, ...]] = field(default_factory=list)

    def today(self) -> date:
        return date(2024, 1, 1)

    def open(self, settings: Settings) -> Searcher:
        self._called("open", settings)
        if not self.indexed:
            raise IndexMissing(f"there is no index at {settings.index_directory}")
        return cast("Searcher", self.searcher)

    def build(
        self,
        paths: Sequence[Path],
        settings: Settings,
        *,
        full: bool = False,
        progress: Callable[[str, int, int | None], None] | None = None,
    ) -> BuildReport:
        self._called("build", tuple(paths), settings, full)
        self.indexed = True
        return self.report

    def find_files(self, path: Path) -> Listing:
        from corpus import Listing

        self._called("find_files", path)
        return Listing(
            files=(SourceFile(path, path.name),), ignored=(), failures=tuple(self.unlisted)
        )

    def read_articles(self, file: SourceFile) -> Iterator[Article | Failure | Notice]:
        return iter(self.found)

    def evaluate(
        self,
        dataset: Path,
        settings: Settings,
        wanted: Wanted,
        progress: Callable[[str, int, int | None], None] | None,
    ) -> Evaluation:
        self._called("evaluate", dataset, settings, wanted)
        figures: dict[str, Outcome] = {one: Outcome({"same": 1.0}) for one in wanted.suites}
        return Evaluation(
            7, {"R@1": 0.5, "nDCG@10": 0.75}, {"p50": 1.0, "p95": 2.0}, suites=figures
        )

    def check(self, settings: Settings) -> list[Finding]:
        self._called("check", settings)
        return self.findings

    def roll_back(self, directory: Path) -> str:
        self._called("roll_back", directory)
        return "gen-000001"

    def _called(self, *call: object) -> None:
        self.calls.append(call)
        if self.error is not None:
            raise self.error


def article(**changes: object) -> Article:
    made = Article(
        id="a1",
        title="标题",
        text="標題\n正文。",
        path="/archive/1.txt",
        encoding="gb18030",
        published="2023",
        repairs=(Repair("annotation", "創(chuàng)", "創", 3),),
        dropped=(Drop("navigation", "首页 > 新闻"),),
        unrepaired=(4,),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


class Person:
    """Types the given lines, then leaves; an exception among them is raised instead."""

    def __init__(self, *lines: str | type[BaseException]) -> None:
        self._lines = iter(lines)
        self.saw: list[str] = []

    def read(self) -> str:
        line = next(self._lines, EOFError)
        if isinstance(line, str):
            self.saw.append(f"> {line}\n")
            return line
        raise line

    def write(self, blocks: Iterable[Block]) -> None:
        self.saw.append(to_plain(blocks))

    @property
    def screen(self) -> str:
        return "".join(self.saw)
