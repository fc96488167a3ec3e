"""The conversation at a local prompt: a loop over injected read and write."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from rich.text import Text

from bot.explaining import why_blocks
from bot.filter_words import reason
from bot.manners import manner_of
from bot.rendering import (
    BLANK,
    DIM,
    NEAREST,
    WARN,
    Block,
    View,
    answer_blocks,
    article_blocks,
    head_blocks,
    language_for,
    message_block,
    passage_blocks,
    short_blocks,
    target_script,
)
from bot.settings import SCRIPTS
from bot.slash import COMMANDS, SCRIPT_WORDS, parse
from bot.wording import Language, say
from corpus import detect_script

if TYPE_CHECKING:
    from retrieval import Answer, Exchange, FoundPassage, StoredArticle

logger = logging.getLogger(__name__)

EXAMPLES: dict[Language, tuple[str, str]] = {
    "hans": ("网购七天无理由退货怎么算？", "商家欺诈可以要求几倍赔偿？"),
    "hant": ("網購七天無理由退貨怎麼算？", "商家欺詐可以要求幾倍賠償？"),
    "en": ("网购七天无理由退货怎么算？", "商家欺詐可以要求幾倍賠償？"),
}

_FETCHED = 20
"""Passages fetched for a question, so that /more need not ask again."""
_PAGE = 3
"""Passages /more shows at once."""


class Archive(Protocol):
    """The part of `retrieval.Searcher` a conversation needs."""

    def answer(self, question: str, *, limit: int = 5, previous: Exchange | None = None) -> Answer:
        """Answer a question, which may lean on the exchange before it."""

    def article(self, article_id: str) -> StoredArticle | None:
        """Return a whole article."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the welcome line says of the index."""

    passages: int
    encoder: str
    place: str


Write = Callable[[Sequence[Block]], None]


