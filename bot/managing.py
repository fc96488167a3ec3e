"""The commands that look after an index: rebuild, check, rollback, eval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from bot.inert import one_line
from bot.progress import progress_bars
from bot.rendering import DIM, WARN, Block
from bot.screen import Screen, note, write_json
from bot.services import Services, Wanted
from bot.settings import Settings
from bot.wording import Language, say

if TYPE_CHECKING:
    from retrieval import BuildReport, Evaluation, Finding

_STYLES = {"error": "bold red", "warning": "bold yellow", "info": "dim"}
_NAMED = 5


def rebuild(
    paths: Sequence[Path],
    services: Services,
    settings: Settings,
    language: Language,
    *,
    full: bool,
    as_json: bool,
) -> int:
    """Rebuild the index, name what could not be read, return 1 if anything could not.

    Raises:
        CorpusError, EmbeddingsError, RetrievalError: nothing was published.
    """
    with progress_bars(language) as progress:
        report = services.build(paths, settings, full=full, progress=progress)
    for failure in report.failed:
        note(f"{failure.path}: {failure.reason}")
    if as_json:
        write_json(report.to_json())
    else:
        for notice in report.notices:
            note(f"{notice.path}: {notice.reason}")
        Screen().show(summary(report, language))
    return 1 if report.failed else 0


def summary(report: BuildReport, language: Language) -> list[Block]:
    """Return what a build did, in two to four lines."""
    head = say(
        "rebuilt",
        language,
        generation=report.generation,
        articles=f"{report.articles:,}",
        passages=f"{report.passages:,}",
        seconds=f"{report.seconds:.1f}",
    )
    changes = say(
        "rebuilt_changes",
        language,
        new=f"{report.new:,}",
        changed=f"{report.changed:,}",
        removed=f"{report.removed:,}",
        unchanged=f"{report.unchanged:,}",
    )
    blocks = [Block(Text(head, style="bold")), Block(Text(changes))]
    if report.shared or report.reprints:
        folded = say(
            "rebuilt_folded", language, shared=f"{report.shared:,}", reprints=f"{report.reprints:,}"
        )
        blocks.append(Block(Text(folded, style=DIM)))
    if report.ignored:
        names = ", ".join(one_line(Path(name).name) for name in report.ignored[:_NAMED])
        names += ", …" if len(report.ignored) > _NAMED else ""
        count = len(report.ignored)
        ignored = say("rebuilt_ignored", language, count=count, names=names)
        blocks.append(Block(Text(ignored, style=DIM)))
    if report.failed:
        failed = say("rebuilt_failed", language, count=len(report.failed))
        blocks.append(Block(Text(failed, style=WARN)))
    return blocks


def check(services: Services, settings: Settings, language: Language, *, as_json: bool) -> int:
    """Say whether the index is whole and fits the settings; 1 if it does not."""
    findings = services.check(settings)
    sound = all(finding.level != "error" for finding in findings)
    if as_json:
        listed = [
            {"level": one.level, "what": one.what, "where": one.where, "remedy": one.remedy}
            for one in findings
        ]
        write_json({"ok": sound, "findings": listed})
        return 0 if sound else 1
    key = "check_ok" if sound else "check_bad"
    head = Text(say(key, language, place=settings.index_directory))
    head.stylize("bold green" if sound else "bold red")
    Screen().show([Block(head), *(_finding(one, language) for one in findings)])
    return 0 if sound else 1


def roll_back(services: Services, settings: Settings, language: Language) -> int:
    """Make the generation before the live one live again.

    Raises:
        RetrievalError: no earlier generation is kept.
    """
    generation = services.roll_back(settings.index_directory)
    Screen().show([Block(Text(say("rolled_back", language, generation=generation)))])
    return 0


def evaluate(
    dataset: Path,
    services: Services,
    settings: Settings,
    language: Language,
    *,
    wanted: Wanted,
    as_json: bool,
) -> int:
    """Measure retrieval on a data set in BEIR layout and show the table.

    The index is made in `wanted.directory`, for which settings are not asked: the place they
    name holds the person's own archive, and an evaluation replaces what it finds.

    Raises:
        RetrievalError: the folder is no such data set.
    """
    with progress_bars(language) as progress:
        result = services.evaluate(dataset, settings, wanted, progress)
    if as_json:
        write_json(result.to_json())
    else:
        Screen().show(table(result, language))
    return 0


def table(result: Evaluation, language: Language) -> list[Block]:
    """Return measures, a line each, the time a question took, and what the suites found."""
    times = ", ".join(f"{name} {value:.1f}" for name, value in result.timing_ms.items())
    blocks = [
        Block(Text(say("eval_queries", language, count=f"{result.queries:,}"), style="bold")),
        *_figures(result.measures),
        Block(Text(say("eval_time", language, times=times), style=DIM)),
    ]
    for name, outcome in result.suites.items():
        blocks += [Block(Text(name, style="bold")), *_figures(outcome.figures)]
    return blocks


def _figures(figures: Mapping[str, float]) -> list[Block]:
    width = max(map(len, figures), default=0)
    return [Block(Text(f"{name:<{width}}  {value:.4f}")) for name, value in figures.items()]


def _finding(finding: Finding, language: Language) -> Block:
    level = say(f"level_{finding.level}", language)
    what, where = one_line(finding.what), one_line(finding.where)
    text = what if where in what else f"{what} ({where})"
    if finding.remedy:
        text += f"; {one_line(finding.remedy)}"
    return Block(Text.assemble((f"{level}: ", _STYLES[finding.level]), text))
