"""The command line: parse, call, print.

Nothing heavy is imported before a command runs: `xunzhang --help` loads no model, no index.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import click

from bot.group import Xunzhang
from bot.services import MODES, SUITES, Services, Suite, Wanted
from bot.settings import MAX_LIMIT, SCRIPTS, Settings, load_settings, unknown_variables
from bot.wording import LANGUAGES, Language, language_of


@dataclass(frozen=True, slots=True)
class Context:
    """What every command works with; tests put fakes here."""

    services: Services
    settings: Settings
    language: Language


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"xunzhang {version('xunzhang')}")
    except PackageNotFoundError:
        click.echo("xunzhang (run from its source, not installed)")
    ctx.exit()


_index = click.option(
    "--index", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the index."
)
_model = click.option(
    "--model", metavar="NAME", help="`bundled`, or a sentence-transformers model or folder."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
_existing = click.Path(path_type=Path)


@click.group("xunzhang", cls=Xunzhang, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Ask your Chinese article archive in plain words and get the passage, not a guess."""
    from bot.logs import set_up_logs
    from bot.screen import note

    services = ctx.obj if isinstance(ctx.obj, Services) else Services()
    settings = load_settings(os.environ)
    set_up_logs(settings.log_level)
    for line in unknown_variables(os.environ):
        note(line)
    ctx.obj = Context(services, settings, language_of(os.environ))


@main.command()
@click.argument("question", nargs=-1)
@click.option(
    "--limit", type=click.IntRange(1, MAX_LIMIT), metavar="N", help="Passages in an answer."
)
@_json
@click.option("--stdin", "lines", is_flag=True, help="Read a question a line from stdin.")
@click.option(
    "--script", type=click.Choice(SCRIPTS), help="Script you read: auto follows the question."
)
@click.option("--explain", is_flag=True, help="Say why each passage is there.")
@click.option("--reranker", metavar="NAME", help="A cross-encoder that orders what is found.")
@_index
@click.pass_obj
def ask(
    context: Context,
    /,
    question: tuple[str, ...],
    as_json: bool,
    lines: bool,
    explain: bool,
    **given: object,
) -> int:
    """Ask QUESTION; without one, converse at a prompt.

    With something piped in, each line is a question. Where there is no index yet, the sample
    articles are indexed first.
    """
    from bot import asking

    if question and lines:
        raise click.UsageError("give a QUESTION or --stdin, not both")
    request = asking.Request(
        question=" ".join(question) if question else None,
        lines=lines,
        as_json=as_json,
        explain=explain,
    )
    return asking.ask(request, context.services, _over(context, given), context.language)


@main.command()
@click.argument("paths", nargs=-1, type=_existing, metavar="[PATH]...")
@_index
@_model
@click.option("--full", is_flag=True, help="Read every file again, changed or not.")
@_json
@click.option(
    "--batch-size", type=click.IntRange(1, 4096), metavar="N", help="Texts encoded at once."
)
@click.option("--threads", type=click.IntRange(1, 1024), metavar="N", help="CPU threads.")
@click.option("--device", metavar="D", help="cpu, cuda, …: where the model runs.")
@click.pass_obj
def rebuild(
    context: Context, /, paths: tuple[Path, ...], full: bool, as_json: bool, **given: object
) -> int:
    """Make the index hold exactly the articles of these files and folders.

    Without PATH: those of the last time. Batch size, threads and device concern
    sentence-transformers models; the bundled one needs none of them.
    """
    from bot import managing

    settings = _over(context, given)
    return managing.rebuild(
        paths, context.services, settings, context.language, full=full, as_json=as_json
    )


@main.command()
@click.argument("path", type=_existing)
@_json
@click.pass_obj
def clean(context: Context, /, path: Path, as_json: bool) -> int:
    """Show what the cleaner makes of each article of a file or folder."""
    from bot import cleaning

    return cleaning.clean(path, context.services, context.language, as_json=as_json)


@main.command()
@_index
@click.option(
    "--out", default="xunzhang-report.html", show_default=True, metavar="FILE", help="- for stdout."
)
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language; by default the locale's.")
@click.pass_obj
def report(context: Context, /, out: str, lang: Language | None, **given: object) -> int:
    """Write one HTML page on the health of the archive."""
    from bot import report as reporting

    return reporting.report(
        context.services, _over(context, given), lang or context.language, out=out
    )


@main.command(name="eval")
@click.argument("dataset", type=_existing)
@click.option(
    "--index",
    "directory",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep the index of the data set here.",
)
@click.option("--mode", type=click.Choice(MODES), default="hybrid", help="Legs of the search.")
@click.option(
    "--run", type=click.Path(path_type=Path, dir_okay=False), help="Write a TREC run file."
)
@click.option(
    "--suite",
    "names",
    type=click.Choice((*SUITES, "all")),
    multiple=True,
    help="Ask harder questions as well, made from the same set; may be given several times.",
)
@click.option(
    "--against",
    type=_existing,
    metavar="DATASET",
    help="A set whose questions this corpus does not answer: are they refused?",
)
@click.option("--seed", type=int, default=1, metavar="N", help="For what suites draw; 1.")
@_json
@_model
@click.pass_obj
def evaluate(
    context: Context,
    /,
    dataset: Path,
    as_json: bool,
    names: tuple[Suite | Literal["all"], ...],
    **given: object,
) -> int:
    """Measure the search on DATASET, a folder in BEIR layout."""
    from bot import managing

    settings = _over(context, {"model": given.pop("model")})
    options: dict[str, Any] = given
    suites = tuple(one for one in SUITES if one in names or "all" in names)
    return managing.evaluate(
        dataset,
        context.services,
        settings,
        context.language,
        wanted=Wanted(**options, suites=suites),
        as_json=as_json,
    )


@main.command()
@_index
@_json
@click.pass_obj
def check(context: Context, /, as_json: bool, **given: object) -> int:
    """Say whether the index is whole and fits the settings."""
    from bot import managing

    settings = _over(context, given)
    return managing.check(context.services, settings, context.language, as_json=as_json)


@main.command()
@_index
@click.pass_obj
def rollback(context: Context, /, **given: object) -> int:
    """Go back to the index before the last rebuild."""
    from bot import managing

    return managing.roll_back(context.services, _over(context, given), context.language)


@main.command()
@_index
@click.pass_obj
def telegram(context: Context, /, **given: object) -> int:
    """Run the Telegram bot until SIGTERM or Ctrl-C; docs/telegram.md says how to begin."""
    from bot.asking import make_index
    from bot.telegram.settings import load_telegram_settings, read_token

    settings = _over(context, given)
    options = load_telegram_settings(os.environ, settings.telegram, settings.folder)
    token = read_token(os.environ, options)
    make_index(context.services, settings, context.language)

    from bot.telegram.running import run_telegram

    return run_telegram(settings, options, token, context.services)


@main.command()
@_index
@click.pass_obj
def healthcheck(context: Context, /, **given: object) -> int:
    """Say whether the running bot is well; for Docker and systemd."""
    from bot.screen import note
    from bot.telegram.health import judge

    findings = judge(_over(context, given))
    for finding in findings:
        note(finding)
    return 1 if findings else 0


def _over(context: Context, /, given: dict[str, object]) -> Settings:
    """Lay the options that were given over the settings."""
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return replace(context.settings, **options)
