"""Make `fold.txt`, the table of Chinese characters that count as one: `python -m corpus.fold_table`.

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
_HAN_RANGES = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2A6E0), (0x2A700, 0x2EBF0))


def character_classes() -> list[str]:
    """Return each class as a string, its representative first, classes in code point order."""
    import opencc

    characters = [chr(code) for low, high in _HAN_RANGES for code in range(low, high)]
    parent: dict[str, str] = {}
    traditional: set[str] = set()

    def root(character: str) -> str:
        while character in parent:
            character = parent[character]
        return character

    for config in _CONFIGS:
        # One character a line: no phrase of OpenCC's spans a line break.
        converted = opencc.OpenCC(config).convert("\n".join(characters)).split("\n")
        for before, after in zip(characters, converted, strict=True):
            if before != after and config.endswith("2s"):
                traditional.add(before)
            first, second = root(before), root(after)
            if len(after) == 1 and first != second:
                parent[first] = second

    classes: dict[str, list[str]] = {}
    for character in sorted({*parent, *parent.values()}):
        classes.setdefault(root(character), []).append(character)
    return sorted(
        "".join(sorted(members, key=lambda one: (one in traditional, _level(one), one)))
        for members in classes.values()
    )


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
