"""Laws, news, pairs and judged questions to train on: a few made-up lines."""

from __future__ import annotations

import json
from pathlib import Path

LAW = """\
# 中华人民共和国样品法

2020年1月1日 通过

<!-- INFO END -->

## 第一章 总则

第一条 为了说明样品,制定本法。

第二条 样品应当完整。

样品不完整的,应当更换;不能更换的,应当退款。

## 第二章 附则

第三条 本法自公布之日起施行。
"""
NEWS = """\
# 《样品新闻》

## 新闻全文

### 样品市场<b>抽检</b>结果公布

<p><strong>央视网消息</strong>（新闻联播）：今天公布了样品抽检结果。</p><p>多数样品合格,少数样品不合格。</p>
"""
PAIRS = [
    {"question": "样品坏了怎么退款", "answer": "样品不完整的,可以更换或者退款。", "source": "a"},
    {"question": "样品抽检谁来做", "answer": "抽检由有关部门组织,结果要公布。", "source": "b"},
    {"question": "样品抽检谁来做", "answer": "抽检由有关部门组织,结果要公布。", "source": "b"},
    {"question": " ", "answer": "没有问题的回答。", "source": "b"},
]


def write_lines(path: Path, records: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text(text, encoding="utf-8")


def write_data(place: Path) -> Path:
    """Write a data folder in miniature, and return it."""
    for name, content in (("laws", LAW), ("news", NEWS)):
        (place / name / "deep").mkdir(parents=True)
        (place / name / "deep" / "one.md").write_text(content, encoding="utf-8")
    write_lines(place / "train" / "qa_pairs.jsonl", PAIRS)
    corpus = [
        {"_id": "a0", "title": "样品法", "text": "第二条 样品应当完整。"},
        {"_id": "a1", "title": "样品法", "text": "样品不完整的,应当更换;不能更换的,应当退款。"},
        {"_id": "a2", "title": "", "text": "抽檢結果應當公佈。"},
    ]
    asked = ["退款", "完整", "公佈", "更換", "結果"]
    queries = [{"_id": f"q{number}", "text": f"{text}?"} for number, text in enumerate(asked)]
    for name in ("stard_train", "drcd_dev", "cmrc_trial"):
        folder = place / "eval" / name
        write_lines(folder / "corpus.jsonl", corpus)
        write_lines(folder / "queries.jsonl", [*queries, {"_id": "q9", "text": "无人判断"}])
        judged = ["q0 a1 1", "q1 a0 1", "q1 a1 1", "q2 a2 1", "q2 a0 0", "q3 a1 1", "q4 a2 1"]
        qrels = "\n".join(["query-id corpus-id score", *judged]).replace(" ", "\t") + "\n"
        (folder / "qrels.tsv").write_text(qrels, encoding="utf-8")
    return place
