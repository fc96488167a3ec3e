"""What the bundled model is trained on: laws, news, questions with answers, STARD; all folded.

Texts must be folded exactly as they will be at run time, and embeddings knows nothing of the
corpus package; so the fold is an argument, given by name like the data.
"""

from __future__ import annotations

import json
import lzma
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

Fold = Callable[[str], str]

FOLD = "corpus.folding:fold"
"""The fold that the bundled model is made for, looked up when training runs."""

_ARTICLE = re.compile(r"^第[〇零一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十]+)?[\s　]")
_HEADING = re.compile(r"^#{2,6}\s+(.+)")
_TAG = re.compile(r"<[^>]+>")
_BREAK = re.compile(r"</p>|<br\s*/?>")
_NEWS_OPENING = re.compile(r"^(央视网消息)?\s*[（(]新闻联播[）)][:：]\s*")
_PASSAGE = 400


@dataclass(frozen=True, slots=True)
class Text:
    """A passage as retrieval gives it to the encoder, in its three parts; folded."""

    title: str
    heading: str
    body: str

    @property
    def whole(self) -> str:
        """What is encoded: the parts that are there, a line each."""
        return "\n".join(part for part in (self.title, self.heading, self.body) if part)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and the text that answers it; folded."""

    question: str
    answer: str
    source: str


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A folder in BEIR layout; folded."""

    ids: list[str]
    passages: list[str]
    """`title`, line break, `text` of each article."""
    queries: dict[str, str]
    relevant: dict[str, list[int]]
    """Query id to positions in `passages`."""


def find_fold(name: str = FOLD) -> Fold:
    """Find the function `module:function` that folds texts as they arrive at run time.

    Raises:
        ValueError: the name does not lead to a function.
    """
    module, _, function = name.partition(":")
    try:
        found: Fold = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"{name!r} is no fold; give it as module:function") from error
    return found


def read_laws(data: Path, fold: Fold) -> list[Text]:
    """Read every article of every law; an article met twice is kept once."""
    found: dict[str, Text] = {}
    for document in _documents(data, "laws"):
        for text in _articles_of_law(document, fold):
            found.setdefault(text.title + text.body, text)
    return list(found.values())


def read_news(data: Path, fold: Fold) -> list[Text]:
    """Read the paragraphs of the news with their headlines; repeated items are kept once."""
    found: dict[str, Text] = {}
    for document in _documents(data, "news"):
        for text in _paragraphs_of_news(document, fold):
            found.setdefault(text.body, text)
    return list(found.values())


def read_pairs(data: Path, fold: Fold) -> list[Pair]:
    """Read questions and answers; equal pairs are kept once."""
    found: dict[Pair, None] = {}
    for record in _lines(data / "train" / "qa_pairs.jsonl"):
        question, answer = fold(record["question"]).strip(), fold(record["answer"]).strip()
        if question and answer:
            found[Pair(question, answer, record["source"])] = None
    return list(found)


def read_asked_as_written(data: Path) -> Iterator[str]:
    """Give the questions of `read_pairs` as they stand in the data, not folded."""
    return (record["question"] for record in _lines(data / "train" / "qa_pairs.jsonl"))


def read_benchmark(folder: Path, fold: Fold) -> Benchmark:
    """Read a folder in BEIR layout: corpus.jsonl, queries.jsonl, qrels.tsv."""
    ids, passages = [], []
    for record in _lines(folder / "corpus.jsonl"):
        ids.append(record["_id"])
        passages.append(fold(f"{record.get('title') or ''}\n{record['text']}").strip())
    queries = {r["_id"]: fold(r["text"]) for r in _lines(folder / "queries.jsonl")}
    place = {id_: number for number, id_ in enumerate(ids)}
    relevant: dict[str, list[int]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, article, score = line.split("\t")
        if int(score) > 0:
            relevant.setdefault(query, []).append(place[article])
    return Benchmark(ids, passages, {q: queries[q] for q in queries if q in relevant}, relevant)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Give the records of a JSONL file, or of the same file with .xz behind its name."""
    packed = path.with_name(path.name + ".xz")
    opened = path.open(encoding="utf-8") if path.exists() else _unpacked(packed)
    with opened as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _unpacked(path: Path) -> TextIO:
    return lzma.open(path, "rt", encoding="utf-8")


def _documents(data: Path, name: str) -> Iterator[str]:
    """Give the Markdown files of a folder, or of the archive of that name, in order."""
    folder = data / name
    if folder.is_dir():
        for path in sorted(folder.rglob("*.md")):
            yield path.read_text(encoding="utf-8")
        return
    with tarfile.open(data / f"{name}.tar.xz") as archive:
        contents = {}
        for member in archive:
            stream = archive.extractfile(member) if member.name.endswith(".md") else None
            if stream is not None:
                contents[member.name] = stream.read().decode("utf-8")
    for path_in_archive in sorted(contents):
        yield contents[path_in_archive]


def _articles_of_law(document: str, fold: Fold) -> Iterator[Text]:
    head, _, rest = document.partition("<!-- INFO END -->")
    title = fold(next((line[2:] for line in head.splitlines() if line.startswith("# ")), ""))
    heading, block = "", list[str]()
    for line in rest.splitlines():
        line = line.strip()
        match = _HEADING.match(line)
        if match or _ARTICLE.match(line) or sum(map(len, block)) > _PASSAGE:
            yield from _text(title, heading, block, fold)
            block = []
        if match:
            heading = fold(match[1]).strip()
        elif line:
            block.append(line)
    yield from _text(title, heading, block, fold)


def _paragraphs_of_news(document: str, fold: Fold) -> Iterator[Text]:
    headline = ""
    for line in document.splitlines():
        if match := _HEADING.match(line):
            headline = fold(_TAG.sub("", match[1])).strip()
            continue
        if not line.startswith("<p"):
            continue
        block = list[str]()
        for piece in _BREAK.split(line):
            piece = _NEWS_OPENING.sub("", _TAG.sub("", piece).strip()).strip()
            if sum(map(len, block)) + len(piece) > _PASSAGE:
                yield from _text(headline, "", block, fold)
                block = []
            if piece:
                block.append(piece)
        yield from _text(headline, "", block, fold)


def _text(title: str, heading: str, block: list[str], fold: Fold) -> Iterator[Text]:
    body = fold("\n".join(block)).strip()
    if len(body) >= 10:
        yield Text(title.strip(), heading, body)
