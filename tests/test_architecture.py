"""The dependency direction and the import fences of the house, read off the source."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ALLOWED = {
    "corpus": {"corpus"},
    "embeddings": {"embeddings"},
    "retrieval": {"retrieval", "corpus", "embeddings"},
    "bot": {"bot", "retrieval", "corpus", "embeddings"},
}
# Third-party package -> where alone it may be imported.
FENCES = {
    "faiss": ("retrieval/dense.py",),
    "tantivy": ("retrieval/lexical.py",),
    "sentence_transformers": ("embeddings/sentence.py",),
    "torch": ("embeddings/sentence.py", "embeddings/training"),
    "telegram": ("bot/telegram/",),
    "aiohttp": ("bot/telegram/wire.py",),
    "rensa": ("corpus/families.py",),
    "pickle": (),
}
MODULES = [path for package in ALLOWED for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> Iterator[str]:
    """Give the top-level name of everything a module imports, at any depth of it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_packages_depend_in_one_direction(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    assert set(imported(path)) & ALLOWED.keys() <= ALLOWED[package]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_packages_stay_behind_their_fence(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    for name in set(imported(path)) & FENCES.keys():
        assert place.startswith(FENCES[name]), f"{place} imports {name}"


def test_the_fences_see_what_they_guard() -> None:
    fenced = {name for path in MODULES for name in imported(path)} & FENCES.keys()
    assert {"faiss", "tantivy", "sentence_transformers", "torch"} <= fenced


def test_packages_are_the_ones_of_this_checkout() -> None:
    import bot
    import corpus
    import embeddings
    import retrieval

    for package in (bot, corpus, embeddings, retrieval):
        assert Path(str(package.__file__)).is_relative_to(ROOT)


@pytest.mark.parametrize(
    "statement",
    [
        "import corpus, embeddings; from retrieval import *",
        "import bot.cli",
        "import embeddings; embeddings.load_encoder().encode_questions(['质量'])",
    ],
)
def test_the_default_path_loads_no_torch(statement: str) -> None:
    heavy = "{'torch', 'sentence_transformers', 'transformers'}"
    code = f"{statement}; import sys; sys.exit(bool({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_worker_of_a_build_loads_nothing_of_what_answers() -> None:
    code = "import retrieval.preparing, sys; sys.exit('retrieval.answering' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_every_public_name_is_there() -> None:
    import retrieval

    assert all(hasattr(retrieval, name) for name in retrieval.__all__)
    assert not hasattr(retrieval, "nothing_of_the_kind")


def test_no_unsafe_loading() -> None:
    for path in MODULES:
        source = path.read_text(encoding="utf-8")
        for word in ("allow_pickle=True", "trust_remote_code=True", "eval("):
            assert word not in source.replace("literal_eval(", ""), f"{path} has {word}"
