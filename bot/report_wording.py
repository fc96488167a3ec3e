"""Every word of the report, in 简, 繁 and English."""

from __future__ import annotations

from bot.wording import LANGUAGES, Language

KINDS: dict[str, tuple[str, str, str]] = {
    "annotation": ("夹注拼音", "夾注拼音", "pinyin annotation"),
    "shifted": ("字节错位", "位元組錯位", "shifted bytes"),
    "lost": ("缺失的字", "缺失的字", "lost character"),
    "year": ("缺失的年份数字", "缺失的年份數字", "digit of a year"),
    "mojibake": ("编码误读", "編碼誤讀", "wrong encoding"),
    "width": ("标点半角", "標點半形", "half-width punctuation"),
    "entity": ("HTML 实体", "HTML 實體", "HTML entity"),
    "control": ("控制字符", "控制字元", "control character"),
    "invisible": ("不可见字符", "不可見字元", "invisible character"),
    "surrogate": ("半个字符", "半個字元", "half a character"),
    "spam": ("垃圾关键词", "垃圾關鍵詞", "spam"),
    "navigation": ("导航", "導覽", "navigation"),
    "share": ("分享栏", "分享列", "share bar"),
    "copyright": ("版权与备案", "版權與備案", "copyright and licences"),
    "hidden": ("隐藏文字", "隱藏文字", "hidden text"),
    "shared": ("多篇共有", "多篇共有", "shared by several"),
}

TABLE: dict[str, tuple[str, str, str]] = {
    "title": ("资料体检报告", "資料體檢報告", "The health of the archive"),
    "facts": (
        "{articles} 篇文章，{characters} 字，{passages} 个段落 · "
        "{generation} · {created} · 模型 {encoder}",
        "{articles} 篇文章，{characters} 字，{passages} 個段落 · "
        "{generation} · {created} · 模型 {encoder}",
        "{articles} articles, {characters} characters, {passages} passages · "
        "{generation} · {created} · model {encoder}",
    ),
    "health": ("健康状况", "健康狀況", "Health"),
    "clean": ("完好，未改动", "完好，未改動", "sound, untouched"),
    "trimmed": ("完好，只去杂质或整理标点", "完好，只去雜質或整理標點", "sound, tidied"),
    "repaired": ("有损坏，已修复", "有損壞，已修復", "damaged, put right"),
    "damaged": ("仍有损坏", "仍有損壞", "damage left"),
    "left": (
        "共 {count} 处未能修复",
        "共 {count} 處未能修復",
        "{count} places could not be put right",
    ),
    "repairs": ("修复了什么", "修復了什麼", "What was put right"),
    "drops": ("去掉了什么", "去掉了什麼", "What was left out"),
    "kind": ("种类", "種類", "kind"),
    "times": ("次数", "次數", "times"),
    "articles": ("文章", "文章", "articles"),
    "characters": ("字数", "字數", "characters"),
    "blocks": ("多篇共有的文字", "多篇共有的文字", "Texts that several articles share"),
    "held_by": ("见于 {count} 篇文章", "見於 {count} 篇文章", "in {count} articles"),
    "families": ("转载与近似重复", "轉載與近似重複", "Reprints and near-duplicates"),
    "families_note": (
        "每组只显示第一篇；其余仍可按编号打开。",
        "每組只顯示第一篇；其餘仍可按編號打開。",
        "Of each group the first one is shown in answers; the others can still be opened by id.",
    ),
    "copies": ("另有 {count} 个副本", "另有 {count} 個副本", "other copies: {count}"),
    "examples": ("修复前后", "修復前後", "Before and after"),
    "examples_note": (
        "改动最多的 {count} 篇；每篇最多 {chars} 字。",
        "改動最多的 {count} 篇；每篇最多 {chars} 字。",
        "The {count} articles with the most done to them, at most {chars} characters of each.",
    ),
    "before": ("修复前", "修復前", "before"),
    "after": ("修复后", "修復後", "after"),
    "taken_out": ("去掉的文字", "去掉的文字", "left out"),
    "cut_here": ("……下略 {count} 字", "……下略 {count} 字", "… {count} more characters"),
    "sites": ("来源网站", "來源網站", "Sites"),
    "years": ("年份", "年份", "Years"),
    "encodings": ("编码", "編碼", "Encodings"),
    "unknown": ("不详", "不詳", "unknown"),
    "untitled": ("（无标题）", "（無標題）", "(untitled)"),
    "more": ("另有 {count} 项", "另有 {count} 項", "and {count} more"),
    "none": ("没有。", "沒有。", "None."),
    "damage_left": ("未修复 {count}", "未修復 {count}", "{count} left"),
    "written": ("报告写在 {path}", "報告寫在 {path}", "report written to {path}"),
}


def word(key: str, language: Language, **values: object) -> str:
    """Return a sentence of the report with its placeholders filled.

    >>> word("copies", "hant", count=2)
    '另有 2 個副本'

    Raises:
        KeyError: no such sentence, or a placeholder without a value.
    """
    return TABLE[key][LANGUAGES.index(language)].format(**values)


def kind_word(kind: str, language: Language) -> str:
    """Return what a kind of repair or drop is called; an unknown one by its own name."""
    return KINDS.get(kind, (kind, kind, kind))[LANGUAGES.index(language)]
