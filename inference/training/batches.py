"""What the training is fed with: rows of corpus and grammar as padded ids, each in some languages, into some others."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sentencepiece
import torch

from augment import augment
from corpus import Row, with_placeholders
from languages import EOS, LANGUAGES, PAD, tag_ids

#: Ids of a text at most, tag and end not counted.
MOST_TOKENS = 96
#: Source languages of a row in one pass, and targets of each.
SOURCES, TARGETS = 2, 4


@dataclass(frozen=True)
class Stage:
    """How far the training is."""

    #: Whether a source may be its own target. Copying is learnt first and shows the decoder where to look; translating
    #: then begins from there instead of from nothing.
    copies: bool
    #: Tokens of the longest rows that are learnt from: longer ones wait until the model has learnt from shorter ones
    #: (Platanios et al. 2019).
    longest: int

    @staticmethod
    def at(progress: float, copying: float) -> "Stage":
        longest = min(MOST_TOKENS, round(10 + (MOST_TOKENS - 10) * (progress / copying) ** 2))
        return Stage(progress < copying, longest)


EVERYTHING = Stage(copies=False, longest=MOST_TOKENS)

#: A row as text with placeholders, and as ids, in every language.
Learnt = tuple[tuple[str, ...], list[list[int]]]


class Batches:
    """
    Batches of sources (rows, S), inputs and labels (rows * TARGETS, T): each row once per pass in two random source languages,
    each into some random others.

    `shards` gives the rows of a pass, about a thousand at a time; it is asked again for every pass.
    """

    def __init__(self, shards: Callable[[random.Random], Iterator[list[Row]]], pieces: sentencepiece.SentencePieceProcessor,
                 tokens: int, stage: Callable[[], Stage], seed: int):  # fmt: skip
        self.shards, self.pieces, self.tokens, self.stage, self.rng = shards, pieces, tokens, stage, random.Random(seed)
        self.tags = tag_ids(pieces.get_piece_size())

    def __iter__(self):
        while True:
            for rows in self.shards(self.rng):
                self.now = self.stage()
                yield from self.batches(self.learnt(rows))

    def learnt(self, rows: list[Row]) -> list[Learnt]:
        """Those rows of a shard that are not too long yet."""
        masked = [cells for row in rows if (cells := with_placeholders(row.cells)) is not None]
        plain = [[ids[:MOST_TOKENS] for ids in self.pieces.encode(list(cells))] for cells in masked]
        return [(cells, ids) for cells, ids in zip(masked, plain, strict=True) if max(map(len, ids)) <= self.now.longest]

    def batches(self, rows: list[Learnt]):
        """Neighbours in a batch are alike in length, so that little of it is padding."""
        length = {id(row): max(map(len, row[1])) + self.rng.random() * 2 for row in rows}
        cut: list[list[Learnt]] = [[]]
        for row in sorted(rows, key=lambda row: length[id(row)]):
            longest = max(map(len, row[1])) + 2
            if cut[-1] and longest * (len(cut[-1]) + 1) * SOURCES * TARGETS > self.tokens:
                cut.append([])
            cut[-1].append(row)
        self.rng.shuffle(cut)
        for batch in cut:
            if batch:
                yield self.tensors(batch)

    def tensors(self, rows: list[Learnt]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        sources, inputs, labels = [], [], []
        for cells, plain in rows:
            for source in self.rng.sample(range(len(LANGUAGES)), SOURCES):
                sources.append(self.source(cells[source], LANGUAGES[source]))
                others = [target for target in range(len(LANGUAGES)) if self.now.copies or target != source]
                for target in self.rng.sample(others, TARGETS):
                    inputs.append([EOS, self.tags[LANGUAGES[target]], *plain[target]])
                    # The tag is given, not guessed: nothing is learnt at the first place.
                    labels.append([PAD, *plain[target], EOS])
        return padded(sources), padded(inputs), padded(labels)

    def source(self, text: str, language: str) -> list[int]:
        """With what keyboards do to it, and a quarter of the time in other pieces."""
        ids = in_pieces(augment(text, language, self.rng), self.pieces, self.rng)
        return [self.tags[language], *ids[:MOST_TOKENS], EOS]


def in_pieces(text: str, pieces: sentencepiece.SentencePieceProcessor, rng: random.Random) -> list[int]:
    """Its ids; a quarter of the time in other pieces than the likeliest."""
    sampled = rng.random() < 0.25
    return pieces.encode(text, enable_sampling=True, alpha=0.4, nbest_size=-1) if sampled else pieces.encode(text)


def padded(sequences: list[list[int]]) -> torch.Tensor:
    longest = max(map(len, sequences))
    return torch.tensor([[*ids, *[PAD] * (longest - len(ids))] for ids in sequences])
