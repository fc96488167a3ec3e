"""One way of writing a number: 7天 and 七天, 第25条 and 第二十五条, 二〇二三年 and 2023年.

Law writes small numbers in characters, people type digits; years are the other way round. Only
whole numbers in front of a word that counts or measures are touched, so 一定, 三包 and iPhone 15
stay what they are.
"""

from __future__ import annotations

import re

_DIGITS = "〇一二三四五六七八九"
_UNITS = (
    "天日号年月周岁个倍次条款项章节编元角分块角万亿人名家件只台部辆张份批种类位级等"
    "小分秒点克斤吨米升度成折期届"
)
# What may not stand before a number is looked for behind its first digit: a pattern that begins
# with a set of characters is searched for several times as fast.
_SMALL = re.compile(rf"\d(?<![\d.,:/\-a-z].)\d{{0,3}}(?=[{_UNITS}])")
_PERCENT = re.compile(r"\d(?<![\d.,].)(?:(?<=1)00|\d?)%")
_YEAR = re.compile(
    r"[〇零一二三四五六七八九](?<![〇零一二三四五六七八九十].)[〇零一二三四五六七八九]{3}(?=年)"
)
_TWO = re.compile(rf"两(?=[百千{_UNITS}])")
_YEAR_DIGITS = str.maketrans("零" + _DIGITS, "00123456789")


def unify_numerals(text: str) -> str:
    """Write the numbers of folded text one way. Idempotent.

    >>> unify_numerals("2023年9月5日起7天内，第25条，3.5倍，退50%，两年")
    '2023年九月五日起七天内，第二十五条，3.5倍，退百分之五十，二年'
    >>> unify_numerals("二〇二三年"), unify_numerals("12315热线"), unify_numerals("1000元")
    ('2023年', '12315热线', '一千元')
    """
    # To look for one character costs next to nothing.
    if "年" in text:
        text = _YEAR.sub(lambda match: match[0].translate(_YEAR_DIGITS), text)
    text = _SMALL.sub(_in_characters, text)
    if "%" in text:
        text = _PERCENT.sub(lambda match: f"百分之{_spell(int(match[0][:-1]))}", text)
    return _TWO.sub("二", text)


def _in_characters(match: re.Match[str]) -> str:
    digits = match[0]
    if digits[0] == "0" or (len(digits) == 4 and match.string[match.end()] == "年"):
        return digits
    return _spell(int(digits))


def _spell(number: int) -> str:
    """Spell a number below 10,000 as it is read: 25 as 二十五, 105 as 一百零五."""
    if number == 0:
        return "零"
    spelled = ""
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            spelled += _DIGITS[digit] + name
        elif spelled and number and not spelled.endswith("零"):
            spelled += "零"
    return spelled.removeprefix("一") if spelled.startswith("一十") else spelled
