"""`xunzhang clean`: what the cleaner makes of each article, as JSON lines or as a ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from bot.inert import one_line
from bot.rendering import BLANK, DIM, TITLE, WARN, Block
from bot.screen import Screen, note, write_json
from bot.services import Services
from bot.wording import Language, say

if TYPE_CHECKING:
    from corpus.records import Article, Drop, Failure, Notice, Repair, SourceFile

_INDENT = 3
_LISTED = 20
_COMPARED_BYTES = 256 << 20
_SHOWN_CHARS = 60
# Input that gave no article has its object all the same, with the same keys.
_NOTHING: dict[str, Any] = {
    "id": None,
    "title": None,
    "text": "",
    "encoding": None,
    "repairs": [],
    "dropped": [],
    "unrepaired": [],
    "url": None,
    "published": None,
    "site": None,
}


def clean(path: Path, services: Services, language: Language, *, as_json: bool) -> int:
    """Show every article below a path, in order; 1 if one could not be read.

    Raises:
        CorpusError: the path does not exist.
    """
    from corpus.records import Failure

    listing = services.find_files(path)
    found = (each for file in listing.files for each in services.read_articles(file))
    code, screen = 0, Screen()
    for each in chain(listing.failures, _compared(found, listing.files, services)):
        if as_json:
            write_json(_json(each))
        if isinstance(each, Failure):
            note(f"{each.path}: {each.reason}")
            code = 1
        elif not as_json:
            screen.show([*_shown(each, language), BLANK])
    return code


def _compared(
    found: Iterator[Article | Failure | Notice], files: Sequence[SourceFile], services: Services
) -> Iterable[Article | Failure | Notice]:
    """List what articles share, where there are several and they fit in memory."""
    from corpus.records import Article

    if _size(files) > _COMPARED_BYTES:
        note(f"more than {_COMPARED_BYTES >> 20} MB: what articles share is left to rebuild")
        return found
    every = list(found)
    articles = [one for one in every if isinstance(one, Article)]
    listed = iter(services.list_shared(articles) if len(articles) > 1 else articles)
    return [next(listed) if isinstance(one, Article) else one for one in every]


def _size(files: Sequence[SourceFile]) -> int:
    total = 0
    for file in files:
        with suppress(OSError):
            total += file.path.stat().st_size
    return total


def _shown(found: Article | Notice, language: Language) -> list[Block]:
    from corpus.records import Article

    if isinstance(found, Article):
        return ledger(found, language)
    if found.article is not None:
        return [*ledger(found.article, language), Block(Text(one_line(found.reason)), _INDENT)]
    return [Block(Text(f"{one_line(found.path)}: {one_line(found.reason)}", style=WARN))]


def _json(found: Article | Failure | Notice) -> dict[str, Any]:
    from corpus.records import Article, Failure

    if isinstance(found, Article):
        return article_json(found)
    if isinstance(found, Failure):
        return {**_NOTHING, "path": found.path, "error": found.reason}
    known = _NOTHING if found.article is None else article_json(found.article)
    return {**known, "path": found.path, "notice": found.reason}


def article_json(article: Article) -> dict[str, Any]:
    """Return the object `clean --json` prints for an article; its keys are a contract."""
    return {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "encoding": article.encoding,
        "repairs": [
            {"kind": one.kind, "before": one.before, "after": one.after, "start": one.start}
            for one in article.repairs
        ],
        "dropped": [
            {"kind": one.kind, "text": one.text, "shared": one.shared} for one in article.dropped
        ],
        "unrepaired": list(article.unrepaired),
        "path": article.path,
        "url": article.url,
        "published": article.published,
        "site": article.site,
    }


def ledger(article: Article, language: Language) -> list[Block]:
    """Return what was done to an article: facts, then repairs, then what was left out."""
    blocks = [Block(Text(one_line(article.title or say("untitled", language)), style=TITLE))]
    facts = [
        one_line(article.path),
        f"{say('clean_encoding', language)} {article.encoding}",
        say("clean_length", language, count=f"{len(article.text):,}"),
    ]
    if article.published:
        facts.append(f"{say('clean_date', language)} {article.published}")
    facts += [one_line(part) for part in (article.site, article.url) if part]
    blocks.append(Block(Text(" · ".join(facts), style=DIM), _INDENT))
    if not article.text.strip():
        blocks.append(Block(Text(say("clean_nothing", language), style=WARN), _INDENT))
    if not (article.repairs or article.dropped):
        blocks.append(Block(Text(say("clean_clean", language), style="green"), _INDENT))
    kinds = Counter(one.kind for one in article.repairs)
    # The rare kinds are the ones to look at; a damaged page has hundreds of the others.
    repairs = sorted(article.repairs, key=lambda one: (one.kind == "width", kinds[one.kind]))
    lines = [_repair(one) for one in repairs]
    if len(kinds) > 1:
        lines.insert(0, Text(_counts(kinds), style=DIM))
    blocks += _section("clean_repairs", lines, language, count=len(repairs))
    dropped = [_drop(one, language) for one in article.dropped]
    blocks += _section("clean_dropped", dropped, language, count=len(dropped))
    if article.unrepaired:
        left = say("unrepaired", language, count=len(article.unrepaired))
        blocks.append(Block(Text(left, style=WARN), _INDENT))
    return blocks


def _counts(kinds: Counter[str]) -> str:
    return " · ".join(f"{one_line(kind)} {count:,}" for kind, count in kinds.most_common())


def _section(key: str, lines: list[Text], language: Language, *, count: int) -> Iterator[Block]:
    if not lines:
        return
    yield Block(Text(say(key, language, count=count), style="bold"), _INDENT)
    for line in lines[:_LISTED]:
        yield Block(line, 2 * _INDENT)
    if len(lines) > _LISTED:
        more = say("and_more", language, count=len(lines) - _LISTED)
        yield Block(Text(more, style=DIM), 2 * _INDENT)


def _repair(repair: Repair) -> Text:
    return Text.assemble(
        (f"{one_line(repair.kind)}  ", DIM),
        (_short(repair.before), "red"),
        " → ",
        (_short(repair.after), "green"),
    )


def _drop(drop: Drop, language: Language) -> Text:
    shared = f" ({say('clean_shared', language)})" if drop.shared else ""
    return Text.assemble((f"{one_line(drop.kind)}{shared}  ", DIM), (_short(drop.text), "red"))


def _short(text: str) -> str:
    # Invisible characters are the very thing a repair may be about: show them by number.
    line = " ".join(text.split())
    line = line[:_SHOWN_CHARS] + "…" if len(line) > _SHOWN_CHARS else line
    return "".join(
        character if character.isprintable() else f"<{ord(character):04X}>" for character in line
    )
