"""Holds what a card computes (card.py) against the model as it is trained on a processor, on a processor.

    python check_card.py CHECKPOINT SENTENCEPIECE_MODEL

Losses and gradients of a few batches, in bfloat16 and in the model's own precision, and what a model says before and after it has grown.
Exits with 1 when they differ by more than rounding.
"""

import sys

import sentencepiece
import torch
from torch.nn.functional import cosine_similarity

from card import CardStep, CardSteps, tables_of
from corpus import read_corpus
from languages import PAD
from model import Size, Translator, grown
from steps import SMOOTHING, loss_of


def main(checkpoint: str, vocabulary: str) -> int:
    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    size = Size(**{**saved["size"], "dropout": 0.0})
    model = Translator(size)
    model.load_state_dict(saved["model"])
    larger = Translator(Size(**{**size.to_dict(), "encoder_layers": 2 * size.encoder_layers}))
    larger.load_state_dict(grown(saved["model"], larger.size.encoder_layers))
    pieces = sentencepiece.SentencePieceProcessor(model_file=vocabulary)
    rows = [row for row in read_corpus() if not row.is_held_out][:4000]
    tables = tables_of([(row, 2, 1) for row in rows], pieces, 1)
    step = CardStep(model.eval(), torch.optim.AdamW(model.parameters(), lr=torch.tensor(0.0)), SMOOTHING)
    steps, wrong = CardSteps(step, tables, 4000, 1), 0
    for length in (14, 20, 28):
        steps.fill(length)
        sources, targets = steps.held[length]
        labels = targets[:, 1:].clone()
        labels[:, 0] = PAD
        batch = (sources, targets[:, :-1], labels)
        loss = step.loss(sources, targets)
        step.weights.give(torch.autograd.grad(loss, step.weights.leaves))
        ours = {name: weight.grad.clone() for name, weight in model.named_parameters()}
        model.zero_grad()
        loss_of(model, batch, SMOOTHING).backward()
        # A key's bias moves all scores of a query alike: its gradient is nothing but rounding.
        alike = min(float(cosine_similarity(ours[name].flatten(), weight.grad.flatten(), dim=0))
                    for name, weight in model.named_parameters() if "k_proj.bias" not in name)  # fmt: skip
        with torch.no_grad():
            plain, after = float(loss_of(model, batch, 0.0)), float(loss_of(larger.eval(), batch, 0.0))
        for weight in model.parameters():
            weight.grad = torch.zeros_like(weight)
        is_right = abs(float(loss.detach()) - plain) < 0.01 and alike > 0.98 and abs(after - plain) < 0.001
        wrong += not is_right
        print(f"length {length}: loss {float(loss.detach()):.4f} on a card, {plain:.4f}; least cosine of a gradient {alike:.4f}; grown {after:.4f}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
