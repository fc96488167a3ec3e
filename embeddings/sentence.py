"""Any sentence-transformers model as an `Encoder`; and the bundled model for that library.

The only module that imports sentence_transformers, and only when a model is asked for: the
import alone takes seconds and hundreds of megabytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings.bundled import BundledEncoder
from embeddings.encoder import FloatMatrix, Progress
from embeddings.errors import ExtraMissing, ModelNotFound

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder, SentenceTransformer

_INSTALL = "pip install 'xunzhang[models]'"
_REASON_LENGTH = 200
_HUB_SECONDS = 10
_WEIGHT_FILES = ("*.safetensors", "*.bin")
_CHUNK_BATCHES = 8
"""Batches between two calls of `progress`; the library sorts by length within a chunk."""


class SentenceTransformerEncoder:
    """A sentence-transformers model, by its name on the hub or its folder on disk."""

    worth_caching = True

    def __init__(
        self,
        name: str,
        *,
        batch_size: int = 32,
        threads: int | None = None,
        device: str | None = None,
    ) -> None:
        """Load the model; `device` None takes a GPU where there is one.

        Code that comes with a model is never run.

        Raises:
            ExtraMissing: sentence-transformers is not installed.
            ModelNotFound: no such model, or the hub cannot be reached.
            ValueError: batch size or threads below 1.
        """
        if batch_size < 1 or (threads is not None and threads < 1):
            raise ValueError(f"batch size {batch_size} and threads {threads} must be at least 1")
        library = _library(name)
        if threads is not None:
            _set_threads(threads)
        self._model: SentenceTransformer = _load(library.SentenceTransformer, name, device)
        self._name = name
        self._batch_size = batch_size
        self._identity = _identity(name, self._model, library.__version__)
        self._dim = int(self._model.get_embedding_dimension() or 0)

    @property
    def name(self) -> str:
        """The name or folder it was asked for."""
        return self._name

    @property
    def identity(self) -> str:
        """Name, revision or digest of the weights, prompts, width."""
        return self._identity

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return self._dim

    def encode_passages(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> FloatMatrix:
        """Encode texts to be found, with the model's prompt for documents."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        chunk = self._batch_size * _CHUNK_BATCHES
        for start in range(0, len(texts), chunk):
            some = list(texts[start : start + chunk])
            vectors[start : start + len(some)] = self._encode(self._model.encode_document, some)
            if progress:
                progress(len(some))
        return vectors

    def encode_questions(self, texts: Sequence[str]) -> FloatMatrix:
        """Encode questions, with the model's prompt for queries."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        return self._encode(self._model.encode_query, list(texts))

    def _encode(self, encode: Callable[..., Any], texts: list[str]) -> FloatMatrix:
        vectors = encode(
            texts,
            batch_size=self._batch_size,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=True,
        )
        return np.asarray(vectors, dtype=np.float32)


def as_sentence_transformer(encoder: BundledEncoder) -> SentenceTransformer:
    """Wrap the bundled model for sentence-transformers: same vectors, and trainable there.

    The weights become one float parameter (an EmbeddingBag); `encode_query` and `encode_document`
    lean on the memory as `encode_questions` and `encode_passages` do, `encode` does not. Texts
    must be folded already, as for any encoder.

    Raises:
        ExtraMissing: sentence-transformers is not installed.
    """
    library = _library("bundled")
    import torch
    from sentence_transformers.sentence_transformer.modules import InputModule

    leans = {"query": encoder.memory.lean, "document": encoder.memory.lean_passage}

    class BundledRows(InputModule):
        """The rows of the bundled model as a module: folded texts to unit vectors."""

        forward_kwargs = {"task"}  # noqa: RUF012 - the library reads it from the class

        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            weights = encoder.weights.astype(np.float32) * encoder.scales[:, None]
            self.bag = torch.nn.EmbeddingBag.from_pretrained(
                torch.from_numpy(weights), mode="sum", freeze=False
            )

        def preprocess(
            self, inputs: Sequence[Any], prompt: str | None = None, **_: object
        ) -> dict[str, torch.Tensor]:
            """Give the rows of all texts behind one another, and where each text starts."""
            rows = [encoder.vocabulary.rows((prompt or "") + text) for text in inputs]
            starts = np.cumsum([0, *map(len, rows)])[: len(rows)]
            return {
                "input_ids": torch.from_numpy(np.concatenate([*rows, np.empty(0, np.int64)])),
                "offsets": torch.from_numpy(starts),
            }

        def forward(
            self, features: dict[str, Any], task: str | None = None, **_: object
        ) -> dict[str, Any]:
            """Add up each text's rows and scale the sum to length 1; queries and documents lean."""
            total = self.bag(features["input_ids"], features["offsets"])
            # The tiny eps leaves a text without known tokens at zero and no other text shorter.
            unit = torch.nn.functional.normalize(total, eps=1e-30)
            if lean := leans.get(task or ""):
                leaning = [lean(row) for row in unit.detach().numpy()]
                unit = unit + torch.from_numpy(np.array(leaning, dtype=np.float32))
                unit = torch.nn.functional.normalize(unit, eps=1e-30)
            return features | {"sentence_embedding": unit}

        def get_embedding_dimension(self) -> int:
            """Width of the vectors."""
            return encoder.dim

        def save(self, output_path: str, *args: object, **kwargs: object) -> None:
            """Save the parameter; vocabulary and layout stay with the bundled model."""
            self.save_torch_weights(output_path)

    wrapped: SentenceTransformer = library.SentenceTransformer(
        modules=[BundledRows()], device="cpu"
    )
    return wrapped


