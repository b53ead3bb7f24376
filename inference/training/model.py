"""M2M100's architecture with the names of Hugging Face's weights, written for training on few cores.

A source sentence is encoded once for all its targets: in M2M100 only the decoder is told the target language. Cross-attention
sees the targets of one source as one long query, so that the source's keys and values are computed once as well.
"""

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from languages import PAD


@dataclass(frozen=True)
class Size:
    vocabulary: int
    width: int = 256
    heads: int = 4
    feed_forward: int = 1024
    encoder_layers: int = 4
    decoder_layers: int = 2
    dropout: float = 0.05

    def to_dict(self) -> dict:
        return asdict(self)


def sinusoids(positions: int, width: int) -> Tensor:
    """M2M100's fixed positions: sines then cosines (fairseq's order), the row of the padding index zero."""
    half = width // 2
    frequencies = torch.exp(torch.arange(half) * -(math.log(10_000) / (half - 1)))
    angles = torch.arange(positions)[:, None] * frequencies[None]
    table = torch.cat([angles.sin(), angles.cos()], dim=1)
    table[PAD] = 0
    return table


class Masks:
    """Dropout from a pool of ready-made masks: on a processor, drawing fresh random numbers costs more than a layer."""

    def __init__(self, rate: float, values: int = 1 << 24):
        self.rate = rate
        self.pool = (torch.rand(values) >= rate).to(torch.bfloat16) / (1 - rate)

    def __call__(self, states: Tensor) -> Tensor:
        if states.device.type != "cpu":
            return F.dropout(states, self.rate)
        start = int(torch.randint(self.pool.numel() - states.numel(), ()))
        return states * self.pool[start : start + states.numel()].view(states.shape)


class Packing:
    """Tokens of padded ids as one run, and back: everything but attention is computed for tokens that are there."""

    def __init__(self, ids: Tensor):
        self.shape = ids.shape
        self.index = (ids != PAD).flatten().nonzero().squeeze(1)

    def pack(self, padded: Tensor) -> Tensor:
        """(rows, length, ...) -> (tokens, ...)"""
        return padded.flatten(0, 1).index_select(0, self.index)

    def unpack(self, packed: Tensor) -> Tensor:
        """(tokens, width) -> (rows, length, width), zeros for padding"""
        padded = packed.new_zeros(self.shape.numel(), packed.shape[-1])
        return padded.index_copy(0, self.index, packed).view(*self.shape, -1)


