"""The click group of the program: errors to one line on stderr, return values to exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import IO, Any

import click

from bot.errors import BotError

INTERRUPTED = 130


class _CleanError(click.ClickException):
    """An error with a message for people: one line, exit code 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        from bot.screen import note

        note(self.message)


class Xunzhang(click.Group):
    """Turns what may go wrong into one line on stderr and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; its return value is the exit code.

        A bug is let through, traceback and all.
        """
        try:
            code = super().invoke(ctx)
            # A reader that has gone away is noticed here rather than while Python shuts down.
            if sys.stdout is not None:
                sys.stdout.flush()
            return code
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None
        except _known_errors() as error:
            raise _CleanError(str(error)) from error

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,  # noqa: ANN401 (click's own signature)
    ) -> Any:  # noqa: ANN401
        """Parse the command line, run the command, exit with its code."""
        try:
            code = super().main(
                args, prog_name or "xunzhang", complete_var, standalone_mode=False, **extra
            )
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            code = error.exit_code
        except click.UsageError as error:
            code = _wrong_usage(error)
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except click.Abort:
            code = INTERRUPTED
        if standalone_mode:
            sys.exit(code)
        return code


def _known_errors() -> tuple[type[BaseException], ...]:
    # An error can only be of a class whose module is loaded: nothing is imported to find out.
    roots = {
        "corpus.errors": "CorpusError",
        "embeddings.errors": "EmbeddingsError",
        "retrieval.errors": "RetrievalError",
    }
    loaded = [(sys.modules[name], root) for name, root in roots.items() if name in sys.modules]
    return BotError, *(getattr(module, root) for module, root in loaded)


def _wrong_usage(error: click.UsageError) -> int:
    from bot.screen import note

    path = error.ctx.command_path if error.ctx else "xunzhang"
    note(f"{error.format_message().rstrip('.')}; see {path} --help")
    return error.exit_code
