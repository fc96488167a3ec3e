"""Bytes to text: which of the encodings Chinese is found in, judged by whether it can be read.

Nearly every Big5 text decodes as GB18030 without an error, and the other way round often too, so
success says nothing; what is readable does. Real text is made of common characters, the wrong
encoding of rare ones.
"""

from __future__ import annotations

import codecs
from functools import cache

from corpus.errors import ArticleEncodingError

_COMMON = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方"
    "多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明"
    "性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位"
    "次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感"
    "建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色"
    "路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运"
    "這個們來為國說時會對過發後裡種經學現當沒動還進樣開從實軍無與長機情關點業將兩間問並應戰頭體見產話內給門員兒東聲論處義幾認條"
    "氣題爾變總電數報結務場計資許統區隊決馬書聽卻達強難權設記類據邊張該規萬覺術領確傳師觀讓識帶導爭運"
    "消费费者質质量網网購购退貨货賠赔償偿責责商店價价標标準准監监督檢检驗验局協协會食藥药安企業营營服務投訴诉違违罰罚合同平臺台"
    "今日訊讯新聞闻記者本報报編辑輯來源稿香港臺灣澳門係咗嘅哋喺冇啲嚟佢"
)
_PUNCTUATION = "，。、；：？！“”‘’「」『』（）《》【】〈〉—…·．～％○〇〔〕　－／"
_BINARY = {
    b"%PDF-": "PDF",
    b"PK\x03\x04": "ZIP or Office",
    b"\xd0\xcf\x11\xe0": "old Office",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\x7fELF": "program",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"SQLite format 3\x00": "SQLite",
}
_ACCEPTED = 0.12
_SAMPLE = 20_000
_REPLACED = 0.01


def decode(data: bytes, hint: str | None = None) -> tuple[str, str]:
    """Return the text and the encoding it was read in, as Python names it.

    `hint` is what the document says of itself (a meta tag); it is tried, not believed.

    Raises:
        ArticleEncodingError: it is no text, or none in an encoding we read.
    """
    for magic, name in _BINARY.items():
        if data.startswith(magic):
            raise ArticleEncodingError(f"this is a {name} file, not text; give it its right suffix")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_marked(data, encoding)
    wide = _unmarked_utf16(data)
    if wide is not None:
        return wide
    if _is_binary(data[:_SAMPLE]):
        raise ArticleEncodingError("this is not text (it is full of control bytes); remove it")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_legacy(data, hint)
    if len(data) < 200 and not data.isascii() and max(text) < "\u0800":
        # A few GBK characters can be valid UTF-8 by chance, and are then Greek or Arabic.
        guess = _best_legacy(data, hint)
        if guess is not None and guess[0] > readability(text) + 1:
            return guess[1], guess[2]
    return text, "utf-8"


_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _decode_marked(data: bytes, encoding: str) -> tuple[str, str]:
    text = data.decode(encoding, "replace")
    if text.count("\ufffd") > len(text) * _REPLACED + 1:
        raise ArticleEncodingError(f"it is marked as {encoding} but is not; save it again as UTF-8")
    return text, encoding


def _unmarked_utf16(data: bytes) -> tuple[str, str] | None:
    """Recognise UTF-16 without a byte order mark by the zero bytes of its blanks and line ends."""
    head = data[: _SAMPLE * 2]
    if len(head) < 8 or b"\x00" not in head or len(data) % 2:
        return None
    best: tuple[float, str] | None = None
    for encoding in ("utf-16-le", "utf-16-be"):
        sample = head.decode(encoding, "replace")
        controls = sum(sample.count(chr(code)) for code in range(9))
        score = readability(sample)
        if controls == 0 and score > 0.3 and (best is None or score > best[0]):
            best = score, encoding
    if best is None:
        return None
    return data.decode(best[1], "replace"), best[1]


def _decode_legacy(data: bytes, hint: str | None) -> tuple[str, str]:
    best = _best_legacy(data, hint)
    if best is not None and best[0] >= _ACCEPTED:
        return best[1], best[2]
    for encoding in ("utf-8", "gb18030", "big5hkscs"):
        # A page cut off in mid-character, or with a few bytes lost, is still worth reading.
        text = data.decode(encoding, "replace")
        damaged = text.count("\ufffd")
        if damaged <= max(2, len(text) * _REPLACED) and readability(text) >= 0.3:
            return text, encoding
    return _last_resort(data)


