"""Questions the model has seen, and where their answers lie: the richer side of the encoder.

A sum of rows cannot know that 退一赔三 asks for one particular article. So the model carries the
vectors of its training questions (keys) and of the passages that answer them (values), and a
question leans towards the values of the keys nearest to it: attention over a fixed memory, as in
key-value memory networks (Miller et al. 2016) and nearest-neighbour language models (Khandelwal
et al. 2020). Passages are encoded without it. A question like none of the memory's stays put.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings.centring import centred
from embeddings.encoder import FloatMatrix, FloatVector
from embeddings.nibbles import Nibbles, pack, quantise, unpack

NEIGHBOURS = 16
"""Keys that a question attends to."""
_SHARPNESS = 15.0
_STRENGTH = 0.5
_GROUP = 128
"""Keys a group, about; groups are what a question is compared with first."""
_PROBED = 6
"""Groups whose keys a question is compared with."""
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class QuestionMemory:
    """Keys in groups of neighbours, and the value each key leads to.

    All vectors are of length 1 after `common`, the mean of all passages, is subtracted: what all
    texts share says nothing.
    """

    common: FloatVector
    """(dim,)"""
    centres: FloatMatrix
    """(groups, dim)"""
    ends: npt.NDArray[np.int32]
    """(groups,): where each group's keys end."""
    keys: Nibbles
    """(keys, dim)"""
    key_steps: FloatVector
    values: Nibbles
    """(values, dim)"""
    value_steps: FloatVector
    leads_to: npt.NDArray[np.int32]
    """(keys,): row of the value."""

    @classmethod
    def empty(cls, dim: int) -> QuestionMemory:
        """Return a memory of nothing."""
        none, no_steps = np.zeros((0, dim), dtype=np.int8), np.zeros(0, dtype=np.float32)
        places = np.zeros(0, dtype=np.int32)
        common, centres = np.zeros(dim, dtype=np.float32), np.zeros((0, dim), dtype=np.float32)
        return cls(common, centres, places, none, no_steps, none, no_steps, places)

    @classmethod
    def of(
        cls,
        questions: FloatMatrix,
        answers: FloatMatrix,
        leads_to: npt.NDArray[np.int32],
        common: FloatVector,
    ) -> QuestionMemory:
        """Build a memory: `questions[i]` is answered by `answers[leads_to[i]]`.

        `questions` is (keys, dim) and `answers` (values, dim), as the encoder gives them.
        """
        if not len(questions):
            return cls.empty(len(common))
        keys, values = centred(questions, common), centred(answers, common)
        centres = _neighbourhoods(keys)
        group = np.argmax(keys @ centres.T, axis=1)
        order = np.argsort(group, kind="stable")
        ends = np.cumsum(np.bincount(group, minlength=len(centres))).astype(np.int32)
        numbers, steps = quantise(keys[order])
        value_numbers, value_steps = quantise(values)
        centres = centres.astype(np.float16).astype(np.float32)
        return cls(
            common.astype(np.float32),
            centres,
            ends,
            numbers,
            steps,
            value_numbers,
            value_steps,
            leads_to[order].astype(np.int32),
        )

    def lean(self, vector: FloatVector) -> FloatVector:
        """Return what to add to a question's vector, (dim,) of length 1 or 0, before scaling."""
        if not len(self.keys) or not vector.any():
            return np.zeros_like(vector)
        own = centred(vector[None], self.common)[0]
        nearest = np.argsort(-(self.centres @ own), kind="stable")[:_PROBED]
        groups = [(self.ends[one - 1] if one else 0, self.ends[one]) for one in np.sort(nearest)]
        places = np.concatenate([np.arange(start, end) for start, end in groups])
        if not places.size:
            return np.zeros_like(vector)
        keys = np.concatenate([self.keys[start:end] for start, end in groups], dtype=np.float32)
        likeness = (keys @ own) * self.key_steps[places]
        if likeness.size > NEIGHBOURS:
            best = np.argpartition(-likeness, NEIGHBOURS)[:NEIGHBOURS]
            places, likeness = places[best], likeness[best]
        most = float(likeness.max())
        weights = np.exp(_SHARPNESS * (likeness - most))
        rows = self.leads_to[places]
        weights *= self.value_steps[rows] / weights.sum()
        strength = np.float32(_STRENGTH * max(0.0, most))
        leaning: FloatVector = strength * (weights @ self.values[rows].astype(np.float32))
        return leaning

    def save(self, path: Path) -> None:
        """Write it as one file without pickles."""
        with path.open("wb") as out:
            np.savez(
                out,
                common=self.common,
                centres=self.centres.astype(np.float16),
                ends=self.ends,
                keys=pack(self.keys),
                key_steps=self.key_steps.astype(np.float16),
                values=pack(self.values),
                value_steps=self.value_steps.astype(np.float16),
                leads_to=self.leads_to,
            )

    @classmethod
    def load(cls, path: Path, dim: int) -> QuestionMemory:
        """Read what `save` wrote.

        Raises:
            ValueError: its parts do not belong together.
            zipfile.BadZipFile, OSError, KeyError: the file is damaged or missing.
        """
        with np.load(path, allow_pickle=False) as saved:
            memory = cls(
                saved["common"],
                saved["centres"].astype(np.float32),
                saved["ends"],
                unpack(saved["keys"]),
                saved["key_steps"].astype(np.float32),
                unpack(saved["values"]),
                saved["value_steps"].astype(np.float32),
                saved["leads_to"],
            )
        keys, values = len(memory.keys), len(memory.values)
        if (
            {len(memory.common), *(part.shape[1] for part in (memory.keys, memory.values))} != {dim}
            or memory.centres.shape != (len(memory.ends), dim)
            or not keys == len(memory.key_steps) == len(memory.leads_to)
            or len(memory.value_steps) != values
            or (keys and (memory.ends[-1] != keys or memory.leads_to.max() >= values))
        ):
            raise ValueError(f"{path.name} holds parts that do not belong together")
        return memory


def _neighbourhoods(keys: FloatMatrix) -> FloatMatrix:
    """Group keys by k-means on the sphere (Dhillon and Modha 2001); returns (groups, dim)."""
    count = -(-len(keys) // _GROUP)
    centres = keys[np.linspace(0, len(keys) - 1, count).astype(np.int64)]
    for _ in range(_ROUNDS):
        group = np.argmax(keys @ centres.T, axis=1)
        total = np.zeros_like(centres)
        np.add.at(total, group, keys)
        # A group that lost all its keys stays where it was.
        full = np.linalg.norm(total, axis=1, keepdims=True)
        centres = np.where(full > 0, total / np.maximum(full, 1e-9), centres)
    return np.asarray(centres, dtype=np.float32)
