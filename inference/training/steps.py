"""One step of the training on a processor."""

from collections.abc import Iterable

import torch
from torch import Tensor

from languages import PAD
from model import TiedCrossEntropy, Translator

SMOOTHING = 0.1


def loss_of(model: Translator, batch: Iterable[Tensor], smoothing: float, others: int = 0) -> Tensor:
    """
    The loss of a batch. With `others` the softmax runs over the tokens that the batch itself wants and so many random ones,
    which takes half the time of a step away; the last part of the training sees the whole vocabulary.
    """
    device = model.shared.weight.device
    sources, inputs, labels = (ids.to(device) for ids in batch)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        states = model.decode(inputs, model.encode(sources))
    wanted = labels[inputs != PAD]
    kept = wanted != PAD
    vocabulary = model.shared.weight.shape[0]
    candidates = torch.cat([wanted[kept], torch.randint(vocabulary, (others,), device=device)]).unique() if others > 0 else None
    return TiedCrossEntropy.apply(states[kept], model.shared.weight, wanted[kept], smoothing, candidates)


def held_out_loss(model: Translator, checks: list[tuple[Tensor, Tensor, Tensor]]) -> float:
    """The mean loss on batches that are not learnt from, plain and as the model translates."""
    model.eval()
    with torch.no_grad():
        total = sum(float(loss_of(model, check, 0.0)) for check in checks)
    model.train()
    return total / len(checks)


@torch.no_grad()
def average(target: list[Tensor], weights: list[Tensor], step: int) -> None:
    """Weights averaged over about the last thousand steps."""
    torch._foreach_lerp_(target, weights, 1 - min(0.999, step / (step + 10)))


class Steps:
    """Steps of any shape."""

    def __init__(self, model: Translator, optimizer: torch.optim.AdamW):
        self.model, self.optimizer = model, optimizer
        self.losses: list[float] = []

    def __call__(self, batch: tuple[Tensor, Tensor, Tensor], rate: float, others: int) -> int:
        """Learns from a batch; the number of tokens that were to be said."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss = loss_of(self.model, batch, SMOOTHING, others)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.losses.append(float(loss.detach()))
        return int((batch[2] != PAD).sum())

    def mean_loss(self) -> float:
        """Of the steps since it was asked last."""
        mean = sum(self.losses) / max(1, len(self.losses))
        self.losses.clear()
        return mean
