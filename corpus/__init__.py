"""Articles on disk to clean passages: reading, cleaning, splitting, and the fold for matching."""

from corpus.cleaning import CLEANER_VERSION, Cleaned, clean_text
from corpus.errors import (
    ArticleEncodingError,
    ArticleFormatError,
    CorpusError,
    ExtraMissing,
    SourceNotFound,
)
from corpus.folding import FOLD_VERSION, fold
from corpus.listing import SUFFIXES, Listing, find_files
from corpus.reading import read_articles
from corpus.records import Article, Drop, Failure, Notice, Passage, Repair, SourceFile
from corpus.script import Script, detect_script
from corpus.sentences import sentences
from corpus.splitting import SPLITTER_VERSION, split

__all__ = [
    "CLEANER_VERSION",
    "FOLD_VERSION",
    "SPLITTER_VERSION",
    "SUFFIXES",
    "Article",
    "ArticleEncodingError",
    "ArticleFormatError",
    "Cleaned",
    "CorpusError",
    "Drop",
    "ExtraMissing",
    "Failure",
    "Listing",
    "Notice",
    "Passage",
    "Repair",
    "Script",
    "SourceFile",
    "SourceNotFound",
    "clean_text",
    "detect_script",
    "find_files",
    "fold",
    "read_articles",
    "sentences",
    "split",
]
