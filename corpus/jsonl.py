"""Articles from JSON lines, one at a time however large the file is."""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from corpus.encodings import decode
from corpus.errors import ArticleEncodingError
from corpus.metadata import Metadata, field_date
from corpus.raw import Document, make_article, name_id, one_line
from corpus.records import Article, Failure, Notice, SourceFile

MAX_LINE_BYTES = 16 << 20
"""A longer line is refused, and named, without being held in memory."""


def read_lines(file: SourceFile) -> Iterator[Article | Failure | Notice]:
    """Yield the article of each line; a broken line is a `Failure` and the others still come.

    A line is `{"id" or "_id", "title", "text", "url"?, "published"?, "site"?}`; other keys are
    ignored, blank lines too.
    """
    path = str(file.path)
    try:
        with file.path.open("rb") as stream:
            empty = True
            readline, recoded = _line_reader(stream)
            for number, line in _lines(readline):
                where = f"{path}:{number}"
                if line is None:
                    size = f"{MAX_LINE_BYTES >> 20} MB"
                    yield Failure(where, f"the line is longer than {size}; split the article")
                    empty = False
                elif line.strip():
                    found = _read_line(file, number, line)
                    if recoded and isinstance(found, Article):
                        found = replace(found, encoding=recoded)
                    yield found
                    empty = False
            if empty:
                yield Notice(path, "it holds no article text")
    except OSError as error:
        yield Failure(path, f"cannot be read ({error.strerror or error}); check its rights")


def _line_reader(stream: io.BufferedReader) -> tuple[Callable[[int], bytes], str | None]:
    """Return what reads the lines of a file, and the encoding where they are not as on disk.

    In UTF-16, which programs on Windows write, a line does not end with the byte 10.
    """
    if not stream.peek(2).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return stream.readline, None
    text = io.TextIOWrapper(stream, "utf-16", "replace", newline="\n")
    return lambda size: text.readline(size).encode("utf-8"), "utf-16"


def _lines(readline: Callable[[int], bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Yield number and bytes of each line, None for one that is too long."""
    number = 0
    while line := readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) <= MAX_LINE_BYTES or line.endswith(b"\n"):
            yield number, line
            continue
        while (rest := readline(1 << 20)) and not rest.endswith(b"\n"):
            pass
        yield number, None


def _read_line(file: SourceFile, number: int, line: bytes) -> Article | Failure | Notice:
    path = str(file.path)
    where = f"{path}:{number}"
    try:
        source, encoding = decode(line)
        fields = json.loads(source)
    except ArticleEncodingError as error:
        return Failure(where, str(error))
    except json.JSONDecodeError as error:
        return Failure(where, f"not valid JSON ({error.msg}, column {error.colno}); correct it")
    except (ValueError, RecursionError):
        return Failure(where, "not valid JSON (nested too deep or a number too long); correct it")
    if not isinstance(fields, dict):
        return Failure(where, "not a JSON object with id, title and text; correct it")
    text = fields.get("text")
    if not isinstance(text, str):
        return Failure(where, 'it has no "text"; every line needs one, in quotes')
    metadata = Metadata(
        title=_string(fields.get("title")),
        url=_string(fields.get("url")),
        published=field_date(_string(fields.get("published"))),
        site=_string(fields.get("site")),
    )
    identity = _string(fields.get("_id")) if fields.get("id") is None else _string(fields["id"])
    return make_article(
        Document(text, encoding, metadata, titled=False),
        path=path,
        identity=one_line(identity) or name_id(f"{file.name}:{number}"),
        where=where,
    )


def _string(value: object) -> str | None:
    """Return a JSON value as text; numbers count, other things do not."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None
