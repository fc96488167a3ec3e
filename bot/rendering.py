"""Answers as text for people. Pure: nothing is printed, read or looked up here.

The text is made of `Text` objects, never of markup strings: archive text may hold `[bold]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from bot.ages import age_line, newer_line
from bot.filter_words import filter_lines
from bot.inert import is_link, one_line, paragraphs, spaced
from bot.marking import joined, marked_pieces
from bot.script import convert
from bot.settings import ScriptChoice
from bot.wording import Language, say
from corpus.script import Script, detect_script

if TYPE_CHECKING:
    from retrieval.records import Answer, FoundPassage, Source

TITLE, DIM, LEAD, WARN = "bold", "dim", "bold green", "bold yellow"
PASSAGE = "cyan"
"""The passage inside its whole article."""

NEAREST = 3
"""Passages shown where none answers."""
_INDENT = 3
_SURE, _LIKELY = 0.8, 0.5
_EXCERPT = 36


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, its lines indented by a number of cells."""

    text: Text
    indent: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """How an answer is shown."""

    script: ScriptChoice = "auto"
    brackets: bool = False
    """Mark quotes with 【】 where there is no colour."""
    base: str = ""
    """A folder; paths below it are shown relative to it."""
    today: date | None = None
    """What the age of a source is counted to; None: it is not said."""


BLANK = Block(Text())


def language_for(answer: Answer, script: ScriptChoice) -> Language:
    """Return the language of our own words around an answer.

    `auto` follows the question, `source` the first passage.
    """
    if script == "source":
        first = answer.passages[0].text if answer.passages else ""
        return detect_script(first) or answer.script
    return answer.script if script == "auto" else script


def target_script(script: ScriptChoice) -> Script | None:
    """Return the script the archive's text is converted to; None: left as the source has it."""
    return script if script == "hans" or script == "hant" else None


def answer_blocks(answer: Answer, view: View) -> list[Block]:
    """Return a whole answer: the verdict, then its passages in full, best first."""
    language = language_for(answer, view.script)
    blocks = head_blocks(answer, view)
    if answer.status == "answered":
        for passage in answer.passages:
            blocks += [BLANK, *passage_blocks(passage, view, language)]
        return blocks
    return blocks + list(_nearest(answer, view, language))


def head_blocks(answer: Answer, view: View) -> list[Block]:
    """Return what stands above the passages: question, verdict, filters, and where to look next."""
    language = language_for(answer, view.script)
    lines = filter_lines(answer, language, lambda text: _shown(text, view))
    if answer.status == "answered" and (newer := newer_line(answer.passages, view.today, language)):
        lines.append(newer)
    told = [Block(Text(line, style=DIM)) for line in lines]
    return [*understood_blocks(answer, view), verdict_block(answer, view), *told]


def understood_blocks(answer: Answer, view: View) -> list[Block]:
    """Return how a question that leaned on the one before was understood; else nothing."""
    if answer.understood is None:
        return []
    language = language_for(answer, view.script)
    # The parts may be in two scripts: the words of two questions, made into one by us.
    script = None if language == "en" else language
    shown = convert(one_line(answer.understood), script)
    return [Block(Text(say("understood", language, question=shown), style=DIM))]


def verdict_block(answer: Answer, view: View) -> Block:
    """Return the first line: found, and how sure we are; or plainly not found."""
    language = language_for(answer, view.script)
    if answer.status != "answered":
        return Block(Text(say("not_found", language), style=WARN))
    words = say(confidence_word(answer.confidence), language)
    return Block(Text(say("found", language, confidence=words), style=LEAD))


def confidence_word(confidence: float) -> str:
    """Return the key of the words for a confidence."""
    if confidence >= _SURE:
        return "sure"
    return "likely" if confidence >= _LIKELY else "possible"


def passage_blocks(
    passage: FoundPassage, view: View, language: Language, *, answers: bool = True
) -> list[Block]:
    """Return one passage: rank, title, citation, and the text with its quote marked.

    Where nothing `answers`, no sentence is marked as if it did.
    """
    body = marked(passage if answers else replace(passage, quote=None), view)
    if not answers:
        body.stylize(DIM)
    blocks = [_title_block(passage, view, language)]
    if facts := _facts(passage, view, language):
        blocks.append(Block(Text(" · ".join(facts), style=DIM), _INDENT))
    if age := age_line(passage.article.published, view.today, language):
        blocks.append(Block(Text(age, style=DIM), _INDENT))
    if place := place_of(passage.article, view):
        blocks.append(Block(place, _INDENT))
    if passage.heading and one_line(passage.heading) not in one_line(passage.text):
        blocks.append(Block(Text(f"〔{_shown(passage.heading, view)}〕", style=DIM), _INDENT))
    return [*blocks, Block(body, _INDENT)]