class Attention(nn.Module):
    def __init__(self, size: Size):
        super().__init__()
        self.heads = size.heads
        self.q_proj = nn.Linear(size.width, size.width)
        self.k_proj = nn.Linear(size.width, size.width)
        self.v_proj = nn.Linear(size.width, size.width)
        self.out_proj = nn.Linear(size.width, size.width)

    def split(self, states: Tensor) -> Tensor:
        batch, length, width = states.shape
        return states.view(batch, length, self.heads, width // self.heads).transpose(1, 2)

    def forward(self, states: Tensor, packing: Packing, memory: Tensor, memory_packing: Packing, mask: Tensor) -> Tensor:
        """`mask` is added to the scores; several rows of `states` in a row may share one row of `memory`."""
        rows = memory_packing.shape[0]
        q = self.split(packing.unpack(self.q_proj(states)).view(rows, -1, states.shape[-1]))
        k = self.split(memory_packing.unpack(self.k_proj(memory)))
        v = self.split(memory_packing.unpack(self.v_proj(memory)))
        scores = (q * q.shape[-1] ** -0.5) @ k.transpose(2, 3) + mask
        mixed = torch.softmax(scores, dim=-1, dtype=torch.float32).to(v.dtype) @ v
        return self.out_proj(packing.pack(mixed.transpose(1, 2).reshape(*packing.shape, -1)))


class Layer(nn.Module):
    """Pre-norm, as M2M100 has it."""

    def __init__(self, size: Size, decodes: bool):
        super().__init__()
        self.self_attn = Attention(size)
        self.self_attn_layer_norm = nn.LayerNorm(size.width)
        self.encoder_attn = Attention(size) if decodes else None
        self.encoder_attn_layer_norm = nn.LayerNorm(size.width) if decodes else None
        self.fc1 = nn.Linear(size.width, size.feed_forward)
        self.fc2 = nn.Linear(size.feed_forward, size.width)
        self.final_layer_norm = nn.LayerNorm(size.width)

    def forward(self, states: Tensor, packing: Packing, mask: Tensor, drop, memory: tuple[Tensor, Packing, Tensor] | None = None):
        normed = self.self_attn_layer_norm(states)
        states = states + drop(self.self_attn(normed, packing, normed, packing, mask))
        if self.encoder_attn is not None and self.encoder_attn_layer_norm is not None and memory is not None:
            encoded, encoded_packing, encoded_mask = memory
            query = self.encoder_attn_layer_norm(states)
            states = states + drop(self.encoder_attn(query, packing, encoded, encoded_packing, encoded_mask))
        hidden = F.relu(self.fc1(self.final_layer_norm(states)))
        return states + drop(self.fc2(hidden))


class Stack(nn.Module):
    def __init__(self, size: Size, layers: int, decodes: bool):
        super().__init__()
        self.layers = nn.ModuleList(Layer(size, decodes) for _ in range(layers))
        self.layer_norm = nn.LayerNorm(size.width)


class Translator(nn.Module):
    def __init__(self, size: Size, positions: int = 258):
        super().__init__()
        self.size = size
        self.shared = nn.Embedding(size.vocabulary, size.width, padding_idx=PAD)
        self.encoder = Stack(size, size.encoder_layers, decodes=False)
        self.decoder = Stack(size, size.decoder_layers, decodes=True)
        self.masks = Masks(size.dropout)
        self.register_buffer("positions", sinusoids(positions, size.width), persistent=False)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        nn.init.normal_(self.shared.weight, std=size.width**-0.5)
        with torch.no_grad():
            self.shared.weight[PAD].zero_()

    def drop(self, states: Tensor) -> Tensor:
        return self.masks(states) if self.training else states

    def embed(self, ids: Tensor, packing: Packing) -> Tensor:
        first = PAD + 1
        places = self.positions[first : first + ids.shape[1]].expand(*ids.shape, -1)
        scaled = self.shared(packing.pack(ids)) * math.sqrt(self.size.width) + packing.pack(places)
        # What the layers add to is kept in single precision: in half of it small additions are lost.
        return self.drop(scaled)

    def encode(self, ids: Tensor) -> tuple[Tensor, Packing, Tensor]:
        """ids (sources, S) -> packed states, their packing, and the mask (sources, 1, 1, S) that keeps padding unseen."""
        packing = Packing(ids)
        mask = torch.zeros(ids.shape, dtype=torch.bfloat16, device=ids.device).masked_fill(ids == PAD, -1e4)[:, None, None, :]
        states = self.embed(ids, packing)
        for layer in self.encoder.layers:
            states = layer(states, packing, mask, self.drop)
        return self.encoder.layer_norm(states), packing, mask

    def decode(self, ids: Tensor, memory: tuple[Tensor, Packing, Tensor]) -> Tensor:
        """ids (sources * targets, T), the targets of a source side by side -> packed states, before the softmax."""
        packing = Packing(ids)
        future = torch.full((ids.shape[1], ids.shape[1]), -1e4, dtype=torch.bfloat16, device=ids.device).triu(1)
        states = self.embed(ids, packing)
        for layer in self.decoder.layers:
            states = layer(states, packing, future, self.drop, memory)
        return self.decoder.layer_norm(states)


class TiedCrossEntropy(torch.autograd.Function):
    """Mean label-smoothed cross-entropy of states against the tied embedding.

    Logits are made, used and dropped a few rows at a time and the gradient is computed on the way: the whole matrix
    (tokens x vocabulary) would not fit the processor's cache, and moving it costs more than computing it.

    With `candidates` (sorted token ids that hold every label) the softmax runs over those alone.
    """

    @staticmethod
    def forward(ctx, states: Tensor, weight: Tensor, labels: Tensor, smoothing: float, candidates: Tensor | None) -> Tensor:
        tokens = states.shape[0]
        low = (weight if candidates is None else weight.index_select(0, candidates)).to(torch.bfloat16)
        if candidates is not None:
            labels = torch.searchsorted(candidates, labels)
        choices = low.shape[0]
        grad_states = torch.empty_like(states, dtype=torch.bfloat16)
        grad_low = torch.zeros(low.shape, dtype=torch.float32, device=low.device)
        total = torch.zeros((), dtype=torch.float32, device=low.device)
        for start in range(0, tokens, 512):
            rows = states[start : start + 512].to(torch.bfloat16)
            target = labels[start : start + 512, None]
            log_probabilities = torch.log_softmax((rows @ low.T).float(), dim=-1)
            picked = log_probabilities.gather(1, target).sum()
            total -= (1 - smoothing) * picked + smoothing / choices * log_probabilities.sum()
            gradient = log_probabilities.exp_().sub_(smoothing / choices)
            gradient.scatter_add_(1, target, torch.full_like(target, -(1 - smoothing), dtype=gradient.dtype))
            gradient = gradient.to(torch.bfloat16)
            grad_states[start : start + 512] = gradient @ low
            grad_low += (gradient.T @ rows).float()
        grad_weight = grad_low if candidates is None else torch.zeros_like(weight).index_copy_(0, candidates, grad_low)
        ctx.save_for_backward(grad_states, grad_weight)
        ctx.tokens = tokens
        return total / tokens

    @staticmethod
    def backward(ctx, upstream: Tensor):
        grad_states, grad_weight = ctx.saved_tensors
        scale = upstream / ctx.tokens
        return grad_states * scale, grad_weight * scale, None, None, None


def grown(weights: dict[str, Tensor], layers: int) -> dict[str, Tensor]:
    """
    Weights of a model with so many encoder layers that says what the given one says: after each of its layers come new ones that add
    nothing yet.
    """
    name = "encoder.layers."
    old = 1 + max(int(key.split(".")[2]) for key in weights if key.startswith(name))
    if layers < old:
        raise ValueError(f"It has {old} encoder layers, and cannot be made one of {layers}.")
    result = {key: weight for key, weight in weights.items() if not key.startswith(name)}
    for layer in range(layers):
        source = layer * old // layers
        is_new = layer > 0 and (layer - 1) * old // layers == source
        for key, weight in weights.items():
            if key.startswith(f"{name}{source}."):
                part = key.removeprefix(f"{name}{source}.")
                adds = part.startswith(("self_attn.out_proj.", "fc2."))
                result[f"{name}{layer}.{part}"] = torch.zeros_like(weight) if is_new and adds else weight.clone()
    return result
