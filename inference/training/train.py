"""Trains the embedded model.

    python train.py --minutes 120 [--output runs/embedded] [--resume]

    python train.py --tables FILE [--output runs/embedded]
    python train.py --tables FILE --minutes 7 --device cuda [--start CHECKPOINT] [--output runs/embedded]

The learning rate follows time, not steps: whatever the machine, the model is finished when the time is up. Seeds are fixed;
two runs differ only as far as the machines' speeds do. A checkpoint is written every few minutes, and `--resume` goes on from it.

On a card all rows lie in tables (card.py), which the second command makes beforehand, on any machine.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import sentencepiece
import torch

from batches import EVERYTHING, Batches, Stage
from card import CardStep, CardSteps, Table, tables_of
from corpus import Row, read_corpus, with_placeholders
from grammar import Grammar
from languages import BOS, EOS, LANGUAGES, PAD, PLACEHOLDERS, UNK
from model import Size, Translator, grown
from steps import SMOOTHING, Steps, average, held_out_loss

SEED = 20261126


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


#: Share of the time in which the model also learns to copy.
COPYING = 0.35
#: Share of the time in which the softmax is sampled, and random tokens in it.
SAMPLED, OTHERS = 0.88, 1024
#: Sentences of the grammar in one pass, for each row of the corpus.
FROM_GRAMMAR = 0.35
#: How often the rows of a file are met in a pass, where it is more than once: what everybody says every day, and has to be right.
EMPHASISED = {
    "h_short": 6, "z_core_a": 6, "z_core_b": 6, "ab_core_phrases": 6, "ab_core_turns": 4,
    "ae_core": 6, **{f"ae_core_{part}": 4 for part in range(1, 8)},
    **{f"ad_topics_{part}": 2 for part in range(7)},
}  # fmt: skip
#: Variants of a row's sources in the tables of a card, and sentences of the grammar there.
VARIANTS, SENTENCES = 4, 60_000
#: Seconds of one step that count at most: a machine that sleeps or a process that is stopped does not lose its time.
LONGEST_STEP = 10.0


def rate_at(progress: float, peak: float) -> float:
    """Two hundredths of the time up, level, and the second half down to nothing."""
    warm = 0.02
    if progress < warm:
        return peak * max(progress / warm, 0.02)
    return peak * max(0.0, min(1.0, (1 - progress) / 0.6))


class Data:
    """What is learnt from, and what never is."""

    def __init__(self):
        rows, self.grammar = read_corpus(), Grammar()
        self.learnt = [row for row in rows if not row.is_held_out]
        self.held_out = [row for row in rows if row.is_held_out]
        self.rows = rows

    def pass_of(self, rng: random.Random) -> Iterator[list[Row]]:
        """The corpus once, and as many sentences of the grammar among it as its share says, a thousand rows at a time."""
        order = [row for row in self.learnt for _ in range(times_of(row))]
        rng.shuffle(order)
        ours = round(1024 / (1 + FROM_GRAMMAR))
        for start in range(0, len(order), ours):
            some = order[start : start + ours]
            yield [*some, *self.grammar.sample(rng, round(FROM_GRAMMAR * len(some)))]

    def tables(self, pieces: sentencepiece.SentencePieceProcessor) -> dict[int, Table]:
        rng = random.Random(SEED)
        met = sum(map(times_of, self.learnt))
        # A sentence of the grammar is met once, a row of the corpus as often as gives the grammar its share.
        again = max(1, round(SENTENCES / (FROM_GRAMMAR * met)))
        corpus = ((row, VARIANTS, again * times_of(row)) for row in self.learnt)
        sentences = ((row, 1, 1) for row in self.grammar.sample(rng, SENTENCES))
        return tables_of([*corpus, *sentences], pieces, SEED)


def times_of(row: Row) -> int:
    return EMPHASISED.get(row.source, 1)


def vocabulary_in(folder: Path, options: argparse.Namespace, data: Data) -> sentencepiece.SentencePieceProcessor:
    file = folder / "sentencepiece.model"
    if not file.exists() and options.minutes and (options.tables or options.start):
        raise SystemExit(f"{file} is not there: put the vocabulary there that the tables or the checkpoint were made with.")
    if not (file.exists() and (options.resume or options.tables or options.start)):
        some = data.grammar.sample(random.Random(SEED), len(data.rows) // 3)
        file = train_vocabulary([*data.rows, *some], folder / "sentencepiece", options.pieces)
    return sentencepiece.SentencePieceProcessor(model_file=str(file))


def run(options: argparse.Namespace) -> None:
    folder = Path(options.output)
    folder.mkdir(parents=True, exist_ok=True)
    random.seed(SEED)
    torch.manual_seed(SEED)
    data = Data()
    pieces = vocabulary_in(folder, options, data)
    if options.tables and not options.minutes:
        torch.save({length: vars(table) for length, table in data.tables(pieces).items()}, options.tables)
        print(f"Finished: {options.tables}")
        return
    # Pieces, eight language tags and the mask token of NLLB's tokenizer; a multiple of eight suits the processor.
    size = Size(vocabulary=-(-(pieces.get_piece_size() + len(LANGUAGES) + 1) // 8) * 8, encoder_layers=options.encoder_layers,
                dropout=options.dropout)  # fmt: skip
    device = torch.device(options.device)
    model = Translator(size).to(device)
    if options.start:
        started = torch.load(options.start, weights_only=True, map_location=device)["model"]
        model.load_state_dict(grown({name: weight.float() for name, weight in started.items()}, size.encoder_layers))
    # A captured step reads its rate from the card's memory.
    rate = torch.zeros((), device=device) if options.tables else 0.0
    how = {"fused": True, "capturable": True} if device.type == "cuda" else {"foreach": not options.tables}
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.01, **how)
    averaged = {name: weight.clone() for name, weight in model.state_dict().items()}
    spent, step = 0.0, 0
    checkpoint = folder / "checkpoint.pt"
    if options.resume and checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True, map_location=device)
        if saved.get("on_card", False) != bool(options.tables):
            raise SystemExit(f"{checkpoint} was begun {'with' if saved.get('on_card') else 'without'} --tables: go on so, or use it with --start.")
        model.load_state_dict(saved["raw"])
        optimizer.load_state_dict(saved["optimizer"])
        averaged, spent, step = saved["model"], saved["seconds"], saved["step"]
    print(f"{sum(map(times_of, data.learnt))} rows of the corpus in a pass, {len(data.held_out)} held out, {size}, "
          f"{sum(weight.numel() for weight in model.parameters()):,} parameters", flush=True)

    def save() -> None:
        state = {"model": averaged, "raw": model.state_dict(), "optimizer": optimizer.state_dict(),
                 "size": size.to_dict(), "seconds": spent, "step": step, "on_card": bool(options.tables)}
        torch.save(state, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").rename(checkpoint)

    total = options.minutes * 60
    model.train()
    learn, mean_loss = on_card(options, model, optimizer, step) if options.tables else on_processor(options, model, optimizer, data, pieces, step)
    unseen = Batches(lambda _: iter([data.held_out]), pieces, 6000, lambda: EVERYTHING, 1)
    checks = [check for _, check in zip(range(12), unseen, strict=False)]
    targets, weights = list(averaged.values()), list(model.state_dict().values())
    last = reported = saved_at = time.monotonic()
    seen = 0
    while spent < total:
        step += 1
        seen += learn(spent / total)
        average(targets, weights, step)
        now = time.monotonic()
        spent += min(now - last, LONGEST_STEP)
        last = now
        if now - reported > options.report:
            unseen_loss = held_out_loss(model, checks)
            print(json.dumps({"minutes": round(spent / 60, 2), "of": options.minutes, "step": step,
                              "tokens_per_second": round(seen / (now - reported)), "rate": round(rate_at(spent / total, options.rate), 6),
                              "loss": round(mean_loss(), 3), "held_out": round(unseen_loss, 3)}), flush=True)
            last = reported = time.monotonic()
            seen = 0
        if now - saved_at > options.save:
            save()
            last = saved_at = time.monotonic()
    save()
    print(f"Finished: {checkpoint}")


#: A step at a share of the time, which gives the number of tokens, and the mean loss of the steps since it was asked last.
Learning = tuple[Callable[[float], int], Callable[[], float]]


def on_processor(options: argparse.Namespace, model: Translator, optimizer: torch.optim.Optimizer, data: Data,
                 pieces: sentencepiece.SentencePieceProcessor, step: int) -> Learning:  # fmt: skip
    progress = 0.0
    batches = iter(Batches(data.pass_of, pieces, options.tokens, lambda: Stage.at(progress, COPYING), SEED + step))
    steps = Steps(model, optimizer)

    def learn(at: float) -> int:
        nonlocal progress
        progress = at
        return steps(next(batches), rate_at(at, options.rate), OTHERS if at < SAMPLED else 0)

    return learn, steps.mean_loss


def on_card(options: argparse.Namespace, model: Translator, optimizer: torch.optim.Optimizer, step: int) -> Learning:
    tables = {length: Table(**tensors) for length, tensors in torch.load(options.tables, weights_only=True).items()}
    steps = CardSteps(CardStep(model, optimizer, SMOOTHING), tables, options.tokens, SEED + step)
    return lambda at: steps(rate_at(at, options.rate)), steps.mean_loss


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--output", default="runs/embedded")
    parser.add_argument("--pieces", type=int, default=8000)
    parser.add_argument("--tokens", type=int, default=6000, help="target tokens of a batch, padding included")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--tables", help="rows as a card takes them; made when no minutes are given")
    parser.add_argument("--start", help="checkpoint whose weights are gone on from, with as many encoder layers or fewer")
    parser.add_argument("--encoder-layers", type=int, default=Size.encoder_layers)
    parser.add_argument("--dropout", type=float, default=Size.dropout)
    parser.add_argument("--rate", type=float, default=1.2e-3, help="highest learning rate")
    parser.add_argument("--report", type=float, default=60, help="seconds between reports")
    parser.add_argument("--save", type=float, default=300, help="seconds between checkpoints")
    parser.add_argument("--resume", action="store_true")
    given = parser.parse_args()
    if given.minutes <= 0 and not given.tables:
        parser.error("say how long: --minutes N")
    run(given)
