"""Thanks, assent, greetings: said to a bot as to a person, and no question to an archive."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from corpus import fold

Manner: TypeAlias = Literal["thanks", "hello", "bye", "fine"]

# Folded, without blanks and punctuation. What comes first here is answered, of several.
_WORDS: dict[Manner, str] = {
    "thanks": (
        "谢谢 谢了 谢啦 多谢 感谢 感恩 辛苦 唔该 非常感谢 十分感谢 万分感谢 太感谢 "
        "thanks thank thankyou thankyouverymuch thanksalot thx tks ty 3q"
    ),
    "hello": (
        "你好 您好 你们好 大家好 你好吗 哈喽 嗨 早 早安 早上好 上午好 中午好 下午好 晚上好 "
        "在吗 在么 有人吗 hi hello hey"
    ),
    "bye": "再见 拜拜 晚安 bye byebye goodbye",
    "fine": (
        "好 好的 好吧 行 可以 没事 没问题 不用 算 嗯 哦 噢 喔 知道 明白 了解 收到 懂 原来如此 不错 "
        "ok okay okey gotit isee great good nice cool"
    ),
}
_SIGNS: dict[Manner, str] = {"thanks": "🙏❤💐🌹", "hello": "👋", "fine": "👍👌🆗✅👏"}
# What may follow: 谢谢你的回答, 知道了.
_TAIL = "(?:[你您了啊呀啦哦哈呢吧嘞哒的]|们|大家|回答|解答|帮助|帮忙|sir|somuch|verymuch)*"


def _pattern(words: str) -> str:
    return "|".join(sorted(map(re.escape, words.split()), key=len, reverse=True))


_ALL = re.compile(f"(?:(?:{'|'.join(map(_pattern, _WORDS.values()))}){_TAIL})+")
_ONE = {manner: re.compile(_pattern(words)) for manner, words in _WORDS.items()}
_MOST = 40
"""Characters; whoever writes more has something to say."""


def manner_of(text: str) -> Manner | None:
    """Return what a text is that says no more than a courtesy; None for any other.

    >>> manner_of("好的，謝謝！"), manner_of("OK 👌"), manner_of("好的，賠多少？")
    ('thanks', 'fine', None)
    """
    if len(text) > _MOST:
        return None
    bare = "".join(char for char in fold(text) if char.isalnum())
    if not bare:
        return next((one for one, signs in _SIGNS.items() if set(signs) & set(text)), None)
    if not _ALL.fullmatch(bare):
        return None
    return next(one for one, pattern in _ONE.items() if pattern.search(bare))
