"""Undo plain double encoding, where it can be proven: bytes read in the wrong encoding, whole.

UTF-8 read as GBK shows as 娑堣垂鑰, as Latin-1 or Windows-1252 as æ¶ˆè´¹è€…; GBK read as Latin-1
as Ïû·ÑÕß. A run of such text is proven when its bytes decode without an error and give common
Chinese; real text does so by chance only for a few bytes, so short runs are left alone. A byte
that was lost on the way leaves U+FFFD for its character.
"""

from __future__ import annotations

import re

from corpus.gbk import encode
from corpus.records import Repair
from corpus.repair_ledger import Repaired

# What the commonest UTF-8 characters begin with when read as GBK: ， 。 的 是 一 在 中 国 问 …
_GATE = re.compile(
    "[锛銆鐨鏄涓鍦浜鍥娑鍝闂绗鎴]|[\u00b0-\u00f7][\u0080-\u00ff€‚-›ŒœŠšŽžŸƒˆ˜\ufffd]|\ufffd|锟斤拷"
)
_RUN = re.compile("(?P<west>[\u0080-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ\ufffd]{6,})|[^\x00-\x7f]{4,}")
_LOST = re.compile("\ufffd+|(?:锟斤拷)+")
_CHINESE = re.compile("[\u4e00-\u9fff\u3000-\u303f\uff00-\uff5e]")
_MISSING = 0xFF
"""Stands for a lost byte: no UTF-8 holds it."""
_CHARACTER = re.compile(
    rb"[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe2-\xef][\x80-\xbf\xff]{2}|[\xe2-\xef][\x80-\xbf]?$"
)
_SHORTEST = 3
"""Characters a run must give to count as proven in UTF-8."""
_SHORTEST_GBK = 4
_LIKELY = -8.0
"""Mean log frequency above which the characters of a run are those of Chinese text."""
_BETTER = 1.0
"""How much commoner than those on the page they must be, where those are Chinese too."""


def repair_mojibake(text: str) -> Repaired:
    """Undo double encoding run by run; mark the characters whose bytes were lost for good.

    >>> repair_mojibake("消费者权益".encode().decode("latin-1")).text
    '消费者权益'
    """
    if not _GATE.search(text):
        return Repaired(text)
    out: list[str] = []
    repairs: list[Repair] = []
    at = size = 0
    for match in _RUN.finditer(text):
        after = _western(match[0]) if match["west"] else _eastern(match[0])
        if after is None:
            continue
        out += (text[at : match.start()], after)
        size += match.start() - at
        repairs.append(Repair("mojibake", match[0], after, size))
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
        if character == "\ufffd":
            data.append(_MISSING)
        elif character <= "\xff":
            data.append(ord(character))
        else:
            data += character.encode("cp1252")
    decoded = _utf8(bytes(data))
    if decoded is not None and _commonness(decoded, _SHORTEST) is not None:
        return decoded
    try:
        decoded = data.decode("gbk")
    except UnicodeDecodeError:
        return None
    common = _commonness(decoded, _SHORTEST_GBK)
    return decoded if common is not None and common > _LIKELY else None


def _eastern(run: str) -> str | None:
    """Return what a run of Chinese characters says when its GBK bytes are read as UTF-8."""
    # 80 leads nothing in GBK: browsers write €. What others gave up on may be any byte.
    parts = re.split("([€\ufffd])", run.rstrip("\ufffd"))
    bytes_of = {"€": b"\x80", "\ufffd": bytes([_MISSING])}
    data = b"".join(bytes_of.get(part) or encode(part) for part in parts)
    decoded = _utf8(data + bytes([_MISSING]) * run.endswith("\ufffd"))
    if decoded is None:
        return None
    now, before = _commonness(decoded, _SHORTEST), _commonness(run, 0)
    if now is None or (before is not None and now < before + _BETTER):
        return None
    return decoded


def _utf8(data: bytes) -> str | None:
    """Decode bytes of which some may be missing, None if the others are not UTF-8."""
    out: list[str] = []
    at = 0
    while at < len(data):
        match = _CHARACTER.match(data, at)
        if match is None:
            # The last character of a run may have lost its end.
            return "".join(out) + "\ufffd" if data[at + 1 :].strip(b"\xff") == b"" else None
        out.append(match[0].decode("utf-8", "replace")[:1])
        at = match.end()
    return "".join(out)


def _commonness(decoded: str, shortest: int) -> float | None:
    """Return the mean log frequency of a text's characters, None if it is not Chinese."""
    chinese = _CHINESE.findall(decoded)
    if len(chinese) < shortest or len(chinese) < 0.7 * len(decoded) or not chinese:
        return None
    # The model is read only for a text that may need it.
    from corpus.charmodel import UNKNOWN
    from corpus.repair_tables import tables

    model = tables().model
    symbols = [model.symbol(character) for character in chinese]
    if shortest and symbols.count(UNKNOWN) > len(symbols) // 20:
        return None
    return sum(map(model.rarity, symbols)) / len(symbols)
