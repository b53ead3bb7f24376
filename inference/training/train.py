"""Trains the embedded model.

    python train.py --minutes 120 [--output runs/embedded] [--resume]

The learning rate follows time, not steps: whatever the machine, the model is finished when the time is up. Seeds are fixed;
two runs differ only as far as the machines' speeds do. A checkpoint is written every few minutes, and `--resume` goes on from it.
"""

import argparse
import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import sentencepiece
import torch

from augment import augment
from corpus import Row, read_corpus, with_placeholders
from grammar import Grammar
from languages import BOS, EOS, LANGUAGES, PAD, PLACEHOLDERS, UNK, tag_ids
from model import Size, TiedCrossEntropy, Translator

SEED = 20261126
MOST_TOKENS = 96


def train_vocabulary(rows: list[Row], prefix: Path, pieces: int) -> Path:
    """One SentencePiece vocabulary for all languages; what it lacks is spelt in bytes."""
    text = prefix.with_suffix(".txt")
    with text.open("w", encoding="utf-8") as file:
        for row in rows:
            masked = with_placeholders(row.cells)
            if masked is not None:
                file.writelines(cell + "\n" for cell in masked)
    sentencepiece.SentencePieceTrainer.train(
        input=str(text),
        model_prefix=str(prefix),
        model_type="unigram",
        vocab_size=pieces,
        character_coverage=1.0,
        byte_fallback=True,
        normalization_rule_name="identity",
        user_defined_symbols=list(PLACEHOLDERS),
        bos_id=BOS,
        pad_id=PAD,
        eos_id=EOS,
        unk_id=UNK,
        max_sentencepiece_length=12,
        minloglevel=2,
    )
    return prefix.with_suffix(".model")


class Batches:
    """
    Endless batches: each row once per pass in two random source languages, each into some random others. The rows are asked
    for again for every pass, since the grammar's are others every time.
    """

    def __init__(self, rows: Callable[[], list[Row]], pieces: sentencepiece.SentencePieceProcessor, rng: random.Random, tokens: int):
        self.read, self.pieces, self.rng, self.tokens = rows, pieces, rng, tokens
        self.tags = tag_ids(pieces.get_piece_size())
        #: Whether a source may be its own target. Copying is learnt first and shows the decoder where to look; translating
        #: then begins from there instead of from nothing.
        self.copies = False
        #: Rows that are longer in any language wait until the model has learnt from shorter ones (Platanios et al. 2019).
        self.longest = MOST_TOKENS

    def __iter__(self):
        while True:
            self.rows = [masked for row in self.read() if (masked := with_placeholders(row.cells)) is not None]
            self.plain = [[ids[:MOST_TOKENS] for ids in self.pieces.encode(list(row))] for row in self.rows]
            short = [index for index, ids in enumerate(self.plain) if max(map(len, ids)) <= self.longest]
            self.rows, self.plain = [self.rows[index] for index in short], [self.plain[index] for index in short]
            order = list(range(len(self.rows)))
            self.rng.shuffle(order)
            # Neighbours in a batch are alike in length, so that little of it is padding.
            length = [max(map(len, ids)) + self.rng.random() * 2 for ids in self.plain]
            for start in range(0, len(order), 1024):
                shard = sorted(order[start : start + 1024], key=lambda index: length[index])
                yield from self.shuffled(self.cut(shard))

    def cut(self, shard: list[int]) -> list[list[int]]:
        batches: list[list[int]] = [[]]
        for index in shard:
            longest = max(map(len, self.plain[index])) + 2
            if batches[-1] and longest * (len(batches[-1]) + 1) * SOURCES * TARGETS > self.tokens:
                batches.append([])
            batches[-1].append(index)
        return batches

    def shuffled(self, batches: list[list[int]]):
        self.rng.shuffle(batches)
        for batch in batches:
            yield self.tensors(batch)

    def tensors(self, batch: list[int]):
        sources, inputs, labels = [], [], []
        for index in batch:
            for source in self.rng.sample(range(len(LANGUAGES)), SOURCES):
                sources.append(self.source_ids(index, source))
                others = [target for target in range(len(LANGUAGES)) if self.copies or target != source]
                for target in self.rng.sample(others, TARGETS):
                    tag = self.tags[LANGUAGES[target]]
                    inputs.append([EOS, tag, *self.plain[index][target]])
                    # The tag is given, not guessed: nothing is learnt at the first place.
                    labels.append([PAD, *self.plain[index][target], EOS])
        return padded(sources), padded(inputs), padded(labels)

    def source_ids(self, index: int, source: int) -> list[int]:
        language = LANGUAGES[source]
        text = augment(self.rows[index][source], language, self.rng)
        sampled = self.rng.random() < 0.25
        ids = self.pieces.encode(text, enable_sampling=True, alpha=0.4, nbest_size=-1) if sampled else self.pieces.encode(text)
        return [self.tags[language], *ids[:MOST_TOKENS], EOS]


#: Share of the time in which the model also learns to copy.
COPYING = 0.35
#: Share of the time in which the softmax is sampled, and random tokens in it.
SAMPLED, OTHERS = 0.88, 1024
#: Sentences of the grammar in one pass, for each row of the corpus.
FROM_GRAMMAR = 0.35
#: How often the rows of a file are met in a pass, where it is more than once: what everybody says every day, and has to be right.
EMPHASISED = {"h_short": 6, "z_core_a": 6, "z_core_b": 6, "ab_core_phrases": 6, "ab_core_turns": 4}
#: Seconds of one step that count at most: a machine that sleeps or a process that is stopped does not lose its time.
LONGEST_STEP = 10.0
#: Source languages of a row in one pass, and targets of each.
SOURCES, TARGETS = 2, 4


