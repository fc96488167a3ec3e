"""Every sentence of the Telegram bot, in 简, 繁 and English; see `bot.wording` for the others."""

from __future__ import annotations

from bot.telegram.adding_wording import ADDING
from bot.wording import LANGUAGES, Language


def tell(key: str, language: Language, **values: object) -> str:
    """Return a sentence with its placeholders filled.

    Raises:
        KeyError: no such sentence, or a placeholder without a value.
    """
    return TABLE[key][LANGUAGES.index(language)].format(**values)


TABLE: dict[str, tuple[str, str, str]] = {
    "start": (
        "您好，我是寻章。\n\n用平常的话提问，我在资料中找到原文给您看，并注明出处；"
        "找不到就直说。简体、繁体都可以。\n\n例如：网上买的东西可以退货吗？",
        "您好，我是尋章。\n\n用平常的話提問，我在資料中找到原文給您看，並註明出處；"
        "找不到就直說。簡體、繁體都可以。\n\n例如：網上買的東西可以退貨嗎？",
        "Hello, this is xunzhang 尋章.\n\nAsk in plain Chinese, Simplified or Traditional. I show "
        "the passage of the archive that answers, with its source, and say so when there is "
        "none.\n\nFor instance: 网上买的东西可以退货吗？",
    ),
    "help": (
        "直接发送问题即可。在群组里请用 /ask 问题、回复我的消息，或 @{bot}。\n\n"
        "◀ ▶ 翻看其他段落，「全文」读整篇，「来源」列出全部出处，👍 👎 告诉我们答得如何。"
        "可以接着追问（那30天呢？），过了半小时请回复那条答案；/new 换话题。"
        "修改您的问题，答案也会跟着改。\n\n"
        "只看部分文章：since:2019 before:2020-06 site:12315.cn title:召回，"
        "或“2019年以后的召回新闻”。\n\n"
        "/lang 语言\n/settings 引文用简体、繁体或原文\n/new 新话题\n/about 关于\n"
        "/privacy 我们记录什么\n/forget 删除您的记录",
        "直接傳送問題即可。在群組裡請用 /ask 問題、回覆我的訊息，或 @{bot}。\n\n"
        "◀ ▶ 翻看其他段落，「全文」讀整篇，「來源」列出全部出處，👍 👎 告訴我們答得如何。"
        "可以接著追問（那30天呢？），過了半小時請回覆那則答案；/new 換話題。"
        "修改您的問題，答案也會跟著改。\n\n"
        "只看部分文章：since:2019 before:2020-06 site:12315.cn title:召回，"
        "或「2019年以後的召回新聞」。\n\n"
        "/lang 語言\n/settings 引文用簡體、繁體或原文\n/new 新話題\n/about 關於\n"
        "/privacy 我們記錄什麼\n/forget 刪除您的記錄",
        "Just send a question. In groups use /ask QUESTION, reply to me, or @{bot}.\n\n"
        "◀ ▶ show the other passages, “Article” the whole text, “Sources” where it all comes from; "
        "👍 👎 tell us how good the answer was. Follow up (那30天呢？), after half an hour by "
        "a reply to the answer; /new changes the subject. Edit your question and the answer "
        "follows.\n\n"
        "Some articles only: since:2019 before:2020-06 site:12315.cn title:召回, or "
        "2019年以后的召回新闻.\n\n"
        "/lang language\n/settings quotes in Simplified, Traditional or as written\n"
        "/new new subject\n/about about\n/privacy what is kept\n/forget delete what is kept",
    ),
    "help_admin": (
        "\n\n管理员：/stats 统计，/index 索引，/add 添加文章（也可以直接发送文件或转发文章）",
        "\n\n管理員：/stats 統計，/index 索引，/add 加入文章（也可以直接傳送檔案或轉寄文章）",
        "\n\nAdmins: /stats, /index, /add (or just send a file or forward an article)",
    ),
    "hint": (
        "请用文字提问，例如：预付卡商家跑路了怎么办？",
        "請用文字提問，例如：預付卡商家跑路了怎麼辦？",
        "Please ask in words, for instance: 预付卡商家跑路了怎么办？",
    ),
    "unknown": (
        "没有 /{command} 这个命令；/help 列出全部。",
        "沒有 /{command} 這個命令；/help 列出全部。",
        "There is no command /{command}; /help lists them.",
    ),
    "new": ("好，请问下一个问题。", "好，請問下一個問題。", "Fine. What is the next question?"),
    "about": (
        "寻章：问一问您的文章资料库，答案是原文，不是猜测。不用语言模型，资料不出这台服务器。\n\n"
        "现有 {articles} 篇文章、{passages} 个段落（{generation}）。",
        "尋章：問一問您的文章資料庫，答案是原文，不是猜測。不用語言模型，資料不出這臺伺服器。\n\n"
        "現有 {articles} 篇文章、{passages} 個段落（{generation}）。",
        "xunzhang 尋章: ask an archive of Chinese articles and get the passage, not a guess. No "
        "language model; nothing leaves this server.\n\n"
        "{articles} articles, {passages} passages ({generation}).",
    ),
    "privacy": (
        "为了翻页、追问和改进，我们保存：您的提问与答案、评价、耗时，最多 {days} 天；您的 ID "
        "只以加盐散列保存。日志里没有您的问题。/forget 立即全部删除，"
        "别人接着您的问题追问时留下的您的话也删除。",
        "為了翻頁、追問和改進，我們保存：您的提問與答案、評價、耗時，最多 {days} 天；您的 ID "
        "只以加鹽雜湊保存。日誌裡沒有您的問題。/forget 立即全部刪除，"
        "別人接著您的問題追問時留下的您的話也刪除。",
        "To turn pages, to understand follow-ups and to get better, this is kept for at most "
        "{days} days: your questions and their answers, votes, and times. Your id is kept only as "
        "a salted hash. Logs hold no questions. /forget deletes it all at once, your words in what "
        "others asked after you included.",
    ),
    "forgotten": (
        "已删除您的 {count} 条记录和设置。",
        "已刪除您的 {count} 筆記錄和設定。",
        "Deleted: {count} records of yours, and your settings.",
    ),
    "forgotten_anonymous": (
        "您以匿名管理员的身份发言，所以已删除的是本群匿名管理员的 {count} 条记录。",
        "您以匿名管理員的身份發言，所以已刪除的是本群匿名管理員的 {count} 筆記錄。",
        "You write as an anonymous admin, so what this group's anonymous admins asked is deleted: "
        "{count} records.",
    ),
    "lang": ("界面语言：", "介面語言：", "Language:"),
    "lang_now": ("好，以后用简体中文。", "好，以後用繁體中文。", "Fine, English from now on."),
    "lang_auto": ("好，跟随您的 Telegram。", "好，跟隨您的 Telegram。", "Fine, as your Telegram."),
    "settings": (
        "引文的字体（现在：{script}）：",
        "引文的字體（現在：{script}）：",
        "Script of quotes (now: {script}):",
    ),
    "script_source": ("原文", "原文", "as written"),
    "script_hans": ("简体", "簡體", "Simplified"),
    "script_hant": ("繁体", "繁體", "Traditional"),
    "auto": ("自动", "自動", "Automatic"),
    "saved": ("已保存。", "已儲存。", "Saved."),
    # Answers
    "found": ("找到了（{confidence}）", "找到了（{confidence}）", "Found ({confidence})"),
    "not_found": (
        "资料中没有找到能回答这个问题的内容。",
        "資料中沒有找到能回答這個問題的內容。",
        "The archive holds no answer to this question.",
    ),
    "nearest": ("标题最接近的文章：", "標題最接近的文章：", "Nearest titles:"),
    "also_in": ("另见于 {count} 处", "另見於 {count} 處", "also in {count} sources"),
    "article": ("📄 全文", "📄 全文", "📄 Article"),
    "sources": ("📚 来源", "📚 來源", "📚 Sources"),
    "back": ("↩ 回到答案", "↩ 回到答案", "↩ Answer"),
    "sources_head": ("来源", "來源", "Sources"),
    "page": ("第 {page} / {pages} 页", "第 {page} / {pages} 頁", "Page {page} of {pages}"),
    "share": ("分享这篇文章", "分享這篇文章", "Share this article"),
    "expired": (
        "这个按钮已过期，请重新提问。",
        "這個按鈕已過期，請重新提問。",
        "This button has expired; please ask again.",
    ),
    "article_gone": (
        "索引中已没有这篇文章。",
        "索引中已沒有這篇文章。",
        "The index no longer holds that article.",
    ),
    "voted": ("谢谢，已记下。", "謝謝，已記下。", "Thank you, noted."),
    "unvoted": ("已收回评价。", "已收回評價。", "Vote withdrawn."),
    "nothing": ("（没有内容）", "（沒有內容）", "(nothing)"),
    # Refusals
    "too_long": (
        "问题最多 {most} 个字，这一条有 {count} 个。请缩短后再问。",
        "問題最多 {most} 個字，這一則有 {count} 個。請縮短後再問。",
        "A question has at most {most} characters, this one has {count}. Please shorten it.",
    ),
    "slow_down": (
        "问得太快了，请过 {seconds} 秒再问。",
        "問得太快了，請過 {seconds} 秒再問。",
        "That is too fast for me; please ask again in {seconds} s.",
    ),
    "busy": (
        "现在问的人很多，请过 {seconds} 秒再问。",
        "現在問的人很多，請過 {seconds} 秒再問。",
        "Very many people are asking; please try again in {seconds} s.",
    ),
    "late": (
        "这次检索太久了，请稍后再问。",
        "這次檢索太久了，請稍後再問。",
        "That search takes too long; please ask again later.",
    ),
    "unavailable": (
        "资料库暂时不能检索，请稍后再问。",
        "資料庫暫時不能檢索，請稍後再問。",
        "The archive cannot be searched just now; please ask again later.",
    ),
    "wrong": (
        "出错了，请再试一次（编号 {number}）。",
        "出錯了，請再試一次（編號 {number}）。",
        "Something went wrong; please try again (number {number}).",
    ),
    "refused": (
        "这个机器人没有对您开放。您的 ID 是 {person}，请把它交给管理员。",
        "這個機器人沒有對您開放。您的 ID 是 {person}，請把它交給管理員。",
        "This bot is not open to you. Your id is {person}; give it to an admin.",
    ),
    "refused_group": (
        "这个机器人没有对本群开放。群 ID 是 {chat}，您的 ID 是 {person}，请交给管理员。",
        "這個機器人沒有對本群開放。群 ID 是 {chat}，您的 ID 是 {person}，請交給管理員。",
        "This bot is not open to this group. The group's id is {chat}, yours {person}; "
        "give them to an admin.",
    ),
    "admins_only": (
        "只有管理员可以这样做。您的 ID 是 {person}。",
        "只有管理員可以這樣做。您的 ID 是 {person}。",
        "Only admins may do that. Your id is {person}.",
    ),
    "anonymous": (
        "您以匿名管理员的身份发言，我不知道您是谁。请关闭匿名后再试。本群 ID 是 {chat}。",
        "您以匿名管理員的身份發言，我不知道您是誰。請關閉匿名後再試。本群 ID 是 {chat}。",
        "You write as an anonymous admin, so I cannot tell who you are. Write as yourself. "
        "This group's id is {chat}.",
    ),
    # Admins
    "stats_head": ("近 {days} 天", "近 {days} 天", "Last {days} days"),
    "stats_questions": (
        "提问 {count}，答出 {share}；👍 {up} 👎 {down}",
        "提問 {count}，答出 {share}；👍 {up} 👎 {down}",
        "{count} questions, {share} answered; 👍 {up} 👎 {down}",
    ),
    "stats_times": (
        "用时 p50 {p50} 毫秒，p95 {p95} 毫秒",
        "用時 p50 {p50} 毫秒，p95 {p95} 毫秒",
        "p50 {p50} ms, p95 {p95} ms",
    ),
    "stats_days": ("每天：", "每天：", "By day:"),
    "stats_unanswered": ("没有答出的问题：", "沒有答出的問題：", "Not answered:"),
    "index_status": (
        "{generation}：{articles} 篇文章，{passages} 个段落，模型 {encoder}，建于 {created}",
        "{generation}：{articles} 篇文章，{passages} 個段落，模型 {encoder}，建於 {created}",
        "{generation}: {articles} articles, {passages} passages, model {encoder}, built {created}",
    ),
    "index_rebuild": ("🔄 重建", "🔄 重建", "🔄 Rebuild"),
    "index_rollback": ("⏪ 回到上一版", "⏪ 回到上一版", "⏪ Roll back"),
    "index_sure": ("回到上一版？", "回到上一版？", "Back to the generation before?"),
    "rolled_back": ("已回到 {generation}。", "已回到 {generation}。", "Back to {generation}."),
    "rebuilding": ("正在重建……", "正在重建……", "Rebuilding…"),
    "rebuilt": (
        "{generation}：{articles} 篇文章，{passages} 个段落；"
        "新增 {new}，更改 {changed}，移除 {removed}；用时 {seconds} 秒",
        "{generation}：{articles} 篇文章，{passages} 個段落；"
        "新增 {new}，更改 {changed}，移除 {removed}；用時 {seconds} 秒",
        "{generation}: {articles} articles, {passages} passages; "
        "new {new}, changed {changed}, removed {removed}; {seconds} s",
    ),
    "failed": ("失败：{reason}", "失敗：{reason}", "That failed: {reason}"),
    **ADDING,
    # Menus
    "describe": (
        "用平常的话问，我从文章资料库里找出原文和出处；找不到就直说。简体、繁体都可以。",
        "用平常的話問，我從文章資料庫裡找出原文和出處；找不到就直說。簡體、繁體都可以。",
        "Ask in plain Chinese and get the passage of the archive that answers, with its source; "
        "or a plain “not in the archive”.",
    ),
    "describe_short": (
        "问文章资料库，得到原文和出处。",
        "問文章資料庫，得到原文和出處。",
        "Ask a Chinese article archive, get the passage.",
    ),
    "menu_start": ("开始", "開始", "Begin"),
    "menu_help": ("怎么用", "怎麼用", "How to use it"),
    "menu_ask": ("提问", "提問", "Ask a question"),
    "menu_lang": ("界面语言", "介面語言", "Language"),
    "menu_settings": ("引文用简体、繁体或原文", "引文用簡體、繁體或原文", "Script of quotes"),
    "menu_new": ("新话题", "新話題", "New subject"),
    "menu_about": ("关于", "關於", "About"),
    "menu_privacy": ("我们记录什么", "我們記錄什麼", "What is kept"),
    "menu_forget": ("删除您的记录", "刪除您的記錄", "Delete what is kept of you"),
    "menu_stats": ("统计", "統計", "Statistics"),
    "menu_index": ("索引", "索引", "The index"),
    "menu_add": ("添加文章", "加入文章", "Add an article"),
    # Inline
    "inline_help": ("如何提问", "如何提問", "How to ask"),
    "inline_none": ("没有找到：打开聊天", "沒有找到：打開聊天", "Nothing found: open the chat"),
    "inline_refused": ("没有对您开放", "沒有對您開放", "Not open to you"),
}
