"""Undo plain double encoding, where it can be proven: bytes read in the wrong encoding, whole.

UTF-8 read as GBK shows as 娑堣垂鑰�, as Latin-1 or Windows-1252 as æ¶ˆè´¹è€…; GBK read as
Latin-1 as Ïû·ÑÕß. A run of such text is proven when its bytes decode without one error and
give Chinese; a run of real text does so by chance only when it is a few bytes long, so short runs
are left alone.
"""

from __future__ import annotations

import re

from corpus.charmodel import UNKNOWN
from corpus.gbk import encode
from corpus.records import Repair
from corpus.repair_ledger import Repaired
from corpus.repair_tables import tables

# What the commonest UTF-8 characters begin with when read as GBK: 的 ， 。 是 一 在 中 人 有 …
_GATE = re.compile(
    "[锛銆鐨鏄涓鍦浜鏈鍥鑰娑鍝璐闂绗鎴]|[\u00b0-\u00f7][\u0080-\u00ff€‚-›ŒœŠšŽžŸƒˆ˜]|\ufffd|锟斤拷"
)
_WESTERN = re.compile("[\u0080-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{6,}")
_EASTERN = re.compile("[^\x00-\x7f]{4,}")
_LOST = re.compile("\ufffd+|(?:锟斤拷)+")
_CHINESE = re.compile("[\u4e00-\u9fff\u3000-\u303f\uff00-\uff5e]")
_SHORTEST = 3
"""Characters a run must give to count as proven."""
_LIKELY = -7.0
"""Mean log frequency above which the characters of a run are those of Chinese text."""
_HEAD = re.compile(rb"(?:[\xe2-\xef][\x80-\xbf]{2}|[\xc2-\xdf][\x80-\xbf]|[\x00-\x7f])*")


def repair_mojibake(text: str) -> Repaired:
    """Undo double encoding run by run; mark what bytes were lost for good.

    >>> repair_mojibake("消费者权益".encode().decode("latin-1")).text
    '消费者权益'
    """
    if not _GATE.search(text):
        return Repaired(text)
    out: list[str] = []
    repairs: list[Repair] = []
    at = size = 0
    for match in re.finditer(f"{_WESTERN.pattern}|{_EASTERN.pattern}", text):
        after = _western(match[0]) or _eastern(match[0])
        if after is None:
            continue
        out.append(text[at : match.start()])
        size += match.start() - at
        repairs.append(Repair("mojibake", match[0], after, size))
        out.append(after)
        size += len(after)
        at = match.end()
    out.append(text[at:])
    result = "".join(out)
    lost = tuple(match.start() for match in _LOST.finditer(result))
    return Repaired(result, tuple(repairs), lost)


def _western(run: str) -> str | None:
    """Return what a run of Latin letters says in UTF-8 or, failing that, in GBK."""
    data = bytearray()
    for character in run:
        if character <= "\xff":
            data.append(ord(character))
            continue
        try:
            data += character.encode("cp1252")
        except UnicodeEncodeError:
            return None
    for encoding in ("utf-8", "gbk"):
        try:
            decoded = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_chinese(decoded):
            return decoded
    return None


def _eastern(run: str) -> str | None:
    """Return what a run of Chinese characters says when its GBK bytes are read as UTF-8."""
    data = encode(run.replace("€", "\x80")).replace(b"\xc2\x80", b"\x80") if run else b""
    head = _HEAD.match(data)
    if head is None or head.end() != len(data):
        return None
    decoded = data.decode("utf-8", "replace")
    return decoded if _is_chinese(decoded) else None


def _is_chinese(decoded: str) -> bool:
    chinese = _CHINESE.findall(decoded)
    if len(chinese) < _SHORTEST or len(chinese) < 0.7 * len(decoded):
        return False
    model = tables().model
    symbols = [model.symbol(character) for character in chinese]
    if UNKNOWN in symbols:
        return False
    return sum(map(model.rarity, symbols)) / len(symbols) > _LIKELY