def padded(sequences: list[list[int]]) -> torch.Tensor:
    longest = max(map(len, sequences))
    return torch.tensor([[*ids, *[PAD] * (longest - len(ids))] for ids in sequences])


def loss_of(model: Translator, batch, smoothing: float, others: int = 0) -> torch.Tensor:
    """
    The loss of a batch. With `others` the softmax runs over the tokens that the batch itself wants and so many random ones,
    which takes half the time of a step away; the last part of the training sees the whole vocabulary.
    """
    sources, inputs, labels = batch
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = model.decode(inputs, model.encode(sources))
    wanted = labels[inputs != PAD]
    kept = wanted != PAD
    vocabulary = model.shared.weight.shape[0]
    candidates = torch.cat([wanted[kept], torch.randint(vocabulary, (others,))]).unique() if others > 0 else None
    return TiedCrossEntropy.apply(states[kept], model.shared.weight, wanted[kept], smoothing, candidates)


def rate_at(progress: float, peak: float) -> float:
    """Two hundredths of the time up, level, and the second half down to nothing."""
    warm = 0.02
    if progress < warm:
        return peak * max(progress / warm, 0.02)
    return peak * min(1.0, (1 - progress) / 0.6)


def longest_at(progress: float) -> int:
    """Tokens of the longest rows that are learnt from at this time."""
    return min(MOST_TOKENS, round(10 + (MOST_TOKENS - 10) * (progress / 0.3) ** 2))


@torch.no_grad()
def average(target: dict[str, torch.Tensor], model: Translator, decay: float) -> None:
    for name, weight in model.state_dict().items():
        target[name].lerp_(weight, 1 - decay)


def run(options: argparse.Namespace) -> None:
    folder = Path(options.output)
    folder.mkdir(parents=True, exist_ok=True)
    random.seed(SEED)
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    rows, grammar = read_corpus(), Grammar()
    vocabulary = folder / "sentencepiece.model"
    if not (options.resume and vocabulary.exists()):
        vocabulary = train_vocabulary([*rows, *grammar.sample(random.Random(SEED), len(rows) // 3)], folder / "sentencepiece", options.pieces)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(vocabulary))
    # Pieces, eight language tags and the mask token of NLLB's tokenizer; a multiple of eight suits the processor.
    size = Size(vocabulary=-(-(pieces.get_piece_size() + len(LANGUAGES) + 1) // 8) * 8)
    model = Translator(size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.01, foreach=True)
    averaged = {name: weight.clone() for name, weight in model.state_dict().items()}
    spent, step = 0.0, 0
    checkpoint = folder / "checkpoint.pt"
    if options.resume and checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["raw"])
        optimizer.load_state_dict(saved["optimizer"])
        averaged, spent, step = saved["model"], saved["seconds"], saved["step"]
        rng.seed(SEED + step)

    learnt = [row for row in rows if not row.is_held_out for _ in range(EMPHASISED.get(row.source, 1))]

    def training() -> list[Row]:
        return [*learnt, *grammar.sample(rng, round(FROM_GRAMMAR * len(learnt)))]

    held_out = [row for row in rows if row.is_held_out]
    print(f"{len(training())} rows to learn from in a pass, {len(held_out)} held out, {size}, "
          f"{sum(weight.numel() for weight in model.parameters()):,} parameters", flush=True)

    def save() -> None:
        state = {"model": averaged, "raw": model.state_dict(), "optimizer": optimizer.state_dict(),
                 "size": size.to_dict(), "seconds": spent, "step": step}
        torch.save(state, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").rename(checkpoint)

    total = options.minutes * 60
    feeding = Batches(training, pieces, rng, options.tokens)
    batches = iter(feeding)
    checks = list(zip(range(12), Batches(lambda: held_out, pieces, random.Random(1), options.tokens), strict=False))
    last = reported = saved_at = time.monotonic()
    seen, losses = 0, []
    model.train()
    while spent < total:
        for group in optimizer.param_groups:
            group["lr"] = rate_at(spent / total, options.rate)
        feeding.copies = spent / total < COPYING
        feeding.longest = longest_at(spent / total)
        batch = next(batches)
        loss = loss_of(model, batch, smoothing=0.1, others=OTHERS if spent / total < SAMPLED else 0)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        average(averaged, model, min(0.999, step / (step + 10)))
        losses.append(float(loss.detach()))
        seen += int((batch[2] != PAD).sum())
        now = time.monotonic()
        spent += min(now - last, LONGEST_STEP)
        last = now
        if now - reported > options.report:
            model.eval()
            with torch.no_grad():
                unseen = sum(float(loss_of(model, check, 0.0)) for _, check in checks) / len(checks)
            model.train()
            print(json.dumps({"minutes": round(spent / 60, 1), "of": options.minutes, "step": step, "rows": len(feeding.rows),
                              "tokens_per_second": round(seen / (now - reported)), "rate": round(rate_at(spent / total, options.rate), 6),
                              "loss": round(sum(losses) / len(losses), 3), "held_out": round(unseen, 3)}), flush=True)
            last = reported = time.monotonic()
            seen, losses = 0, []
        if now - saved_at > 300:
            save()
            last = saved_at = time.monotonic()
    save()
    print(f"Finished: {checkpoint}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--output", default="runs/embedded")
    parser.add_argument("--pieces", type=int, default=8000)
    parser.add_argument("--tokens", type=int, default=6000, help="target tokens of a batch, padding included")
    parser.add_argument("--rate", type=float, default=1.2e-3, help="highest learning rate")
    parser.add_argument("--report", type=float, default=60, help="seconds between reports")
    parser.add_argument("--resume", action="store_true")
    run(parser.parse_args())
