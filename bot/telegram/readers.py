"""Opening the index for the worker threads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.services import Services
from bot.settings import Settings
from bot.telegram.library import Library, Reader

if TYPE_CHECKING:
    from embeddings.encoder import Encoder


class Opener:
    """Opens readers of the live generation, with one encoder for all of them."""

    def __init__(self, services: Services, settings: Settings) -> None:
        self._services = services
        self._settings = settings
        self._name: str | None = None
        self._encoder: Encoder | None = None

    def __call__(self, count: int) -> list[Reader]:
        """Open the live generation so many times."""
        from retrieval import Searcher

        directory = self._settings.index_directory
        name = self._settings.model or self._services.index_model(directory)
        if self._encoder is None or name != self._name:
            self._encoder, self._name = self._services.encoder(self._settings), name
        today, synonyms = self._services.today, self._settings.synonyms
        return [
            Searcher.open(directory, self._encoder, today=today, synonyms=synonyms)
            for _ in range(count)
        ]


def open_library(services: Services, settings: Settings, workers: int) -> Library:
    """Return the library of the settings' index, not yet open."""
    from retrieval.generation import current_name

    live = partial(current_name, settings.index_directory)
    return Library(Opener(services, settings), live, workers)
