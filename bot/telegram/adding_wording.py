"""What is said to an admin who adds articles, in 简, 繁 and English; part of `wording.TABLE`."""

from __future__ import annotations

ADDING: dict[str, tuple[str, str, str]] = {
    "add_how": (
        "请发送文件（{kinds}）、转发文章，或用 /add 回复一条含有文章的消息。",
        "請傳送檔案（{kinds}）、轉寄文章，或用 /add 回覆一則含有文章的訊息。",
        "Send a file ({kinds}), forward an article, or reply /add to a message that holds one.",
    ),
    "add_kind": (
        "{name} 不是文章的格式；可以是 {kinds}。",
        "{name} 不是文章的格式；可以是 {kinds}。",
        "{name} is not in a format of articles; these are {kinds}.",
    ),
    "add_big": (
        "文件有 {size} MB，Telegram 最多允许机器人下载 {most} MB。",
        "檔案有 {size} MB，Telegram 最多允許機器人下載 {most} MB。",
        "The file has {size} MB; Telegram lets bots fetch at most {most} MB.",
    ),
    "add_nothing": (
        "里面没有可以用的文章：{reason}",
        "裡面沒有可以用的文章：{reason}",
        "It holds no article: {reason}",
    ),
    "added_length": ("{length} 字", "{length} 字", "{length} characters"),
    "added_encoding": ("编码 {encoding}", "編碼 {encoding}", "encoding {encoding}"),
    "added_date": ("日期 {date}", "日期 {date}", "date {date}"),
    "added_no_date": ("没有找到日期", "沒有找到日期", "no date found"),
    "added_no_title": ("没有找到标题。", "沒有找到標題。", "No title found."),
    "added_clean": ("完好，没有改动。", "完好，沒有改動。", "Sound; nothing was changed."),
    "added_repairs": (
        "修复 {count} 处：{kinds}",
        "修復 {count} 處：{kinds}",
        "{count} repairs: {kinds}",
    ),
    "added_dropped": (
        "去除 {count} 字：{kinds}",
        "去除 {count} 字：{kinds}",
        "{count} characters left out: {kinds}",
    ),
    "added_left": (
        "还有 {count} 处损坏未能修复。",
        "還有 {count} 處損壞未能修復。",
        "{count} damaged places could not be put right.",
    ),
    "added_passages": (
        "索引中有 {count} 个段落。",
        "索引中有 {count} 個段落。",
        "{count} passages in the index.",
    ),
    "added_reprint": (
        "与「{title}」内容相同：只显示那一篇，本篇列为来源。",
        "與「{title}」內容相同：只顯示那一篇，本篇列為來源。",
        "It says the same as “{title}”: that one is shown, this one is named as a source.",
    ),
    "added_copies": (
        "另有 {count} 篇与它内容相同，列为它的来源。",
        "另有 {count} 篇與它內容相同，列為它的來源。",
        "{count} other articles say the same and are named as its sources.",
    ),
    "added_shared": (
        "与其他文章共有，只收一次：{text}",
        "與其他文章共有，只收一次：{text}",
        "Shared with other articles, kept once: {text}",
    ),
    "added_more": ("……另有 {count} 篇", "……另有 {count} 篇", "… and {count} more"),
}
