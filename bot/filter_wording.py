"""What is said of filters and of the age of sources; part of the table of `bot.wording`."""

from __future__ import annotations

FILTERS: dict[str, tuple[str, str, str]] = {
    "narrowed": ("仅限 {filters}", "僅限 {filters}", "Only {filters}"),
    "narrowed_undated": (
        "（另有 {count} 篇没有日期，未计入）",
        "（另有 {count} 篇沒有日期，未計入）",
        " (left out for want of a date: {count})",
    ),
    "narrowed_nothing": (
        "没有文章符合这些条件。",
        "沒有文章符合這些條件。",
        "No article matches these filters. ",
    ),
    "narrowed_dates": (
        "文章的日期从 {first}到 {last}。",
        "文章的日期從 {first}到 {last}。",
        "Dates of articles: {first} to {last}. ",
    ),
    "narrowed_sites": ("来源有：{sites}。", "來源有：{sites}。", "Sites: {sites}."),
    "narrowed_only": (
        "条件之外还请写上要问的事；下面是符合条件的文章中最新的。",
        "條件之外還請寫上要問的事；下面是符合條件的文章中最新的。",
        "Ask something besides the filters; these are the newest articles that match.",
    ),
    "filter_since": ("{day}以后", "{day}以後", "since {day}"),
    "filter_before": ("{day}以前", "{day}以前", "before {day}"),
    "filter_range": ("{first}至 {last}", "{first}至 {last}", "{first} to {last}"),
    "filter_title": ("标题含「{title}」", "標題含「{title}」", "titles with “{title}”"),
    "filter_date": (
        "{name}:{value} 不是日期；请写 {name}:2019、{name}:2019-06 或 {name}:2019-06-01",
        "{name}:{value} 不是日期；請寫 {name}:2019、{name}:2019-06 或 {name}:2019-06-01",
        "{name}:{value} is not a date; write {name}:2019, {name}:2019-06 or {name}:2019-06-01",
    ),
    "filter_empty": (
        "{name}: 后面缺少内容",
        "{name}: 後面缺少內容",
        "{name}: lacks a value",
    ),
    "age": (
        "{year} 年的文章，距今 {years} 年",
        "{year} 年的文章，距今 {years} 年",
        "from {year}, {years} years ago",
    ),
    "newer": (
        "第一段已久，较新的见第 {rank} 段（{year} 年）",
        "第一段已久，較新的見第 {rank} 段（{year} 年）",
        "The first passage is old; for a newer one see passage {rank} ({year})",
    ),
}
