"""What can be typed at the prompt that is not a question."""

from __future__ import annotations

import unicodedata

COMMANDS = ("/help", "/more", "/open", "/script", "/why", "/new", "/quit")

_WORDS = {
    "/help": "help ? 帮助 幫助 说明 說明",
    "/more": "more 更多 下一页 下一頁",
    "/open": "open 打开 打開 全文 原文",
    "/script": "script 字体 字體 简繁 簡繁 繁简 繁簡",
    "/why": "why 为什么 為什麼 为何 為何 依据 依據",
    "/new": "new 新话题 新話題 重新开始 重新開始",
    "/quit": "quit exit q 退出 离开 離開 再见 再見",
}
_ALIASES = {word: command for command, words in _WORDS.items() for word in words.split()}
# Without the slash only words nobody asks an archive about.
_BARE = frozenset(_WORDS["/help"].split() + _WORDS["/quit"].split() + ["更多", "新话题", "新話題"])
SCRIPT_WORDS = {
    "简": "hans", "简体": "hans", "簡": "hans", "簡體": "hans",
    "繁": "hant", "繁体": "hant", "繁體": "hant",
    "原文": "source", "自动": "auto", "自動": "auto",
}  # fmt: skip


def parse(line: str) -> tuple[str | None, str]:
    """Return the command of a line, None for a question, and the rest of it.

    >>> parse("／打開 ２"), parse("更多"), parse("為什麼會退貨？")
    (('/open', '2'), ('/more', ''), (None, '為什麼會退貨？'))
    """
    line = line.strip()
    if line.lower() in _BARE:
        return _ALIASES[line.lower()], ""
    if not line.startswith(("/", "／")):
        return None, line
    # Input methods type full-width slashes and digits.
    word, _, rest = unicodedata.normalize("NFKC", line)[1:].strip().lower().partition(" ")
    return _ALIASES.get(word, f"/{word}"), rest.strip()
