"""Every sentence shown to people, in 简, 繁 and English.

One table, so that no language is forgotten. Errors of the lower packages are English and
reach people as they are; help of the command line is English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

from bot.filter_wording import FILTERS

Language: TypeAlias = Literal["hans", "hant", "en"]
LANGUAGES: tuple[Language, ...] = ("hans", "hant", "en")


def say(key: str, language: Language, **values: object) -> str:
    """Return a sentence with its placeholders filled.

    >>> say("also_in", "hant", count=2)
    '另見於 2 處'

    Raises:
        KeyError: no such sentence, or a placeholder without a value.
    """
    return TABLE[key][LANGUAGES.index(language)].format(**values)


def language_of(environ: Mapping[str, str]) -> Language:
    """Return the interface language for a locale: 繁 for Taiwan, Hong Kong and Macau."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if name := environ.get(variable, "").lower():
            parts = re.split(r"[-_.@]", name)
            if parts[0] != "zh":
                return "en"
            return "hant" if {"tw", "hk", "mo", "hant"} & set(parts) else "hans"
    return "en"


TABLE: dict[str, tuple[str, str, str]] = {
    # The answer
    "sure": ("很有把握", "很有把握", "very likely"),
    "likely": ("较有把握", "較有把握", "likely"),
    "possible": ("可能", "可能", "possible"),
    "found": (
        "找到了（{confidence}）：",
        "找到了（{confidence}）：",
        "Found ({confidence}):",
    ),
    "not_found": (
        "资料中没有找到能回答这个问题的内容。",
        "資料中沒有找到能回答這個問題的內容。",
        "The archive holds no answer to this question.",
    ),
    "understood": (
        "按上文理解为：{question}",
        "按上文理解為：{question}",
        "Understood from what came before: {question}",
    ),
    "nearest_titles": ("标题最接近的文章：", "標題最接近的文章：", "Nearest titles:"),
    "nearest_passages": (
        "最接近的段落（供您自行判断）：",
        "最接近的段落（供您自行判斷）：",
        "Nearest passages, for you to judge:",
    ),
    "untitled": ("（无标题）", "（無標題）", "(untitled)"),
    "also_in": ("另见于 {count} 处", "另見於 {count} 處", "also in {count}"),
    "repaired": (
        "原文有 {count} 处乱码，已修复",
        "原文有 {count} 處亂碼，已修復",
        "damaged text repaired: {count}",
    ),
    "unrepaired": (
        "原文有 {count} 处乱码，无法修复",
        "原文有 {count} 處亂碼，無法修復",
        "damaged text left: {count}",
    ),
    "others": ("其他段落：", "其他段落：", "Others:"),
    **FILTERS,
    # Why
    "why_head": (
        "判断：{verdict}，把握 {confidence}",
        "判斷：{verdict}，把握 {confidence}",
        "Verdict: {verdict}, confidence {confidence}",
    ),
    "why_answered": ("有答案", "有答案", "answered"),
    "why_not_found": ("没有答案", "沒有答案", "not found"),
    "why_time": ("用时 {total} 毫秒", "用時 {total} 毫秒", "{total} ms"),
    "fact_score": ("得分", "得分", "score"),
    "fact_threshold": ("门槛", "門檻", "threshold"),
    "fact_confidence": ("把握", "把握", "confidence"),
    "fact_understood": ("理解为", "理解為", "understood as"),
    "fact_alone": ("单看这一句的把握", "單看這一句的把握", "confidence by itself"),
    "fact_folded": ("检索用字", "檢索用字", "searched for"),
    "fact_lexical_rank": ("关键词名次", "關鍵詞名次", "keyword rank"),
    "fact_dense_rank": ("语义名次", "語義名次", "meaning rank"),
    "fact_coverage": ("关键词得分", "關鍵詞得分", "keyword score"),
    "fact_spoken_of": ("问题覆盖", "問題覆蓋", "share of the question covered"),
    "fact_cosine": ("语义相似", "語義相似", "similarity"),
    "fact_synonyms": ("同义词", "同義詞", "synonyms"),
    "fact_whole": ("整段覆盖", "整段覆蓋", "covered by the passage"),
    "fact_reranker": ("重排模型", "重排模型", "reranker"),
    "fact_verbatim": ("原话照录", "原話照錄", "word for word"),
    "fact_focus": ("相邻两句覆盖", "相鄰兩句覆蓋", "covered by two sentences"),
    "fact_sentence": ("一句覆盖", "一句覆蓋", "covered by one sentence"),
    "fact_titled": ("问到标题", "問到標題", "names the title"),
    "fact_articles": ("符合条件的文章", "符合條件的文章", "articles that match"),
    "fact_undated": ("没有日期而未计入", "沒有日期而未計入", "left out for want of a date"),
    "yes": ("是", "是", "yes"),
    "no": ("否", "否", "no"),
    "fact_matched": ("命中", "命中", "matched"),
    # The REPL
    "welcome": (
        "寻章：{passages} 个段落 · 模型 {encoder} · 索引 {place}",
        "尋章：{passages} 個段落 · 模型 {encoder} · 索引 {place}",
        "xunzhang 尋章: {passages} passages · encoder {encoder} · index {place}",
    ),
    "welcome_try": (
        "用平常的话提问，例如：{first}　或：{second}",
        "用平常的話提問，例如：{first}　或：{second}",
        "Ask in plain words, for instance: {first} or {second}",
    ),
    "welcome_help": (
        "/help 看命令，Ctrl-D 离开",
        "/help 看命令，Ctrl-D 離開",
        "/help lists the commands, Ctrl-D leaves",
    ),
    "help": (
        "直接输入问题，简体、繁体皆可。命令：\n"
        "/more 更多        接下来的段落\n"
        "/open N 打开 N    第 N 段所在的全文\n"
        "/script 字体      hans 简体、hant 繁体、source 原文、auto 随问题\n"
        "/why 为什么       每一段为何入选\n"
        "/new 新话题       不再接着上文（追问如“那30天呢？”会接着上文）\n"
        "/help 帮助        这一页\n"
        "/quit 退出        离开（Ctrl-D 亦可）\n"
        "只看部分文章：since:2019 before:2020-06 site:12315.cn title:召回\n"
        "　　　　　　　或“2019年以后的召回新闻”",
        "直接輸入問題，簡體、繁體皆可。命令：\n"
        "/more 更多        接下來的段落\n"
        "/open N 打開 N    第 N 段所在的全文\n"
        "/script 字體      hans 簡體、hant 繁體、source 原文、auto 隨問題\n"
        "/why 為什麼       每一段為何入選\n"
        "/new 新話題       不再接著上文（追問如「那30天呢？」會接著上文）\n"
        "/help 幫助        這一頁\n"
        "/quit 退出        離開（Ctrl-D 亦可）\n"
        "只看部分文章：since:2019 before:2020-06 site:12315.cn title:召回\n"
        "　　　　　　　或「2019年以後的召回新聞」",
        "Type a question, in Simplified or Traditional Chinese. Commands:\n"
        "/more             the next passages\n"
        "/open N           the whole article passage N stands in\n"
        "/script NAME      hans, hant, source (as the article), auto (as the question)\n"
        "/why              why each passage is here\n"
        "/new              forget what came before; else 那30天呢？ follows on from it\n"
        "/help             this page\n"
        "/quit             leave (Ctrl-D as well)\n"
        "Some articles only: since:2019 before:2020-06 site:12315.cn title:召回\n"
        "                    or 2019年以后的召回新闻",
    ),
    "new": ("好，请问下一个问题。", "好，請問下一個問題。", "Fine. What is the next question?"),
    "manner_thanks": (
        "不客气，有问题请随时问。",
        "不客氣，有問題請隨時問。",
        "You are welcome. Ask whenever you like.",
    ),
    "manner_hello": (
        "您好，请问想查什么？",
        "您好，請問想查什麼？",
        "Hello. What would you like to know?",
    ),
    "manner_bye": ("再见。", "再見。", "Goodbye."),
    "manner_fine": (
        "好的，有问题请随时问。",
        "好的，有問題請隨時問。",
        "Fine. Ask whenever you like.",
    ),
    "ask_first": ("请先提一个问题。", "請先提一個問題。", "Ask a question first."),
    "no_more": ("没有更多段落了。", "沒有更多段落了。", "There are no more passages."),
    "open_which": (
        "打开哪一段？请输入 /open 1 到 /open {count}。",
        "打開哪一段？請輸入 /open 1 到 /open {count}。",
        "Open which passage? Type /open 1 to /open {count}.",
    ),
    "article_gone": (
        "索引中已没有这篇文章。",
        "索引中已沒有這篇文章。",
        "The index no longer holds that article.",
    ),
    "script_now": ("显示：{script}", "顯示：{script}", "Shown as: {script}"),
    "script_which": (
        "请输入 /script hans、hant、source 或 auto（现在：{script}）。",
        "請輸入 /script hans、hant、source 或 auto（現在：{script}）。",
        "Type /script hans, hant, source or auto (now: {script}).",
    ),
    "unknown_command": (
        "没有 {command} 这个命令；/help 列出全部。",
        "沒有 {command} 這個命令；/help 列出全部。",
        "There is no command {command}; /help lists them.",
    ),
    "did_you_mean": (
        "没有 {command} 这个命令，是不是 {near}？",
        "沒有 {command} 這個命令，是不是 {near}？",
        "There is no command {command}; did you mean {near}?",
    ),
    "again_to_leave": (
        "再按一次 Ctrl-C 离开。",
        "再按一次 Ctrl-C 離開。",
        "Press Ctrl-C again to leave.",
    ),
    "stopped": ("已停止。", "已停止。", "Stopped."),
    "goodbye": ("再见。", "再見。", "Goodbye."),
    "failed": ("出错了：{reason}", "出錯了：{reason}", "That failed: {reason}"),
    "more_below": (
        "/more 更多 · /open 1 全文 · /why 依据",
        "/more 更多 · /open 1 全文 · /why 依據",
        "/more passages · /open 1 the article · /why",
    ),
    # Commands
    "sample_index": (
        "{place} 还没有索引，先用附带的示例文章建立；您自己的文章请用 xunzhang rebuild 文件夹",
        "{place} 還沒有索引，先用附帶的示例文章建立；您自己的文章請用 xunzhang rebuild 資料夾",
        "no index at {place} yet: indexing the sample articles first; "
        "for your own: xunzhang rebuild FOLDER",
    ),
    "not_utf8": (
        "第 {line} 行输入不是 UTF-8，按 {encoding} 读取",
        "第 {line} 行輸入不是 UTF-8，按 {encoding} 讀取",
        "line {line} of the input is not UTF-8; read as {encoding}",
    ),
    "rebuilt": (
        "{generation}：{articles} 篇文章，{passages} 个段落，用时 {seconds} 秒",
        "{generation}：{articles} 篇文章，{passages} 個段落，用時 {seconds} 秒",
        "{generation}: {articles} articles, {passages} passages, {seconds} s",
    ),
    "rebuilt_changes": (
        "新增 {new}，更改 {changed}，移除 {removed}，未变 {unchanged}",
        "新增 {new}，更改 {changed}，移除 {removed}，未變 {unchanged}",
        "new {new}, changed {changed}, removed {removed}, unchanged {unchanged}",
    ),
    "rebuilt_folded": (
        "多篇共有的文字 {shared} 段，各只存一份；转载或重复 {reprints} 篇",
        "多篇共有的文字 {shared} 段，各只存一份；轉載或重複 {reprints} 篇",
        "texts shared by several articles, kept once: {shared}; reprints: {reprints}",
    ),
    "rebuilt_failed": (
        "无法读取 {count} 个，其余已编入索引",
        "無法讀取 {count} 個，其餘已編入索引",
        "could not be read: {count}; the others are indexed",
    ),
    "rebuilt_ignored": (
        "不是文章格式、未读 {count} 个：{names}",
        "不是文章格式、未讀 {count} 個：{names}",
        "not in a format of articles, left alone: {count} ({names})",
    ),
    "stage_reading": ("读取", "讀取", "reading"),
    "stage_encoding": ("编码", "編碼", "encoding"),
    "stage_indexing": ("建立索引", "建立索引", "indexing"),
    "stage_searching": ("检索", "檢索", "searching"),
    "clean_nothing": (
        "（没有正文）",
        "（沒有正文）",
        "(no article text)",
    ),
    "clean_encoding": ("编码", "編碼", "encoding"),
    "clean_date": ("日期", "日期", "date"),
    "clean_length": ("{count} 字", "{count} 字", "{count} characters"),
    "clean_repairs": ("修复 {count} 处", "修復 {count} 處", "repairs: {count}"),
    "clean_dropped": ("去除 {count} 块", "去除 {count} 塊", "dropped: {count}"),
    "clean_shared": ("与其他文章共有", "與其他文章共有", "shared with other articles"),
    "clean_clean": ("没有改动", "沒有改動", "nothing to repair"),
    "and_more": ("……另有 {count} 项", "……另有 {count} 項", "… and {count} more"),
    "check_ok": ("索引 {place} 完好", "索引 {place} 完好", "index {place} is sound"),
    "check_bad": ("索引 {place} 有问题", "索引 {place} 有問題", "index {place} has problems"),
    "level_error": ("错误", "錯誤", "error"),
    "level_warning": ("注意", "注意", "warning"),
    "level_info": ("信息", "資訊", "info"),
    "rolled_back": (
        "已回到 {generation}",
        "已回到 {generation}",
        "back to {generation}",
    ),
    "eval_queries": ("{count} 个问题", "{count} 個問題", "{count} questions"),
    "eval_time": (
        "每题用时（毫秒）：{times}",
        "每題用時（毫秒）：{times}",
        "milliseconds a question: {times}",
    ),
}
