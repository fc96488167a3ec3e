"""Make `fold.txt`, the Chinese characters that count as one: `python -m corpus.fold_table`.

OpenCC converts in context and by region, and its tables change between versions (1.4.0 turned
坏 into 坯). Matching needs neither: a question converted to the other script by *any* converter
must fold to the same string as before. So all characters that OpenCC's Taiwan, Hong Kong and
mainland tables turn into one another form one class (著 着, 干 乾 幹, 后 後), every member folds
to the same one, and the table is kept in the repository, independent of the OpenCC installed.
"""

from __future__ import annotations

from pathlib import Path

TABLE = Path(__file__).with_name("fold.txt")

_CONFIGS = ("t2s", "tw2s", "hk2s", "s2t", "s2tw", "s2hk", "t2tw", "t2hk")
# What OpenCC converts only inside words (了解 瞭解, 答复 答覆), found by converting 30 million
# characters of law, news and encyclopedia both ways and listing what still folded differently.
_WITHIN_WORDS = (
    *("了瞭", "复覆", "借藉", "苏甦", "具俱", "象像", "炼链", "浚濬"),
    *("划画", "坐座", "背揹", "仿彷", "熏薰", "里哩", "夫伕", "什甚"),
)

_HAN_RANGES = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2A6E0), (0x2A700, 0x2EBF0))


def character_classes() -> list[str]:
    """Return each class as a string, its representative first, classes in code point order."""
    import opencc

    characters = [chr(code) for low, high in _HAN_RANGES for code in range(low, high)]
    parent: dict[str, str] = {}
    traditional: dict[str, str] = {}

    def root(character: str) -> str:
        while character in parent:
            character = parent[character]
        return character

    def merge(first: str, second: str) -> None:
        first, second = root(first), root(second)
        if first != second:
            parent[first] = second

    for pair in _WITHIN_WORDS:
        merge(pair[0], pair[1])
    for config in _CONFIGS:
        # One character a line: no phrase of OpenCC's spans a line break.
        converted = opencc.OpenCC(config).convert("\n".join(characters)).split("\n")
        for before, after in zip(characters, converted, strict=True):
            if len(after) != 1 or before == after:
                continue
            merge(before, after)
            if config.endswith("2s"):
                traditional.setdefault(before, config)

    classes: dict[str, list[str]] = {}
    for character in sorted({*parent, *parent.values()}):
        classes.setdefault(root(character), []).append(character)

    def commonness(character: str) -> tuple[bool, int, bool, str]:
        # The regional tables call 么 and 著 Traditional, the general one does not.
        general = traditional.get(character) == "t2s"
        return general, _level(character), character in traditional, character

    return sorted("".join(sorted(members, key=commonness)) for members in classes.values())


def _level(character: str) -> int:
    """Return 0 for an everyday character of GB 2312, 1 for another of its, 2 for the rest."""
    try:
        lead = character.encode("gb2312")[0]
    except UnicodeEncodeError:
        return 2
    return 0 if lead < 0xD8 else 1


def main() -> None:
    """Write the table beside this module."""
    TABLE.write_text("\n".join(character_classes()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
