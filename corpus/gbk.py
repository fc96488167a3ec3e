"""The two-byte Chinese code the damage was done in: GBK with user areas, read as PHP reads it.

Python's `gbk` knows no user areas and `gb18030` puts thirteen pairs elsewhere, so the table is
spelt out: GB18030-2000 for what is assigned, and over it Microsoft's three user areas and the
pairs A989-A995 (source: `mbfilter_cp936.c` of PHP, verified on real pages).
"""

from __future__ import annotations

from functools import cache

LOST = "?"
"""What the decoder writes for bytes it cannot read."""


@cache
def characters() -> tuple[str, ...]:
    """Return the character of each pair, indexed by lead * 256 + trail; "" where there is none."""
    table = [""] * 65536
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            if trail != 0x7F:
                character = bytes((lead, trail)).decode("gb18030", "replace")
                table[lead << 8 | trail] = character if len(character) == 1 else ""
    for (leads, trails), start in _USER_AREAS.items():
        cells = [lead << 8 | trail for lead in leads for trail in trails if trail != 0x7F]
        for code, pair in enumerate(cells, start):
            table[pair] = chr(code)
    return tuple(table)


_USER_AREAS = {
    (range(0xAA, 0xB0), range(0xA1, 0xFF)): 0xE000,
    (range(0xF8, 0xFF), range(0xA1, 0xFF)): 0xE234,
    (range(0xA1, 0xA8), range(0x40, 0xA1)): 0xE4C6,
    (range(0xA9, 0xAA), range(0x89, 0x96)): 0xE7E7,
}


@cache
def pairs() -> dict[str, int]:
    """Return lead * 256 + trail of every character that has a pair."""
    return {character: pair for pair, character in enumerate(characters()) if character}


def encode(text: str) -> bytes:
    """Encode a text; what has no pair becomes an HTML reference, as the damaged pages had it.

    >>> encode("質a").hex()
    'd97c61'
    """
    known = pairs()
    out = bytearray()
    for character in text:
        if character < "\x80":
            out.append(ord(character))
        elif (pair := known.get(character)) is not None:
            out += pair.to_bytes(2, "big")
        else:
            out += f"&#{ord(character)};".encode()
    return bytes(out)


def decode(data: bytes) -> str:
    """Decode bytes as PHP does: a lead with no fitting trail and that byte become one `?`.

    >>> decode(bytes.fromhex("93286a"))
    '?j'
    """
    table = characters()
    out: list[str] = []
    at, end = 0, len(data)
    while at < end:
        lead = data[at]
        at += 1
        if lead < 0x80:
            out.append(chr(lead))
        elif lead == 0x80:
            out.append("€")
        elif lead == 0xFF or at == end:
            out.append(LOST)
        else:
            out.append(table[lead << 8 | data[at]] or LOST)
            at += 1
    return "".join(out)
