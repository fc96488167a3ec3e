"""The command line run in this process, on services that are fakes."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from bot.cli import main
from bot.settings import Settings
from tests.bot_fakes import FakeServices

ROOT = Path(__file__).resolve().parents[1]


def run(
    *args: str, services: FakeServices | None = None, stdin: str | bytes | None = None
) -> Result:
    return CliRunner().invoke(main, args, input=stdin, obj=services or FakeServices())


def settings_of(services: FakeServices, call: str) -> Settings:
    found = next(each for each in services.calls if each[0] == call)
    settings = next(each for each in found if isinstance(each, Settings))
    assert isinstance(settings, Settings)
    return settings
