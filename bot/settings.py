"""Settings: option > `XUNZHANG_*` > `xunzhang.toml` > default.

The only module that knows where settings come from. Defaults stand once, in `Settings`;
options are laid over the loaded settings by the command line.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from bot import checks
from bot.errors import SettingsError

PREFIX = "XUNZHANG_"
DEFAULT_FILE = Path("xunzhang.toml")

ScriptChoice: TypeAlias = Literal["auto", "hans", "hant", "source"]
SCRIPTS: tuple[ScriptChoice, ...] = ("auto", "hans", "hant", "source")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MAX_LIMIT = 1000

# Variables other parts of the project read; not settings of this file, not typing mistakes either.
_ELSEWHERE = {
    "CONFIG", "TELEGRAM_API", "PROXY", "TOKEN_FILE", "ADMINS", "ALLOWED", "DENIED", "INLINE",
    "PROTECT", "BURST", "REFILL_SECONDS", "QUEUE", "WORKERS", "RETENTION_DAYS", "WEBHOOK",
    "WEBHOOK_LISTEN", "WEBHOOK_SECRET", "METRICS",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Relative paths in a file are relative to that file."""

    state: Path = Path("var")
    """Folder of index, vector cache and REPL history."""
    index: Path | None = None
    """Index folder; None: `state/index`, with the vector cache beside it."""
    model: str | None = None
    """Encoder; None: the one the index was built with, the bundled one for a new index."""
    limit: int = 5
    """Passages in an answer."""
    script: ScriptChoice = "auto"
    """What people see: our wording and the quotes."""
    log_level: str = "WARNING"
    batch_size: int = 32
    """Texts a sentence-transformers model encodes at once."""
    threads: int | None = None
    """CPU threads of such a model; None: its own choice."""
    reranker: str | None = None
    """Cross-encoder that orders the first candidates anew; None: none does."""
    synonyms: Path | None = None
    """A file of one's own everyday words and official ones, laid over the shipped."""
    device: str | None = None
    """Where such a model runs, as torch names it; None: a GPU where there is one."""
    telegram: Mapping[str, object] = field(default_factory=dict)
    """The table [telegram] of the file; `bot.telegram.settings` knows what is in it."""
    folder: Path = Path()
    """Where the file is: what relative paths of that table are relative to."""

    @property
    def index_directory(self) -> Path:
        """Folder that holds the generations."""
        return self.state / "index" if self.index is None else self.index

    @property
    def added(self) -> Path:
        """Folder of the articles that were added by chat."""
        return self.state / "added"

    @property
    def cache(self) -> Path:
        """The vector cache. It goes with an index that was placed by name."""
        directory = self.state / "cache" if self.index is None else self.index / "cache"
        return directory / "vectors.sqlite"

    @property
    def history(self) -> Path:
        """What was typed at the REPL."""
        return self.state / "history"


def load_settings(environ: Mapping[str, str], path: Path | None = None) -> Settings:
    """Read settings from a file and the environment, which wins.

    `path` None: the file `XUNZHANG_CONFIG` names, else `xunzhang.toml` in the working
    directory where there is one. A variable that is set but empty counts as not set.

    Raises:
        SettingsError: the named file is missing or no TOML, a key of it is unknown, or a
            value has the wrong type or range.
    """
    values: dict[str, object] = {}
    if path is None and (named := environ.get(f"{PREFIX}CONFIG", "").strip()):
        path = checks.path(f"{PREFIX}CONFIG", named)
    if path is not None:
        values |= _from_file(path)
    elif DEFAULT_FILE.is_file():
        values |= _from_file(DEFAULT_FILE)
    for key, check in _CHECKS.items():
        variable = PREFIX + key.upper()
        if text := environ.get(variable, "").strip():
            values[key] = check(variable, text)
    return Settings(**cast("dict[str, Any]", values))


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Return one line for each `XUNZHANG_*` variable nothing reads: most are typing mistakes."""
    known = {PREFIX + name for name in _ELSEWHERE | {key.upper() for key in _CHECKS}}
    strange = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    return [f"{name} is not a setting and is ignored{_nearest(name, known)}" for name in strange]


def _from_file(path: Path) -> dict[str, object]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(
            f"settings file {path} cannot be read ({error.strerror}); "
            f"correct or remove what names it (XUNZHANG_CONFIG)"
        ) from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError both are
        raise SettingsError(f"settings file {path} is not valid TOML: {error}") from error
    values: dict[str, object] = {"folder": path.parent}
    for key, value in table.items():
        if key == "telegram" and isinstance(value, dict):
            values[key] = value
            continue
        if key not in _CHECKS:
            raise SettingsError(f"{path}: unknown setting {key!r}{_nearest(key, set(_CHECKS))}")
        checked = _CHECKS[key](f"{path}: {key}", value)
        values[key] = path.parent / checked if isinstance(checked, Path) else checked
    return values


def _nearest(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(known))}"


_CHECKS: dict[str, Callable[[str, object], object]] = {
    "state": checks.path,
    "index": checks.path,
    "model": checks.text,
    "reranker": checks.text,
    "synonyms": checks.path,
    "limit": checks.number(1, MAX_LIMIT),
    "script": checks.choice(*SCRIPTS),
    "log_level": checks.choice(*LOG_LEVELS, upper=True),
    "batch_size": checks.number(1, 4096),
    "threads": checks.number(1, 1024),
    "device": checks.text,
}

SETTING_NAMES = tuple(one.name for one in fields(Settings) if one.name in _CHECKS)
