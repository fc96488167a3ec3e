"""`xunzhang report`: one HTML page on the health of an archive."""

from __future__ import annotations

from pathlib import Path

from bot.errors import BotError
from bot.report_wording import word
from bot.screen import note, output
from bot.services import Services
from bot.settings import Settings
from bot.wording import Language


class ReportNotWritten(BotError):
    """The page could not be written where it was asked for."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be written ({reason}); give another place with --out FILE")
        self.path = path


def report(services: Services, settings: Settings, language: Language, *, out: str) -> int:
    """Write the report; `-` writes it to standard output.

    Raises:
        RetrievalError: there is no index that can be read.
        ReportNotWritten: the file cannot be written.
    """
    from bot.report_page import page

    text = page(services.look_over(settings.index_directory), language)
    # Lone surrogates can stand in what was repaired; no encoding has them.
    data = text.encode("utf-8", "replace")
    if out == "-":
        with output() as stream:
            stream.buffer.write(data)
            stream.buffer.flush()
        return 0
    path = Path(out)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ReportNotWritten(path, error.strerror or str(error)) from error
    note(word("written", language, path=path))
    return 0
