"""The conversation on a real terminal: prompt_toolkit reads, the screen shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.errors import BotError
from bot.marking import MARKS
from bot.rendering import PASSAGE, Block
from bot.repl import Facts, Repl
from bot.screen import Screen, note
from bot.settings import SCRIPTS, Settings
from bot.slash import COMMANDS
from bot.wording import Language

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    from retrieval import Searcher

PROMPT = "尋章› "
_MARKS = (MARKS, frozenset({PASSAGE}))


def run_repl(searcher: Searcher, settings: Settings, screen: Screen, language: Language) -> None:
    """Converse with the person at the terminal until they leave."""
    from corpus.errors import CorpusError
    from embeddings.errors import EmbeddingsError
    from retrieval.errors import RetrievalError

    session = _session(settings)

    def page(blocks: Sequence[Block]) -> None:
        found = [screen.first_marked_line(blocks, marks) for marks in _MARKS]
        screen.page(blocks, at=next((line for line in found if line is not None), None))

    Repl(
        searcher,
        lambda: session.prompt(PROMPT),
        screen.show,
        view=screen.view(settings.script),
        limit=settings.limit,
        language=settings.script if settings.script in ("hans", "hant") else language,
        page=page,
        errors=(BotError, CorpusError, EmbeddingsError, RetrievalError),
    ).run(
        Facts(
            passages=searcher.manifest.passages,
            encoder=searcher.encoder_name,
            place=str(settings.index_directory),
        )
    )


def _session(settings: Settings) -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory, History, InMemoryHistory

    history: History = InMemoryHistory()
    try:
        settings.history.parent.mkdir(parents=True, exist_ok=True)
        # Questions are private: the file is its owner's alone, from before the first line.
        settings.history.touch(mode=0o600)
        with settings.history.open("a", encoding="utf-8"):
            history = FileHistory(str(settings.history))
    except OSError as error:
        note(f"{settings.history}: {error.strerror}; what you type is not kept")
    return PromptSession(
        history=history,
        completer=command_completer(),
        key_bindings=_keys(),
        # Completing while typing would open menus under the windows of input methods.
        complete_while_typing=False,
        enable_history_search=True,
    )


def _keys() -> KeyBindings:
    """Ctrl-C clears a line that holds something; on an empty one it is an interruption."""
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()

    @keys.add("c-c")
    def clear_or_interrupt(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    return keys


def command_completer() -> Completer:
    """Return what completes the commands, and the choices of /script."""
    from prompt_toolkit.completion import WordCompleter

    lines = [*COMMANDS, *(f"/script {script}" for script in SCRIPTS)]
    return WordCompleter(lines, ignore_case=True, sentence=True)
