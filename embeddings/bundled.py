"""The encoder that ships with the package: a static model, run with numpy alone.

A text's vector is the mean of its tokens' vectors, scaled to length 1. There is no network and
no token weight beside the rows: a frequent token is unimportant because its row is short, and
training made it so. A row is small integers and one scale, four bits a number on disk. Questions
and passages also lean towards one another by what the model was trained on (`embeddings.memory`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from embeddings.encoder import BUNDLED, FloatMatrix, FloatVector, Progress
from embeddings.errors import ModelNotFound
from embeddings.memory import QuestionMemory
from embeddings.nibbles import pack, unpack
from embeddings.tokens import Vocabulary

MODEL_DIR = Path(__file__).parent / "model"
"""Where the shipped model lies."""

FORMAT = 4
"""Version of the layout on disk; a folder of another version is refused."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of a saved model, each named once."""

    folder: Path

    @property
    def config(self) -> Path:
        """JSON: format, dim, counts, size and sha256 of every other file, facts of training."""
        return self.folder / "config.json"

    @property
    def characters(self) -> Path:
        """(characters,) uint32: code points, in the order of their rows."""
        return self.folder / "characters.npy"

    @property
    def pairs(self) -> Path:
        """(pairs,) uint32, ascending: two character rows, 16 bits each."""
        return self.folder / "pairs.npy"

    @property
    def words(self) -> Path:
        """Words and numbers, one a line."""
        return self.folder / "words.txt"

    @property
    def weights(self) -> Path:
        """(tokens, dim / 2) uint8: two numbers from -8 to 7 a byte."""
        return self.folder / "weights.npy"

    @property
    def scales(self) -> Path:
        """(tokens,) float16: what one unit of a row is worth."""
        return self.folder / "scales.npy"

    @property
    def memory(self) -> Path:
        """Questions seen in training and where their answers lie."""
        return self.folder / "memory.npz"

    @property
    def data(self) -> tuple[Path, ...]:
        """Every file the config vouches for."""
        return self.characters, self.pairs, self.words, self.weights, self.scales, self.memory


class BundledEncoder:
    """The bundled model, loaded: an `Encoder` that needs numpy and nothing else."""

    worth_caching = True
    """Measured: 40,000 passages take 3.2 s to encode, 0.4 s to look up and 0.6 s to put away."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        weights: npt.NDArray[np.int8],
        scales: npt.NDArray[np.float32],
        *,
        memory: QuestionMemory | None = None,
        identity: str = "bundled:unsaved",
    ) -> None:
        """Join a vocabulary and its rows; `weights` is (tokens, dim), `scales` (tokens,).

        Without a `memory` questions are encoded exactly as passages.

        Raises:
            ValueError: the counts do not agree.
        """
        if weights.ndim != 2 or not len(vocabulary) == len(weights) == len(scales):
            raise ValueError(
                f"{len(vocabulary)} tokens, weights {weights.shape} and {len(scales)} scales"
                " do not belong together"
            )
        self.vocabulary = vocabulary
        self.weights = weights
        self.scales = scales
        self.memory = memory or QuestionMemory.empty(weights.shape[1])
        self._identity = identity

    @classmethod
    def load(cls, folder: Path = MODEL_DIR) -> BundledEncoder:
        """Load a model that `save` or `python -m embeddings.training` wrote.

        Raises:
            ModelNotFound: the folder holds no model, or one that is damaged.
        """
        layout = Layout(folder)
        try:
            config = json.loads(layout.config.read_text(encoding="utf-8"))
            _check(layout, config)
            vocabulary = Vocabulary(
                np.load(layout.characters, allow_pickle=False),
                np.load(layout.pairs, allow_pickle=False),
                layout.words.read_text(encoding="utf-8").splitlines(),
            )
            weights = unpack(np.load(layout.weights, allow_pickle=False))
            if weights.shape[1:] != (config["dim"],):
                raise ValueError(f"weights are {weights.shape}")
            return cls(
                vocabulary,
                weights,
                np.load(layout.scales, allow_pickle=False).astype(np.float32),
                memory=QuestionMemory.load(layout.memory, config["dim"]),
                identity=f"bundled:{identity_of(config)}",
            )
        except FileNotFoundError as error:
            where = error.filename or layout.config
            raise ModelNotFound(
                f"no bundled model in {folder}: {where} is missing; reinstall xunzhang"
            ) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError, BadZipFile) as error:
            reason = " ".join(str(error).split())
            raise ModelNotFound(
                f"the model in {folder} is damaged ({reason}); reinstall xunzhang"
            ) from error

    @property
    def name(self) -> str:
        """`bundled`."""
        return BUNDLED

    @property
    def identity(self) -> str:
        """`bundled:` and a short digest of every file that shapes a vector."""
        return self._identity

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return int(self.weights.shape[1])

    def encode_passages(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> FloatMatrix:
        """Encode texts to be found, each leaning towards what was asked of a text like it.

        A text without a known token gives a row of zeros.
        """
        return self._encode_each(texts, self.memory.lean_passage, progress)

    def encode_questions(self, texts: Sequence[str]) -> FloatMatrix:
        """Encode questions, each leaning towards the answers of questions like it."""
        return self._encode_each(texts, self.memory.lean)

    def _encode_each(
        self,
        texts: Sequence[str],
        lean: Callable[[FloatVector], FloatVector],
        progress: Progress | None = None,
    ) -> FloatMatrix:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            self._encode(text, vector)
            _turn(vector, lean(vector))
            if progress:
                progress(1)
        return vectors

    def _encode(self, folded: str, vector: npt.NDArray[np.float32]) -> None:
        """Write the vector of one text. One at a time, so that a batch never shapes it."""
        rows = self.vocabulary.rows(folded)
        if not rows.size:
            return
        total = self.scales[rows] @ self.weights[rows].astype(np.float32)
        length = float(np.sqrt(total @ total))
        if length > 0:
            np.divide(total, length, out=vector)


def _turn(vector: FloatVector, leaning: FloatVector) -> None:
    """Turn a vector of length 1 or 0, and leave it that long."""
    vector += leaning
    length = float(np.sqrt(vector @ vector))
    if length > 0:
        vector /= length


def identity_of(config: dict[str, Any]) -> str:
    """Give the short digest of a config's files: changes whenever any of them could."""
    digests = sorted((name, facts["sha256"]) for name, facts in config["files"].items())
    return sha256(json.dumps([config["format"], digests]).encode()).hexdigest()[:12]