class Repl:
    """One conversation. `read` raises EOFError at the end and KeyboardInterrupt on Ctrl-C."""

    def __init__(
        self,
        archive: Archive,
        read: Callable[[], str],
        write: Write,
        *,
        view: View,
        limit: int,
        language: Language,
        page: Write | None = None,
        errors: tuple[type[Exception], ...] = (),
    ) -> None:
        """Talk about `archive`.

        `page` shows what may be longer than a screen. `errors` are those with a message for
        people; any other is logged with its traceback, and the conversation goes on.
        """
        self._archive, self._read, self._write = archive, read, write
        self._page = page or write
        self._view, self._limit, self._language = view, limit, language
        self._errors = errors
        self._answer: Answer | None = None
        self._exchange: Exchange | None = None
        self._shown = 0

    def run(self, facts: Facts) -> None:
        """Converse until /quit, the end of input, or Ctrl-C twice."""
        self._welcome(facts)
        interrupted = False
        while True:
            try:
                line = self._read()
            except EOFError:
                break
            except KeyboardInterrupt:
                if interrupted:
                    break
                interrupted = True
                self._say("again_to_leave")
                continue
            interrupted = False
            if line.strip() and not self._heard(line):
                break
        self._say("goodbye")

    def _heard(self, line: str) -> bool:
        """Do what a line says; False: leave."""
        try:
            command, rest = parse(line)
            if command == "/quit":
                return False
            if command is None and (manner := manner_of(rest)):
                chosen = target_script(self._view.script)
                self._language = chosen or detect_script(rest) or self._language
                self._say(f"manner_{manner}")
            elif command is None:
                self._ask(rest)
            else:
                self._obey(command, rest)
        except KeyboardInterrupt:
            self._say("stopped")
        except self._errors as error:
            self._say("failed", reason=reason(error, self._language), style=WARN)
        except Exception as error:
            # The last edge before a person: one bad question must not end the conversation.
            logger.exception("the conversation goes on after a bug")
            self._say("failed", reason=f"{type(error).__name__}: {error}", style=WARN)
        return True

    def _obey(self, command: str, rest: str) -> None:
        actions: dict[str, Callable[[str], None]] = {
            "/help": lambda _: self._say("help"),
            "/more": lambda _: self._more(),
            "/open": self._open,
            "/script": self._script,
            "/why": lambda _: self._why(),
            "/new": lambda _: self._begin_anew(),
        }
        if command in actions:
            actions[command](rest)
        elif near := difflib.get_close_matches(command, COMMANDS, n=1):
            self._say("did_you_mean", command=command, near=near[0])
        else:
            self._say("unknown_command", command=command)

    def _welcome(self, facts: Facts) -> None:
        first, second = EXAMPLES[self._language]
        welcome = say(
            "welcome",
            self._language,
            passages=f"{facts.passages:,}",
            encoder=facts.encoder,
            place=facts.place,
        )
        lines = (
            (welcome, "bold"),
            (say("welcome_try", self._language, first=first, second=second), ""),
            (say("welcome_help", self._language), DIM),
        )
        self._write([*(message_block(text, style=style) for text, style in lines), BLANK])

    def _ask(self, question: str) -> None:
        limit = max(self._limit, _FETCHED)
        answer = self._archive.answer(question, limit=limit, previous=self._exchange)
        self._answer, self._exchange, self._shown = answer, answer.exchange, 0
        self._language = language_for(answer, self._view.script)
        if answer.status != "answered":
            # As many nearest passages as an answer asked for at the prompt would show.
            shown = replace(answer, passages=answer.passages[: self._limit])
            self._shown = min(NEAREST, len(shown.passages))
            self._write([*answer_blocks(shown, self._view), BLANK])
            return
        # The best one in full, the others a line each: the answer stays in sight.
        blocks = [*head_blocks(answer, self._view), BLANK]
        blocks += self._in_full(answer.passages[:1])
        self._shown = 1
        if others := answer.passages[1 : self._limit]:
            blocks += [BLANK, Block(Text(say("others", self._language), style=DIM))]
            blocks += short_blocks(
                others, self._view, self._language, after=answer.passages[0].article.id
            )
        hint = Block(Text(say("more_below", self._language), style=DIM))
        self._write([*blocks, BLANK, hint, BLANK])

    def _more(self) -> None:
        if self._answer is None:
            self._say("ask_first")
            return
        passages = self._answer.passages[self._shown : self._shown + _PAGE]
        if not passages:
            self._say("no_more")
            return
        self._shown += len(passages)
        self._write([*self._in_full(passages), BLANK])

    def _open(self, rest: str) -> None:
        if self._answer is None or not self._answer.passages:
            self._say("ask_first")
            return
        passages = self._answer.passages
        try:
            number = int(rest or "1")
        except ValueError:
            number = 0
        if not 1 <= number <= len(passages):
            self._say("open_which", count=len(passages))
            return
        passage = passages[number - 1]
        stored = self._archive.article(passage.article.id)
        if stored is None:
            self._say("article_gone")
            return
        self._page(article_blocks(stored.source, stored.text, passage, self._view, self._language))

    def _script(self, rest: str) -> None:
        chosen = SCRIPT_WORDS.get(rest, rest)
        for script in SCRIPTS:
            if script == chosen:
                self._view = replace(self._view, script=script)
                if script in ("hans", "hant"):
                    self._language = script
                self._say("script_now", script=script)
                return
        self._say("script_which", script=self._view.script)

    def _begin_anew(self) -> None:
        self._exchange = None
        self._say("new")

    def _why(self) -> None:
        if self._answer is None:
            self._say("ask_first")
            return
        shown = replace(self._answer, passages=self._answer.passages[: max(self._shown, _PAGE)])
        self._write([*why_blocks(shown, self._view), BLANK])

    def _in_full(self, passages: Sequence[FoundPassage]) -> list[Block]:
        blocks: list[Block] = []
        answers = self._answer is None or self._answer.status == "answered"
        for passage in passages:
            blocks += [BLANK] if blocks else []
            blocks += passage_blocks(passage, self._view, self._language, answers=answers)
        return blocks

    def _say(self, key: str, *, style: str = "", **values: object) -> None:
        self._write([message_block(say(key, self._language, **values), style=style), BLANK])
