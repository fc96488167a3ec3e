"""What the commands need from the lower packages, each imported when it is first used.

The seam of the tests: a fake overrides these methods, nothing is patched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from bot.settings import Settings

if TYPE_CHECKING:
    from corpus import Listing
    from corpus.records import Article, Failure, Notice, SourceFile
    from embeddings import Reranker
    from embeddings.encoder import Encoder
    from retrieval import BuildReport, Evaluation, Finding, Searcher, Standing
    from retrieval.building import Progress
    from retrieval.generation import Manifest
    from retrieval.overview import Overview

Mode: TypeAlias = Literal["hybrid", "lexical", "dense"]
MODES: tuple[Mode, ...] = ("hybrid", "lexical", "dense")
Suite: TypeAlias = Literal["cross-script", "mixed-script", "damaged", "refusal"]
SUITES: tuple[Suite, ...] = ("cross-script", "mixed-script", "damaged", "refusal")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an evaluation is asked for; paths as the command line has them."""

    mode: Mode = "hybrid"
    directory: Path | None = None
    run: Path | None = None
    suites: tuple[Suite, ...] = ()
    against: Path | None = None
    seed: int = 1


class Services:
    """The lower packages as the commands see them."""

    def today(self) -> date:
        """Return the day on which 去年 is said, and to which the age of sources is counted."""
        return date.today()

    def encoder(self, settings: Settings) -> Encoder:
        """Load the encoder the settings name: the index's own, or the bundled one."""
        from embeddings import BUNDLED, load_encoder

        name = settings.model or self.index_model(settings.index_directory) or BUNDLED
        return load_encoder(
            name,
            batch_size=settings.batch_size,
            threads=settings.threads,
            device=settings.device,
        )

    def index_model(self, directory: Path) -> str | None:
        """Return the name of the encoder an index was built with; None without an index."""
        manifest = self._manifest(directory)
        return None if manifest is None else str(manifest.encoder.get("name"))

    def _roots(self, directory: Path) -> tuple[str, ...]:
        """Return what an index was built from; nothing without an index."""
        manifest = self._manifest(directory)
        return () if manifest is None else manifest.roots

    def _manifest(self, directory: Path) -> Manifest | None:
        from retrieval.errors import RetrievalError
        from retrieval.generation import Manifest, current_generation

        try:
            return Manifest.read(current_generation(directory))
        except RetrievalError:
            return None  # a damaged index is replaced by the rebuild that asks

    def open(self, settings: Settings) -> Searcher:
        """Open the index, with the encoder the settings name or the index's own.

        Raises:
            IndexMismatch: the settings name another model. Said before that model is loaded,
                which takes seconds, or minutes where it is to be downloaded.
        """
        from retrieval import IndexMismatch, Searcher

        built = self.index_model(settings.index_directory)
        # A folder may be written in several ways; its identity is compared once it is loaded.
        if built and settings.model not in (None, built) and not Path(settings.model).exists():
            raise IndexMismatch(
                f"index {settings.index_directory} was built with model {built}, but the settings "
                f"name {settings.model}; rebuild it, or set XUNZHANG_MODEL={built}"
            )
        encoder = None if settings.model is None else self.encoder(settings)
        return Searcher.open(
            settings.index_directory,
            encoder,
            today=self.today,
            synonyms=settings.synonyms,
            # Without an index nothing is opened; what is wrong with the model is then said later.
            reranker=self.reranker(settings) if built else None,
        )

    def reranker(self, settings: Settings) -> Reranker | None:
        """Load the reranker the settings name; one line on stderr where it cannot be had."""
        from bot.screen import note
        from embeddings import CrossEncoderReranker, EmbeddingsError

        if settings.reranker is None:
            return None
        try:
            return CrossEncoderReranker(
                settings.reranker, batch_size=settings.batch_size, device=settings.device
            )
        except EmbeddingsError as error:
            note(f"{error}; the ranking goes on without a reranker")
            return None

    def build(
        self,
        paths: Sequence[Path],
        settings: Settings,
        *,
        full: bool = False,
        progress: Progress | None = None,
    ) -> BuildReport:
        """Make the index hold the articles of these paths, and what was added to it by chat.

        Without paths: of those of the last time.
        """
        from retrieval import build_index

        return build_index(
            self._with_added(paths, settings),
            settings.index_directory,
            self.encoder(settings),
            full=full,
            cache=settings.cache,
            progress=progress,
        )

    def _with_added(self, paths: Sequence[Path], settings: Settings) -> list[Path]:
        """Return the paths and, last, the folder of articles by chat, if the index has any.

        Whoever removes that folder by hand removes its articles.
        """
        added, roots = settings.added.absolute(), self._roots(settings.index_directory)
        if str(added) not in roots:
            return list(paths)
        named = [path.absolute() for path in paths] or [Path(root) for root in roots]
        others = [path for path in named if path != added]
        if added.is_dir():
            return [*others, added]
        return named if paths else others

    def find_files(self, path: Path) -> Listing:
        """List the files below a path that may hold articles."""
        from corpus import find_files

        return find_files([path])

    def read_articles(self, file: SourceFile) -> Iterator[Article | Failure | Notice]:
        """Read what a file holds."""
        from corpus import read_articles

        return read_articles(file)

    def list_shared(self, articles: Sequence[Article]) -> list[Article]:
        """Add what several of the articles share to what was dropped from each."""
        from corpus.cutting import with_shared_listed

        return with_shared_listed(articles)

    def evaluate(
        self, dataset: Path, settings: Settings, wanted: Wanted, progress: Progress | None
    ) -> Evaluation:
        """Measure retrieval on a data set in BEIR layout."""
        from embeddings import BUNDLED, load_encoder
        from retrieval.suites import Plan, evaluate_suites

        encoder = load_encoder(
            settings.model or BUNDLED,
            batch_size=settings.batch_size,
            threads=settings.threads,
            device=settings.device,
        )
        return evaluate_suites(
            dataset,
            encoder,
            Plan(wanted.suites, wanted.against, wanted.seed),
            directory=wanted.directory,
            mode=wanted.mode,
            run=wanted.run,
            progress=progress,
        )

    def look_over(self, directory: Path) -> Overview:
        """Gather what the report tells of an index."""
        from retrieval.overview import look_over

        return look_over(directory)

    def check(self, settings: Settings) -> list[Finding]:
        """Say what is wrong with the index."""
        from retrieval import check_index

        return check_index(settings.index_directory, model=settings.model)

    def roll_back(self, directory: Path) -> str:
        """Go back to the generation before the live one and return its name."""
        from retrieval import roll_back

        return roll_back(directory)

    def standings(self, directory: Path, path: Path) -> list[Standing]:
        """Say what became of the articles of a file in the index."""
        from retrieval import standings

        return standings(directory, path)

    def samples(self) -> Path:
        """Return the folder of the articles that come with the program."""
        import corpus

        return Path(str(corpus.__file__)).with_name("sample")
