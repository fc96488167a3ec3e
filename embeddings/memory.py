"""Questions the model has seen, and where their answers lie: the richer side of the encoder.

A sum of rows cannot know that 退一赔三 asks for one particular article. So the model carries the
vectors of its training questions (keys) and of the passages that answer them, and both sides meet
half way: a question leans towards what answers the keys nearest to it, attention over a fixed
memory as in key-value memory networks (Miller et al. 2016) and nearest-neighbour language models
(Khandelwal et al. 2020); and a passage that nearly is one of those answers leans towards what was
asked of it, as document expansion by queries does in words (Nogueira et al. 2019). What is like
nothing in the memory stays put.

Some articles are asked for again and again. Training does not tell: as each passage is held against
those of other questions, what many ask for is pushed away as often as it is drawn. So the logarithm
of how often is given back (Yi et al., "Sampling-Bias-Corrected Neural Modeling for Large Corpus
Item Recommendations", 2019), along a direction in which texts hardly differ: known answers are
moved along it by that, and questions by how much they are like a known one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from embeddings.centring import centred, centred_one
from embeddings.encoder import FloatMatrix, FloatVector
from embeddings.nibbles import Nibbles, pack, quantise, unpack

# With other numbers the same files give other vectors: raise `bundled.FORMAT` with any of them.
NEIGHBOURS = 16
"""Keys that a question attends to."""
_SHARPNESS = 15.0
_STRENGTH = 0.4
_GROUP = 128
"""Keys a group, about; groups are what a question is compared with first."""
_PROBED = 6
"""Groups whose keys a question is compared with."""
_ROUNDS = 8

_RECOGNISED = 0.75
"""Likeness to a known answer below which a passage stays where it is."""
_PASSAGE_STRENGTH, _PASSAGE_POWER = 0.6, 16
_PASSAGE_PROBED = 3
_OFTEN, _PASSAGE_OFTEN = 0.6, 0.15
"""How far a question is moved towards what is often asked for, and a passage by each unit of the
logarithm of how often it is."""

_Group: TypeAlias = tuple[FloatMatrix, npt.NDArray[np.int32], Nibbles, FloatVector]
"""Centres of groups, where each ends, rows rounded to four bits, their steps."""


@dataclass(frozen=True, slots=True)
class QuestionMemory:
    """Keys and answers, each in groups of neighbours, and which answers each key leads to.

    All vectors are of length 1 after `common`, the mean of all passages, is subtracted: what all
    texts share says nothing.
    """

    common: FloatVector
    """(dim,)"""
    often: FloatVector
    """(dim,), of length 1: the direction along which keys and answers differ least; zeros in a
    memory of nothing."""
    centres: FloatMatrix
    """(groups, dim)"""
    ends: npt.NDArray[np.int32]
    """(groups,): where each group's keys end."""
    keys: Nibbles
    """(keys, dim)"""
    key_steps: FloatVector
    answer_centres: FloatMatrix
    answer_ends: npt.NDArray[np.int32]
    answers: Nibbles
    """(answers, dim)"""
    answer_steps: FloatVector
    leads_to: npt.NDArray[np.int32]
    """Rows of answers, those of the first key first."""
    leads_ends: npt.NDArray[np.int32]
    """(keys,): where each key's rows end in `leads_to`."""

    @classmethod
    def empty(cls, dim: int) -> QuestionMemory:
        """Return a memory of nothing."""
        rows, steps = np.zeros((0, dim), dtype=np.int8), np.zeros(0, dtype=np.float32)
        places, centres = np.zeros(0, dtype=np.int32), np.zeros((0, dim), dtype=np.float32)
        group = centres, places, rows, steps
        nothing = np.zeros(dim, dtype=np.float32)
        return cls(nothing, nothing, *group, *group, places, places)

    @classmethod
    def of(
        cls,
        questions: FloatMatrix,
        answers: FloatMatrix,
        leads_to: Sequence[Sequence[int]],
        common: FloatVector,
    ) -> QuestionMemory:
        """Build a memory: `questions[i]` is answered by the rows `leads_to[i]` of `answers`.

        `questions` is (keys, dim) and `answers` (answers, dim), as the encoder gives them. Every
        question has an answer and every answer a question.
        """
        if not len(questions):
            return cls.empty(len(common))
        own, found = centred(questions, common), centred(answers, common)
        key_order, keys = _grouped(own)
        answer_order, known = _grouped(found)
        row_of = np.argsort(answer_order)
        led = [row_of[list(leads_to[key])] for key in key_order]
        return cls(
            common.astype(np.float32),
            _least_told(np.concatenate([own, found])),
            *keys,
            *known,
            np.concatenate(led).astype(np.int32),
            np.cumsum([len(rows) for rows in led]).astype(np.int32),
        )

    def lean(self, vector: FloatVector) -> FloatVector:
        """Return what to add to a question's vector, (dim,) of length 1 or 0, before scaling."""
        group = self.centres, self.ends, self.keys, self.key_steps
        places, likeness = self._compared(vector, group, _PROBED)
        if not places.size:
            return np.zeros_like(vector)
        if likeness.size > NEIGHBOURS:
            best = np.argpartition(-likeness, NEIGHBOURS)[:NEIGHBOURS]
            places, likeness = places[best], likeness[best]
        most = float(likeness.max())
        weights = np.exp(_SHARPNESS * (likeness - most))
        reach = np.float32(max(0.0, most))
        ends = self.leads_ends[places]
        starts = np.where(places > 0, self.leads_ends[places - 1], 0)
        leads = zip(starts.tolist(), ends.tolist(), strict=True)
        rows = np.concatenate([self.leads_to[start:end] for start, end in leads])
        # A key that leads to several answers leads to their mean.
        weights = np.repeat(weights / ((ends - starts) * weights.sum()), ends - starts)
        weights *= _STRENGTH * self.answer_steps[rows]
        leaning = weights.astype(np.float32) @ self.answers[rows].astype(np.float32)
        return np.asarray(reach * (leaning + _OFTEN * self.often), dtype=np.float32)

    def lean_passage(self, vector: FloatVector) -> FloatVector:
        """Return what to add to a passage's vector, (dim,) of length 1 or 0, before scaling."""
        group = self.answer_centres, self.answer_ends, self.answers, self.answer_steps
        rows, likeness = self._compared(vector, group, _PASSAGE_PROBED)
        if not rows.size:
            return np.zeros_like(vector)
        nearest = int(np.argmax(likeness))
        if (most := min(1.0, float(likeness[nearest]))) < _RECOGNISED:
            return np.zeros_like(vector)
        places = np.flatnonzero(self.leads_to == rows[nearest])
        keys = np.searchsorted(self.leads_ends, places, side="right")
        asked = self.key_steps[keys] @ self.keys[keys].astype(np.float32) / len(keys)
        often = _PASSAGE_OFTEN * math.log1p(len(keys)) * self.often
        leaning = most**_PASSAGE_POWER * (_PASSAGE_STRENGTH * asked + often)
        return np.asarray(leaning, dtype=np.float32)

    def _compared(
        self, vector: FloatVector, group: _Group, probed: int
    ) -> tuple[npt.NDArray[np.int64], FloatVector]:
        """Compare a vector with all in the groups nearest to it: places, and likeness.

        Nothing is like a vector of zeros.
        """
        centres, ends, rows, steps = group
        if not len(rows) or not vector.any():
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        own = centred_one(vector, self.common)
        nearest = np.argpartition(-(centres @ own), min(probed, len(centres)) - 1)[:probed]
        runs = [slice(int(ends[one - 1]) if one else 0, int(ends[one])) for one in sorted(nearest)]
        # Whole runs are copied: gathering rows one by one takes twice as long.
        likeness = np.concatenate([rows[run] for run in runs], dtype=np.float32) @ own
        likeness *= np.concatenate([steps[run] for run in runs])
        return np.concatenate([np.arange(run.start, run.stop) for run in runs]), likeness

    def save(self, path: Path) -> None:
        """Write it as one file without pickles."""
        with path.open("wb") as out:
            np.savez(
                out,
                common=self.common,
                often=self.often,
                centres=self.centres.astype(np.float16),
                ends=self.ends,
                keys=pack(self.keys),
                key_steps=self.key_steps.astype(np.float16),
                answer_centres=self.answer_centres.astype(np.float16),
                answer_ends=self.answer_ends,
                answers=pack(self.answers),
                answer_steps=self.answer_steps.astype(np.float16),
                leads_to=self.leads_to,
                leads_ends=self.leads_ends,
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
                saved["often"],
                saved["centres"].astype(np.float32),
                saved["ends"],
                unpack(saved["keys"]),
                saved["key_steps"].astype(np.float32),
                saved["answer_centres"].astype(np.float32),
                saved["answer_ends"],
                unpack(saved["answers"]),
                saved["answer_steps"].astype(np.float32),
                saved["leads_to"],
                saved["leads_ends"],
            )
        if not memory._belongs_together(dim):
            raise ValueError(f"{path.name} holds parts that do not belong together")
        return memory

    def _belongs_together(self, dim: int) -> bool:
        keys, answers = len(self.keys), len(self.answers)
        return (
            {*map(len, (self.common, self.often)), self.keys.shape[1], self.answers.shape[1]}
            == {dim}
            and self.centres.shape == (len(self.ends), dim)
            and self.answer_centres.shape == (len(self.answer_ends), dim)
            and keys == len(self.key_steps) == len(self.leads_ends)
            and answers == len(self.answer_steps)
            and _last(self.ends) == keys
            and _last(self.answer_ends) == answers
            and _last(self.leads_ends) == len(self.leads_to)
            and bool((self.leads_to < answers).all())
        )


def _last(ends: npt.NDArray[np.int32]) -> int:
    return int(ends[-1]) if len(ends) else 0


def _least_told(vectors: FloatMatrix) -> FloatVector:
    """Return the direction, (dim,) of length 1, along which vectors differ least."""
    _, directions = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    return np.asarray(directions[:, 0], dtype=np.float32)


def _grouped(vectors: FloatMatrix) -> tuple[npt.NDArray[np.int64], _Group]:
    """Put vectors in groups of neighbours; also returns the order they are in then."""
    centres = _neighbourhoods(vectors)
    group = np.argmax(vectors @ centres.T, axis=1)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=len(centres))).astype(np.int32)
    # As they will be read from disk.
    centres = centres.astype(np.float16).astype(np.float32)
    return order, (centres, ends, *quantise(vectors[order]))


def _neighbourhoods(keys: FloatMatrix) -> FloatMatrix:
    """Group vectors by k-means on the sphere (Dhillon and Modha 2001); returns (groups, dim)."""
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