def save(
    folder: Path,
    vocabulary: Vocabulary,
    weights: npt.NDArray[np.int8],
    scales: npt.NDArray[np.float32],
    facts: dict[str, Any],
    *,
    memory: QuestionMemory | None = None,
) -> BundledEncoder:
    """Write a model folder and give back the encoder loaded from it.

    `weights` are numbers from -8 to 7. `facts` is kept in the config under `training`: what a
    reader may want to know. The config is written last, so a folder that was cut short does not
    load.
    """
    folder.mkdir(parents=True, exist_ok=True)
    layout = Layout(folder)
    layout.config.unlink(missing_ok=True)
    np.save(layout.characters, vocabulary.characters)
    np.save(layout.pairs, vocabulary.pairs)
    layout.words.write_text("".join(f"{word}\n" for word in vocabulary.words), encoding="utf-8")
    np.save(layout.weights, pack(weights))
    np.save(layout.scales, scales.astype(np.float16))
    memory = memory or QuestionMemory.empty(weights.shape[1])
    memory.save(layout.memory)
    config = {
        "format": FORMAT,
        "dim": int(weights.shape[1]),
        "tokens": len(vocabulary),
        "remembered": len(memory.keys),
        "files": {
            path.name: {"size": path.stat().st_size, "sha256": _digest(path)}
            for path in layout.data
        },
        "training": facts,
    }
    text = json.dumps(config, ensure_ascii=False, indent=1) + "\n"
    layout.config.write_text(text, encoding="utf-8")
    return BundledEncoder.load(folder)


def verify(folder: Path) -> None:
    """Read every byte of a model and compare digests; loading compares only sizes.

    Raises:
        ModelNotFound: a file is missing or is not the one that was saved.
    """
    layout = Layout(folder)
    encoder = BundledEncoder.load(folder)
    config = json.loads(layout.config.read_text(encoding="utf-8"))
    for path in layout.data:
        if _digest(path) != config["files"][path.name]["sha256"]:
            raise ModelNotFound(f"{path} is not the file {encoder.identity} was saved with")


def _check(layout: Layout, config: dict[str, Any]) -> None:
    """Compare format and sizes before anything is loaded."""
    if config["format"] != FORMAT:
        raise ValueError(f"format {config['format']}, this version reads {FORMAT}")
    for path in layout.data:
        expected = config["files"][path.name]["size"]
        if path.stat().st_size != expected:
            raise ValueError(f"{path.name} has {path.stat().st_size} bytes, not {expected}")


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