def _best_legacy(data: bytes, hint: str | None) -> tuple[float, str, str] | None:
    best: tuple[float, str, str] | None = None
    for encoding in dict.fromkeys([*_known(hint), "gb18030", "big5hkscs", "cp950"]):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        score = readability(text)
        if best is None or score > best[0] + 1e-9:
            best = score, text, encoding
    return best


def _known(hint: str | None) -> list[str]:
    """Return the encoding a document claims, where it is one Chinese is written in."""
    if hint is None:
        return []
    try:
        name = codecs.lookup(hint.strip()).name
    except (LookupError, ValueError):
        return []
    if name in {"gb2312", "gbk", "gb18030", "hz"}:
        return ["gb18030"]
    return ["big5hkscs"] if name in {"big5", "cp950", "big5hkscs"} else []


def _last_resort(data: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    match = from_bytes(data[: 1 << 20]).best()
    if match is not None:
        try:
            text = data.decode(match.encoding)
        except UnicodeDecodeError:
            text = ""
        letters = sum(character.isascii() for character in text[:_SAMPLE])
        if text and (readability(text) >= _ACCEPTED or letters >= 0.8 * len(text[:_SAMPLE])):
            return text, match.encoding
    raise ArticleEncodingError("no encoding turns it into readable text; save it as UTF-8")


def _is_binary(head: bytes) -> bool:
    """Tell whether there are more control bytes than a scraper leaves in a text by accident."""
    return len(head) - len(head.translate(None, _CONTROL_BYTES)) > max(4, len(head) // 50)


_CONTROL_BYTES = bytes(code for code in range(32) if code not in b"\t\n\r\x0c\x1b") + b"\x7f"


def readability(text: str) -> float:
    """Tell how much a text reads like Chinese, from about -1.5 (noise) to 1; 0 for plain ASCII.

    The mean over its characters beyond ASCII: a common one or a punctuation mark counts 1, one of
    the first levels of GB 2312 and Big5 (the everyday characters of both scripts) 0.3.
    """
    weights = _weights()
    found = [weights.get(c, _STRANGE) for c in text[:_SAMPLE] if c > "\x7f"]
    return sum(found) / len(found) if found else 0.0


_STRANGE = -1.5


@cache
def _weights() -> dict[str, float]:
    weights = dict.fromkeys((chr(code) for code in range(0x4E00, 0xA000)), -0.6)
    weights |= dict.fromkeys((chr(code) for code in range(0x3400, 0x4DC0)), -1.0)
    # Second levels: rarer, but every longer text has some.
    weights |= dict.fromkeys(_block("gb2312", range(0xD8, 0xF8), (0xA1, 0xFF)), -0.3)
    weights |= dict.fromkeys(_block("big5", range(0xC9, 0xFA), (0x40, 0xFF)), -0.4)
    weights |= dict.fromkeys(_block("gb2312", range(0xB0, 0xD8), (0xA1, 0xFF)), 0.3)
    weights |= dict.fromkeys(_block("big5", range(0xA4, 0xC7), (0x40, 0xFF)), 0.3)
    weights |= dict.fromkeys((chr(code) for code in range(0xFF01, 0xFF5F)), 0.3)
    # Western letters with accents, dashes, quotes and arrows say little either way.
    weights |= dict.fromkeys((chr(code) for code in range(0xA0, 0x180)), -0.5)
    weights |= dict.fromkeys((chr(code) for code in range(0x2010, 0x2200)), 0.0)
    weights |= dict.fromkeys((chr(code) for code in range(0x2460, 0x2500)), 0.0)
    weights |= dict.fromkeys(_COMMON, 1.0)
    weights |= dict.fromkeys(_PUNCTUATION, 1.0)
    return weights


def _block(encoding: str, leads: range, trails: tuple[int, int]) -> str:
    return "".join(
        bytes([lead, trail]).decode(encoding, "ignore")
        for lead in leads
        for trail in range(*trails)
    )
