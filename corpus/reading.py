"""Files to clean articles, and one clear line for each that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from corpus.encodings import decode
from corpus.errors import ArticleFormatError, CorpusError
from corpus.markdown import first_heading, plain_text
from corpus.metadata import Metadata, date_of_name, field_date
from corpus.raw import Document, make_article, name_id
from corpus.records import Article, Failure, Notice, SourceFile

MAX_FILE_BYTES = 64 << 20
"""Larger files are refused, JSONL excepted, which is read line by line."""


def read_articles(file: SourceFile) -> Iterator[Article | Failure | Notice]:
    """Yield the cleaned articles of a file, in order; what is wrong with it comes as a `Failure`.

    Never raises for bad content. A `.jsonl` file holds an article a line, any other file one.
    """
    if file.path.suffix.lower() == ".jsonl":
        from corpus.jsonl import read_lines

        yield from read_lines(file)
    else:
        yield _read_file(file)


def _read_file(file: SourceFile) -> Article | Failure | Notice:
    path = str(file.path)
    try:
        document = _READERS[file.path.suffix.lower()](file.path)
    except KeyError:
        return Failure(path, f"{file.path.suffix or 'a file without suffix'} is not read")
    except OSError as error:
        return Failure(path, f"cannot be read ({error.strerror or error}); check its rights")
    except CorpusError as error:
        return Failure(path, str(error))
    except MemoryError:
        return Failure(path, "there is not enough memory to read it; split it")
    return make_article(
        document, path=path, identity=name_id(file.name), named=date_of_name(file.path.stem)
    )


def read_bytes(path: Path) -> bytes:
    """Return the content of a file of bearable size.

    Raises:
        ArticleFormatError: it is larger than `MAX_FILE_BYTES`, or no plain file.
    """
    if not path.is_file():
        raise ArticleFormatError("it is not a plain file")
    with path.open("rb") as stream:
        data = stream.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ArticleFormatError(f"it is larger than {MAX_FILE_BYTES >> 20} MB; split it")
    return data


def _read_text(path: Path) -> Document:
    text, encoding = decode(read_bytes(path))
    return Document(text, encoding)


def _read_markdown(path: Path) -> Document:
    source, encoding = decode(read_bytes(path))
    text, fields = plain_text(source)
    heading = first_heading(source)
    own = _front_metadata(fields)
    title = Metadata(title=plain_text(heading)[0].strip() if heading else None)
    return Document(text, encoding, own.or_else(title))


def _front_metadata(fields: Mapping[str, str]) -> Metadata:
    def first(*keys: str) -> str | None:
        return next((fields[key] for key in keys if fields.get(key)), None)

    return Metadata(
        title=first("title"),
        url=first("url", "link", "canonical", "source_url"),
        published=field_date(first("date", "published", "pubdate", "created")),
        site=first("site", "source", "publisher"),
    )


def _read_html(path: Path) -> Document:
    from corpus.webpages import read_html

    return read_html(read_bytes(path))


def _read_pdf(path: Path) -> Document:
    from corpus.documents import read_pdf

    return read_pdf(read_bytes(path))


def _read_docx(path: Path) -> Document:
    from corpus.documents import read_docx

    return read_docx(read_bytes(path))


_READERS: dict[str, Callable[[Path], Document]] = {
    ".txt": _read_text,
    ".md": _read_markdown,
    ".html": _read_html,
    ".htm": _read_html,
    ".pdf": _read_pdf,
    ".docx": _read_docx,
}
