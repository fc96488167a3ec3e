"""Make `data/readings.txt`: `python -m corpus.readings_table` (needs pypinyin and opencc).

One line a reading: the reading, then three groups of characters of GBK whose default reading it
is (pypinyin's, as the damaged pages were annotated with it), by how regular they are in
Traditional text that was converted one character to one character:

1. what such a conversion writes, or characters that have one form only;
2. other forms that a person writing Traditional uses (後 於 裡, 台);
3. forms that stand in no such text (国, rare variants).

The last line holds, after `*`, the characters that words often read otherwise (長 樂 還).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from corpus.gbk import characters

TABLE = Path(__file__).with_name("data") / "readings.txt"

# Characters with several Traditional forms, which the pages' conversion left as they were.
_LEFT_SIMPLIFIED = frozenset("后于制并范系采余布里")
_USUAL = 0.93
"""Share of the words with a character that give it its default reading, if it has but one."""
_BIG5_COMMON = range(0xA440, 0xC67F)


def _is_common_in_taiwan(character: str) -> bool:
    try:
        return int.from_bytes(character.encode("big5"), "big") in _BIG5_COMMON
    except UnicodeEncodeError:
        return False


def _regularity(character: str, simple: str, traditional: dict[str, str]) -> int:
    if simple in _LEFT_SIMPLIFIED:
        regular = simple
    else:
        regular = {"复": "復"}.get(simple, traditional.get(simple, simple))
    if character == regular:
        return 0
    return 1 if _is_common_in_taiwan(character) else 2


def main() -> None:
    """Write the table."""
    import opencc
    from pypinyin import Style, pinyin
    from pypinyin.constants import PHRASES_DICT

    han = [c for c in characters() if "\u4e00" <= c <= "\u9fff"]
    # One character a line: no phrase of OpenCC's spans a line break.
    lines = "\n".join(han)
    traditional = dict(zip(han, opencc.OpenCC("s2tw").convert(lines).split("\n"), strict=True))
    simplified = dict(zip(han, opencc.OpenCC("t2s").convert(lines).split("\n"), strict=True))
    words: dict[str, Counter[str]] = defaultdict(Counter)
    for word, readings in PHRASES_DICT.items():
        for character, options in zip(word, readings, strict=False):
            words[character][options[0]] += 1
    groups: dict[str, list[str]] = {}
    several = ""
    for character in sorted(han):
        reading = pinyin(character, style=Style.TONE)[0][0]
        if reading == character:
            continue
        heard = words[simplified[character]]
        if sum(heard.values()) >= 5 and heard[reading] < _USUAL * sum(heard.values()):
            several += character
        group = groups.setdefault(reading, ["", "", ""])
        group[_regularity(character, simplified[character], traditional)] += character
    rows = ("\t".join((reading, *group)) for reading, group in sorted(groups.items()))
    TABLE.write_text("\n".join(rows) + f"\n*\t{several}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