def short_blocks(
    passages: Sequence[FoundPassage], view: View, language: Language, *, after: str | None = None
) -> list[Block]:
    """Return passages on two lines each: rank, title, site and date; then what answers.

    The title of an article that was just named (`after` is the id of the last one) is not
    repeated.
    """
    blocks = []
    for passage in passages:
        rank, excerpt = _rank(passage), _excerpt(passage, view)
        if passage.article.id == after:
            blocks.append(Block(Text.assemble((rank, LEAD), (excerpt, DIM))))
            continue
        after = passage.article.id
        extra = "".join(f" · {part}" for part in _source_facts(passage.article, view))
        title = _title(passage.article, view, language)
        blocks.append(Block(Text.assemble((rank, LEAD), title, (extra, DIM))))
        blocks.append(Block(Text(excerpt, style=DIM), _INDENT))
    return blocks


def _excerpt(passage: FoundPassage, view: View) -> str:
    text = _shown(passage.text if passage.quote is None else passage.quote.text, view)
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"


def _rank(passage: FoundPassage) -> str:
    return f"{passage.rank:<{_INDENT}}"


def marked(passage: FoundPassage, view: View) -> Text:
    """Return the text of a passage with the quote marked, without blank lines."""
    text, quote = passage.text, passage.quote
    if quote is None:
        return _joined([(text, None)], view, safe=paragraphs)
    pieces = [(text[: quote.start], None), *marked_pieces(quote), (text[quote.end :], None)]
    return _joined(pieces, view, safe=paragraphs)


def article_blocks(
    source: Source, text: str, passage: FoundPassage | None, view: View, language: Language
) -> list[Block]:
    """Return a whole article with one passage of it marked, and the quote within it.

    `text` is the article's whole cleaned text, which `passage.start` points into.
    """
    head = [Block(Text(_title(source, view, language), style=TITLE))]
    if facts := _source_facts(source, view):
        head.append(Block(Text(" · ".join(facts), style=DIM)))
    if place := place_of(source, view):
        head.append(Block(place))
    # Of a family another member may be cited than the one the passage was cut from.
    if passage is None or text[passage.start :][: len(passage.text)] != passage.text:
        return [*head, BLANK, Block(_joined([(text, None)], view, safe=spaced))]
    start, end = passage.start, passage.start + len(passage.text)
    first, last = start, start
    if passage.quote is not None:
        first, last = start + passage.quote.start, start + passage.quote.end
    pieces = [
        (text[:start], None),
        (text[start:first], PASSAGE),
        *(marked_pieces(passage.quote) if passage.quote else ()),
        (text[last:end], PASSAGE),
        (text[end:], None),
    ]
    return [*head, BLANK, Block(_joined(pieces, view, safe=spaced))]


def place_of(source: Source, view: View) -> Text | None:
    """Return where to read on: the link, clickable where the terminal can, or the path."""
    if source.url:
        shown = one_line(source.url)
        link = shown if is_link(shown) else None
        return Text(shown, style=Style(dim=True, link=link))
    if not source.path:
        return None
    path = source.path.removeprefix(f"{view.base}/") if view.base else source.path
    return Text(one_line(path), style=DIM)


def to_plain(blocks: Iterable[Block]) -> str:
    """Return blocks as plain text, not wrapped, ending in a line break."""
    lines = [
        " " * block.indent + line if line else ""
        for block in blocks
        for line in block.text.plain.split("\n")
    ]
    return "\n".join(lines) + "\n"


def _nearest(answer: Answer, view: View, language: Language) -> Iterator[Block]:
    if answer.nearest_titles:
        yield BLANK
        yield Block(Text(say("nearest_titles", language)))
        for title in answer.nearest_titles:
            yield Block(Text(f"· {_shown(title, view)}"), _INDENT)
    if answer.passages:
        yield BLANK
        yield Block(Text(say("nearest_passages", language), style=DIM))
    for passage in answer.passages[:NEAREST]:
        yield BLANK
        yield from passage_blocks(passage, view, language, answers=False)


def _title_block(passage: FoundPassage, view: View, language: Language) -> Block:
    title = _title(passage.article, view, language)
    return Block(Text.assemble((_rank(passage), LEAD), (title, TITLE)))


def _title(source: Source, view: View, language: Language) -> str:
    return _shown(source.title or "", view) or say("untitled", language)


def _facts(passage: FoundPassage, view: View, language: Language) -> list[str]:
    facts = _source_facts(passage.article, view)
    if passage.also_in:
        facts.append(say("also_in", language, count=len(passage.also_in)))
    if passage.damage.repaired:
        facts.append(say("repaired", language, count=passage.damage.repaired))
    if passage.damage.unrepaired:
        facts.append(say("unrepaired", language, count=passage.damage.unrepaired))
    return facts


def _source_facts(source: Source, view: View) -> list[str]:
    return [_shown(part, view) for part in (source.site, source.published) if part]


def _shown(text: str, view: View) -> str:
    return convert(one_line(text), target_script(view.script))


def _joined(
    pieces: Sequence[tuple[str, str | None]], view: View, *, safe: Callable[[str], str]
) -> Text:
    return joined(pieces, target_script(view.script), brackets=view.brackets, safe=safe)


def message_block(text: str, *, style: str = "") -> Block:
    """Return a sentence of ours, or an error's one line, as a block."""
    return Block(Text(paragraphs(text), style=style))
