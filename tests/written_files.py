"""Write a file and read what articles it holds."""

from __future__ import annotations

from pathlib import Path

from corpus import Article, Failure, Notice, SourceFile, read_articles

BODY = (
    "消费者在网上买的外套不合身，七天之内可以退回，运费由自己承担。商家收到以后应当把钱退给消费者。"
)


def read(path: Path, content: bytes | str) -> list[Article | Failure | Notice]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return list(read_articles(SourceFile(path, path.name)))


def read_one(path: Path, content: bytes | str) -> Article:
    (found,) = read(path, content)
    assert isinstance(found, Article)
    return found


def failure(path: Path, content: bytes | str) -> str:
    (found,) = read(path, content)
    assert isinstance(found, Failure)
    assert found.path == str(path)
    assert "\n" not in found.reason
    return found.reason
