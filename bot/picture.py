"""The picture in the README, from a real answer: `python -m bot.picture docs/repl.svg`."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text

from bot.rendering import LEAD, View
from bot.repl import EXAMPLES, Facts, Repl
from bot.screen import Screen
from bot.services import Services
from bot.settings import Settings
from bot.terminal import PROMPT

_WIDTH = 92
_PLACE = "var/index"


def draw(target: Path, services: Services) -> None:
    """Write an SVG of the conversation a newcomer has: sample articles, a question a script."""
    console = Console(
        file=io.StringIO(), record=True, width=_WIDTH, force_terminal=True, highlight=False
    )
    screen = Screen(console)
    typed = iter([EXAMPLES["hant"][0], EXAMPLES["hans"][1]])

    def read() -> str:
        line = next(typed, None)
        if line is None:
            raise EOFError
        console.print(Text.assemble((PROMPT, LEAD), line))
        return line

    with TemporaryDirectory(prefix="xunzhang-picture-") as folder:
        settings = replace(Settings(), state=Path(folder), limit=3)
        services.build([services.samples()], settings)
        searcher = services.open(settings)
        try:
            view = View(base=str(services.samples().parents[1]))
            Repl(searcher, read, screen.show, view=view, limit=settings.limit, language="hant").run(
                Facts(searcher.manifest.passages, searcher.encoder_name, _PLACE)
            )
        finally:
            searcher.close()
    target.parent.mkdir(parents=True, exist_ok=True)
    svg = console.export_svg(title="xunzhang ask", unique_id="xunzhang")
    # A picture in a README should fetch nothing; the page's own monospace font does.
    svg = re.sub(r"@font-face\s*\{[^}]*\}", "", svg)
    target.write_text(svg, encoding="utf-8")


def main() -> None:
    """Draw to the file named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bot.picture OUT.svg")
    draw(Path(sys.argv[1]), Services())


if __name__ == "__main__":
    main()
