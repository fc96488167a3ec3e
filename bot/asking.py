"""`xunzhang ask`: one question, a question a line, or the REPL."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from rich.text import Text

from bot.errors import QuestionError
from bot.explaining import explained_json, why_blocks
from bot.inert import one_line
from bot.progress import progress_bars
from bot.rendering import BLANK, LEAD, Block, answer_blocks
from bot.screen import Screen, is_terminal, note, write_json
from bot.services import Services
from bot.settings import Settings
from bot.wording import Language, say

if TYPE_CHECKING:
    from retrieval import Searcher
    from retrieval.records import Answer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for on the command line."""

    question: str | None = None
    lines: bool = False
    """Read questions from stdin even if it is a terminal."""
    as_json: bool = False
    explain: bool = False


def ask(request: Request, services: Services, settings: Settings, language: Language) -> int:
    """Answer and return the exit code: 0 also when the archive holds no answer.

    Raises:
        QuestionError: the question given is empty.
        FilterError: a filter in it cannot be read; of many lines each is named, the code is 1.
    """
    question = None if request.question is None else _repaired(request.question)
    if question is not None and not question.strip():
        raise QuestionError("the question is empty; type it after `xunzhang ask`")
    screen, code = Screen(today=services.today()), 0
    searcher = open_index(services, settings, language)
    try:
        if question is not None:
            _show(_answer(searcher, question, settings), request, settings, screen)
        elif _wants_repl(request, screen):
            from bot.terminal import run_repl

            run_repl(searcher, settings, screen, language)
        else:
            from retrieval.errors import FilterError

            # Under some service managers there is no standard input at all.
            stream = sys.stdin.buffer if sys.stdin else BytesIO()
            for line in read_questions(stream, language):
                if not request.as_json:
                    screen.show([Block(Text(f"› {one_line(line)}", style=LEAD))])
                try:
                    _show(_answer(searcher, line, settings), request, settings, screen)
                except FilterError as error:
                    # The other questions are still answered, and JSON stays an object a line.
                    note(str(error))
                    code = 1
                    if request.as_json:
                        write_json({"question": line, "error": str(error)})
                if not request.as_json:
                    screen.show([BLANK])
    finally:
        searcher.close()
    return code


def open_index(services: Services, settings: Settings, language: Language) -> Searcher:
    """Open the index; where there is none yet, make one of the sample articles first.

    Raises:
        RetrievalError: there is an index, but it cannot be opened.
    """
    from retrieval.errors import IndexMissing

    try:
        return services.open(settings)
    except IndexMissing:
        make_index(services, settings, language)
    return services.open(settings)


def make_index(services: Services, settings: Settings, language: Language) -> None:
    """Make an index of the sample articles, where there is none yet.

    Raises:
        IndexMissing: there is one, but nothing says which generation is the live one.
    """
    from retrieval.errors import IndexMissing
    from retrieval.generation import current_name

    directory = settings.index_directory
    try:
        current_name(directory)
    except IndexMissing:
        # Generations without CURRENT are somebody's index come to harm, not a fresh place.
        if any(path.suffix != ".tmp" for path in directory.glob("gen-*")):
            raise
    else:
        return
    note(say("sample_index", language, place=directory))
    with progress_bars(language) as progress:
        services.build([services.samples()], settings, progress=progress)


def read_questions(stream: BinaryIO, language: Language) -> Iterator[str]:
    """Yield the questions of a stream, one a line, as they arrive; empty lines are skipped.

    Lines that are not UTF-8 are read as GB18030 where they can be, and a word is said.
    """
    for number, data in enumerate(iter(stream.readline, b""), start=1):
        text, encoding = decode(data)
        if encoding != "UTF-8":
            note(say("not_utf8", language, line=number, encoding=encoding))
        if text := text.strip():
            yield text


def decode(data: bytes) -> tuple[str, str]:
    """Return a typed line as text, and the name of the encoding it was read in.

    Consoles and files of Chinese Windows are still GBK. What is neither gets replacement
    characters: a question with a gap can be answered, a crash cannot.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding), "UTF-8" if encoding == "utf-8-sig" else "GB18030"
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace"), "UTF-8 (?)"


def _repaired(question: str) -> str:
    """Undo the surrogates Python puts for bytes of an argument that are not UTF-8."""
    try:
        question.encode("utf-8")
    except UnicodeEncodeError:
        return decode(os.fsencode(question))[0]
    return question


def _wants_repl(request: Request, screen: Screen) -> bool:
    asked_for_lines = request.lines or request.as_json
    return not asked_for_lines and is_terminal(sys.stdin) and screen.interactive


def _answer(searcher: Searcher, question: str, settings: Settings) -> Answer:
    answer = searcher.answer(question, limit=settings.limit)
    # The words of a question are the asker's own affair.
    logger.info(
        "%s in %.1f ms, %d characters asked",
        answer.status,
        answer.timing_ms.get("total", 0.0),
        len(question),
    )
    return answer


def _show(answer: Answer, request: Request, settings: Settings, screen: Screen) -> None:
    if request.as_json:
        write_json(explained_json(answer) if request.explain else answer.to_json())
        return
    view = screen.view(settings.script)
    blocks: Iterable[Block] = answer_blocks(answer, view)
    if request.explain:
        blocks = [*blocks, BLANK, *why_blocks(answer, view)]
    screen.show(blocks)
