"""Articles of made-up sentences, as many and as long as a test needs."""

from __future__ import annotations

import random
from pathlib import Path

from corpus.repeats import Survey
from corpus.segments import segments

WORDS = [
    "消费者",
    "商家",
    "平台",
    "退款",
    "玩具",
    "家电",
    "抽查",
    "标签",
    "说明书",
    "投诉",
    "调解",
    "协会",
    "记者",
    "现场",
    "快递",
    "价格",
    "合同",
    "预付卡",
    "食品",
    "检测",
    "质量",
    "安全",
    "提醒",
    "公告",
    "企业",
    "赔偿",
    "服务",
    "培训",
    "标准",
    "召回",
    "汽车",
    "手机",
    "药店",
    "超市",
    "物业",
    "旅行社",
    "健身房",
    "房东",
]


def sentences(seed: int, count: int) -> list[str]:
    """Make sentences of our own, different for each seed."""
    chance = random.Random(seed)
    return [
        "".join(chance.choice(WORDS) for _ in range(chance.randint(5, 9))) + "。"
        for _ in range(count)
    ]


def article_text(seed: int, *, count: int = 12) -> str:
    made = sentences(seed, count)
    return "\n".join("".join(made[start : start + 3]) for start in range(0, count, 3))


BLOCK = "关于协会\n" + article_text(1000, count=15)
LONG_BLOCK = article_text(2000, count=60)


def survey(texts: list[str], folder: Path) -> Survey:
    made = Survey(folder)
    for text in texts:
        made.add(segments(text))
    made.finish()
    return made