def load_cross_encoder(name: str, device: str | None = None) -> CrossEncoder:
    """Load a cross-encoder with the same care as an encoder; what is raised is the same."""
    model: CrossEncoder = _load(_library(name).CrossEncoder, name, device)
    return model


def _library(name: str) -> ModuleType:
    """Import sentence_transformers.

    Raises:
        ExtraMissing: it is not installed.
    """
    if find_spec("sentence_transformers") is None:
        raise ExtraMissing(f"the model {name!r} needs the extra `models`; type: {_INSTALL}")
    import sentence_transformers

    return sentence_transformers


def _set_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


def _load(kind: Callable[..., Any], name: str, device: str | None) -> Any:  # noqa: ANN401
    """Load from a folder, else from what was downloaded before, else from the hub.

    A model that is at hand is used as it is, without asking the hub for a newer one: the same
    index must be searchable tomorrow and without a network.
    """
    load = partial(kind, name, device=device, trust_remote_code=False)
    with _one_line_errors(name), _quiet_bars():
        if Path(name).is_dir() or _at_hand(name):
            return load(local_files_only=True)
        # One request that fails at once; the library would try for more than a minute.
        huggingface_hub = import_module("huggingface_hub")
        huggingface_hub.model_info(name, timeout=_HUB_SECONDS)
        return load()


def _at_hand(name: str) -> bool:
    """Whether the hub's local cache holds a model of that name."""
    try:
        found = import_module("huggingface_hub").try_to_load_from_cache(name, "config.json")
    except ValueError:
        # Not a name a hub model can have; the loader says so.
        return False
    return isinstance(found, str)


@contextmanager
def _quiet_bars() -> Iterator[None]:
    """Let the libraries draw their bars of downloading and loading on a terminal only."""
    hub, transformers = import_module("huggingface_hub.utils"), import_module("transformers.utils")
    if sys.stderr.isatty():
        yield
        return
    hub.disable_progress_bars()
    transformers.logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers.logging.enable_progress_bar()
        hub.enable_progress_bars()


@contextmanager
def _one_line_errors(name: str) -> Iterator[None]:
    """Fold what the library and the hub have to say into one line."""
    hub_errors = import_module("huggingface_hub.errors")
    # The hub's client has changed its HTTP library twice; this is its root error in any of them.
    http_errors = hub_errors.HfHubHTTPError.__bases__
    wrong = (OSError, ValueError, RuntimeError, ImportError, AttributeError, KeyError, TypeError)
    try:
        yield
    except (*wrong, *http_errors) as error:
        reason = " ".join(str(error).split())[:_REASON_LENGTH]
        if Path(name).is_dir():
            advice = "the folder must hold a whole sentence-transformers model"
        else:
            advice = "check the name and the network, or name a folder that holds the model"
        raise ModelNotFound(f"cannot load the model {name!r}: {advice} ({reason})") from error


def _identity(name: str, model: SentenceTransformer, version: str) -> str:
    """Describe everything that shapes a vector, in one line."""
    folder = Path(name)
    revision = _folder_digest(folder) if folder.is_dir() else _commit(model)
    prompts = sha256(json.dumps(model.prompts, sort_keys=True).encode()).hexdigest()[:8]
    major = version.split(".")[0]
    length = model.get_max_seq_length()
    width = model.get_embedding_dimension()
    title = folder.name if folder.is_dir() else name
    return f"{title}@{revision}:{width}:{length}:prompts-{prompts}:st{major}"


def _commit(model: SentenceTransformer) -> str:
    """Give the hub's commit of a downloaded model, `unknown` where it does not say."""
    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    return str(getattr(config, "_commit_hash", None) or "unknown")


def _folder_digest(folder: Path) -> str:
    """Digest of a model's files: the small ones byte for byte, weights as well."""
    digest = sha256()
    kinds = ("*.json", "*.txt", "*.model", *_WEIGHT_FILES)
    for path in sorted({path for kind in kinds for path in folder.rglob(kind)}):
        digest.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as content:
            for block in iter(lambda: content.read(1 << 20), b""):
                digest.update(block)
    return digest.hexdigest()[:12]
