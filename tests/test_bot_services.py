from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from bot.services import MODES, SUITES, Mode, Services, Suite
from bot.settings import Settings
from corpus import SourceNotFound
from embeddings.encoder import Encoder
from retrieval import IndexMismatch, IndexMissing, searching, suites
from retrieval.generation import Manifest, current_generation
from tests.fakes import HashEncoder


class Hashing(Services):
    """The real packages with a fake encoder."""

    def encoder(self, settings: Settings) -> Encoder:
        return HashEncoder(name=settings.model or "hash")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "1.txt").write_text("质量问题可以退货。运费由商家承担。\n", encoding="utf-8")
    made = Settings(state=tmp_path / "state")
    Hashing().build([articles], made)
    return made


def test_the_model_of_an_index_is_known_without_opening_it(
    settings: Settings, tmp_path: Path
) -> None:
    assert Services().index_model(settings.index_directory) == "hash"
    assert Services().index_model(tmp_path / "none") is None


def test_another_model_is_refused_before_it_is_loaded(settings: Settings) -> None:
    wanted = replace(settings, model="some/other-model")
    with pytest.raises(IndexMismatch, match="built with model hash, but the settings name some"):
        Services().open(wanted)


def test_an_index_opens_with_its_own_model(settings: Settings) -> None:
    searcher = Hashing().open(replace(settings, model="hash"))
    answer = searcher.answer("质量问题怎么退货")
    searcher.close()
    assert answer.passages[0].text.startswith("质量问题可以退货。")
    assert answer.index_passages == 1


def test_no_index_is_missing_not_mismatched(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        Hashing().open(Settings(state=tmp_path / "new", model="hash"))


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Three folders with an article each; `added` is where the bot puts what comes by chat."""
    made = {"mine": tmp_path / "mine", "other": tmp_path / "other", "added": tmp_path / "s/added"}
    for name, folder in made.items():
        folder.mkdir(parents=True)
        (folder / f"{name}.txt").write_text(f"{name}：退货七天。", encoding="utf-8")
    return made


def roots(settings: Settings) -> list[str]:
    return [
        Path(root).name
        for root in Manifest.read(current_generation(settings.index_directory)).roots
    ]


def test_a_rebuild_keeps_what_was_added_by_chat_and_names_it_last(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    settings, services = Settings(state=tmp_path / "s"), Hashing()
    assert services.build([folders["mine"]], settings).articles == 1, "it was never added"
    services.build([folders["added"], folders["mine"]], settings)
    for paths in ([folders["other"]], [], [folders["added"], folders["other"]]):
        assert services.build(paths, settings).articles == 2
        assert roots(settings) == ["other", "added"]


def test_articles_by_chat_go_with_their_folder(folders: dict[str, Path], tmp_path: Path) -> None:
    settings, services = Settings(state=tmp_path / "s"), Hashing()
    for paths in ([], [folders["mine"]]):
        services.build([folders["mine"], folders["added"]], settings)
        kept = folders["added"].rename(tmp_path / "kept")
        report = services.build(paths, settings)
        assert (report.articles, report.removed, roots(settings)) == (1, 1, ["mine"])
        kept.rename(folders["added"])
    services.build([folders["added"]], settings)
    shutil.rmtree(folders["added"])
    for paths in ([], [folders["added"]]):
        with pytest.raises(SourceNotFound):
            services.build(paths, settings)


def test_the_choices_of_the_command_line_are_those_of_retrieval() -> None:
    """They stand there again so that `--help` loads nothing; `searching` and `suites` are heavy."""
    assert MODES == get_args(Mode) == get_args(searching.Mode)
    assert SUITES == get_args(Suite) == get_args(suites.Suite)


def test_samples_are_there() -> None:
    assert len(list(Services().samples().iterdir())) >= 24
