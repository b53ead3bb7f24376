"""Training on a card, where it is not arithmetic that takes the time but everything around it.

A step is some two thousand small kernels, and starting them takes longer than running them. So all rows lie on the card as tables
of ids before the training begins, a step works in bfloat16 on copies of the weights, and the step of each length is captured as a
graph once and replayed from then on. Nothing in it may depend on the values of a batch: padding is computed as well.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass

import sentencepiece
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from augment import augment
from batches import SOURCES, TARGETS, in_pieces
from corpus import Row, with_placeholders
from languages import EOS, LANGUAGES, PAD, tag_ids
from model import Attention, Translator, sinusoids

#: Lengths of batches, tags and end included. Longer rows are left out.
LENGTHS = (8, 10, 12, 14, 16, 18, 20, 24, 28, 36, 52)


@dataclass
class Table:
    """Rows of one length in all languages."""

    #: (variants, languages, length), int16: tag, source, end. The variants of a row stand together.
    sources: Tensor
    #: (rows, languages, length + 1), int16: end, tag, target, end.
    targets: Tensor
    #: (rows,): the first variant of each row, and how many there are.
    first: Tensor
    variants: Tensor
    #: Numbers of rows, each as often as it is to be met in a pass.
    order: Tensor

    def to(self, device: torch.device) -> "Table":
        return Table(*(tensor.to(device) for tensor in vars(self).values()))


def tables_of(rows: Iterable[tuple[Row, int, int]], pieces: sentencepiece.SentencePieceProcessor, seed: int) -> dict[int, Table]:
    """
    Rows, each with how many variants of its source are made (what keyboards do to it, a quarter of them in other pieces), and how
    often it is met.
    """
    rng, tags = random.Random(seed), tag_ids(pieces.get_piece_size())
    lists: dict[int, tuple[list, list, list, list, list]] = {length: ([], [], [], [], []) for length in LENGTHS}
    for row, variants, times in rows:
        cells = with_placeholders(row.cells)
        if cells is None:
            continue
        plain = pieces.encode(list(cells))
        longest = max(map(len, plain)) + 2
        length = next((one for one in LENGTHS if one >= longest), None)
        if length is None:
            continue
        sources, targets, first, counts, order = lists[length]
        order += [len(targets)] * times
        first.append(len(sources))
        counts.append(variants)
        targets.append([filled([EOS, tags[language], *ids, EOS], length + 1) for language, ids in zip(LANGUAGES, plain, strict=True)])
        for _ in range(variants):
            sources.append([filled([tags[language], *changed(text, ids, language, pieces, rng, length - 2), EOS], length)
                            for language, text, ids in zip(LANGUAGES, cells, plain, strict=True)])  # fmt: skip
    return {
        length: Table(torch.tensor(sources, dtype=torch.int16), torch.tensor(targets, dtype=torch.int16),
                      torch.tensor(first), torch.tensor(counts), torch.tensor(order))
        for length, (sources, targets, first, counts, order) in lists.items() if targets
    }  # fmt: skip


def changed(text: str, plain: list[int], language: str, pieces: sentencepiece.SentencePieceProcessor, rng: random.Random, room: int):
    """The source as it may be written; as it is where that takes more room."""
    ids = in_pieces(augment(text, language, rng), pieces, rng)
    return ids if len(ids) <= room else plain


def filled(ids: list[int], length: int) -> list[int]:
    return [*ids, *[PAD] * (length - len(ids))]


class Lookup(torch.autograd.Function):
    """Rows of the embedding. Their gradient is added up in place and in full precision."""

    @staticmethod
    def forward(ctx, weight: Tensor, ids: Tensor) -> Tensor:
        ctx.save_for_backward(ids)
        ctx.shape = weight.shape
        return weight.index_select(0, ids)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        (ids,) = ctx.saved_tensors
        total = torch.zeros(ctx.shape, device=gradient.device).index_add_(0, ids, gradient.float())
        total[PAD].zero_()
        return total.to(gradient.dtype), None


class CrossEntropy(torch.autograd.Function):
    """Mean label-smoothed cross-entropy against the tied embedding; the value is the plain one. No gradient where the label is PAD."""

    @staticmethod
    def forward(ctx, states: Tensor, weight: Tensor, labels: Tensor, smoothing: float) -> Tensor:
        counts = labels != PAD
        share = (1 / counts.sum()) * counts
        probabilities = torch.softmax(states @ weight.T, dim=-1)
        label = labels[:, None]
        loss = -(probabilities.gather(1, label).squeeze(1).float().clamp_min(1e-9).log() * share).sum()
        low = share.to(states.dtype)[:, None]
        gradient = torch.addcmul(low * (-smoothing / weight.shape[0]), probabilities, low)
        gradient.scatter_add_(1, label, low * (smoothing - 1))
        ctx.save_for_backward(gradient @ weight, gradient.T @ states)
        return loss

    @staticmethod
    def backward(ctx, _upstream: Tensor):
        return *ctx.saved_tensors, None, None


class Weights:
    """Copies of a model's weights in bfloat16, those of products that share their input as one."""

    def __init__(self, model: Translator):
        self.model = model
        self.masters: list[Tensor] = []
        self.places: list[tuple[int, slice]] = []
        self.leaves: list[Tensor] = []
        self.of: dict[object, int] = {}
        for module in model.modules():
            if isinstance(module, Attention):
                self_attention = not any(module is layer.encoder_attn for layer in model.decoder.layers)
                groups = [[module.q_proj, module.k_proj, module.v_proj]] if self_attention else [[module.q_proj], [module.k_proj, module.v_proj]]
                for group in [*groups, [module.out_proj]]:
                    self.add(group)
            elif hasattr(module, "fc1"):
                for one in (module.fc1, module.fc2):
                    self.add([one])
            elif isinstance(module, torch.nn.LayerNorm):
                self.add([module])
        self.add([model.shared])
        for master in self.masters:
            master.grad = torch.zeros_like(master)
        assert {id(one) for one in self.masters} == {id(one) for one in model.parameters()}
        self.views = [self.leaves[leaf].data[rows] for leaf, rows in self.places]

    def add(self, group: list[torch.nn.Module]) -> None:
        """One leaf each for the weights and the biases of modules."""
        self.of[group[0]] = len(self.leaves)
        for name in ("weight", "bias"):
            parts = [getattr(module, name, None) for module in group]
            if parts[0] is None:
                continue
            start = 0
            for part in parts:
                self.masters.append(part)
                self.places.append((len(self.leaves), slice(start, start + len(part))))
                start += len(part)
            self.leaves.append(torch.cat([part.detach() for part in parts]).to(torch.bfloat16).requires_grad_())

    def refresh(self) -> None:
        torch._foreach_copy_(self.views, [master.detach() for master in self.masters])

    def give(self, gradients: list[Tensor]) -> None:
        """Gradients of the leaves to those of the model's own weights."""
        torch._foreach_copy_([master.grad for master in self.masters], [gradients[leaf][rows] for leaf, rows in self.places])

    def linear(self, module: torch.nn.Module, states: Tensor) -> Tensor:
        at = self.of[module]
        return F.linear(states, self.leaves[at], self.leaves[at + 1])

    def norm(self, module: torch.nn.LayerNorm, states: Tensor) -> Tensor:
        at = self.of[module]
        return F.layer_norm(states, module.normalized_shape, self.leaves[at], self.leaves[at + 1], module.eps)


class CardStep:
    """The forward pass of model.Translator over padded ids, and a step of the training around it."""

    def __init__(self, model: Translator, optimizer: torch.optim.Optimizer, smoothing: float):
        self.model, self.optimizer, self.smoothing = model, optimizer, smoothing
        self.weights = Weights(model)
        self.shared = self.weights.leaves[self.weights.of[model.shared]]
        self.positions = sinusoids(258, model.size.width).to(self.shared)
        self.sum = torch.zeros((), device=self.shared.device)

    def drop(self, states: Tensor) -> Tensor:
        return F.dropout(states, self.model.size.dropout, training=self.model.training)

    def embed(self, ids: Tensor) -> Tensor:
        found = Lookup.apply(self.shared, ids.flatten()).view(*ids.shape, -1)
        return self.drop(found * self.model.size.width**0.5 + self.positions[PAD + 1 : PAD + 1 + ids.shape[1]])

    def heads(self, states: Tensor, rows: int, parts: int) -> tuple[Tensor, ...]:
        """(rows or more, length, parts * width) -> so many of (rows, heads, length or more, size)"""
        size = self.model.size
        return states.view(rows, -1, parts, size.heads, size.width // size.heads).permute(2, 0, 3, 1, 4).unbind(0)

    def attend(self, module: Attention, states: Tensor, mask: Tensor | None, memory: Tensor | None = None) -> Tensor:
        if memory is None:
            q, k, v = self.heads(self.weights.linear(module.q_proj, states), states.shape[0], 3)
        else:
            (q,) = self.heads(self.weights.linear(module.q_proj, states), memory.shape[0], 1)
            k, v = self.heads(self.weights.linear(module.k_proj, memory), memory.shape[0], 2)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        return self.weights.linear(module.out_proj, mixed.transpose(1, 2).reshape(states.shape))

    def layers(self, stack, states: Tensor, mask: Tensor | None, memory: Tensor | None = None, memory_mask: Tensor | None = None) -> Tensor:
        weights = self.weights
        for layer in stack.layers:
            states = states + self.drop(self.attend(layer.self_attn, weights.norm(layer.self_attn_layer_norm, states), mask))
            if memory is not None:
                query = weights.norm(layer.encoder_attn_layer_norm, states)
                states = states + self.drop(self.attend(layer.encoder_attn, query, memory_mask, memory))
            hidden = F.relu(weights.linear(layer.fc1, weights.norm(layer.final_layer_norm, states)))
            states = states + self.drop(weights.linear(layer.fc2, hidden))
        return weights.norm(stack.layer_norm, states)

    def loss(self, sources: Tensor, targets: Tensor) -> Tensor:
        """sources (N, S), targets (N * TARGETS, T + 1), those of a source side by side."""
        inputs, labels = targets[:, :-1].contiguous(), targets[:, 1:].clone()
        # The tag is given, not guessed: nothing is learnt at the first place.
        labels[:, 0] = PAD
        mask = (sources != PAD)[:, None, None, :]
        memory = self.layers(self.model.encoder, self.embed(sources), mask)
        states = self.layers(self.model.decoder, self.embed(inputs), None, memory, mask)
        return CrossEntropy.apply(states.flatten(0, 1), self.shared, labels.flatten(), self.smoothing)

    def learn(self, sources: Tensor, targets: Tensor) -> None:
        self.weights.refresh()
        with sdpa_kernel([SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]):
            loss = self.loss(sources, targets)
            self.weights.give(torch.autograd.grad(loss, self.weights.leaves))
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0, foreach=True)
        self.optimizer.step()
        self.sum += loss.detach()


class CardSteps:
    """Steps over the tables, each length captured once."""

    #: Steps of a length that run as they come before one is captured: the libraries choose their kernels in them.
    WARM = 2
    #: Steps that are prepared while one runs.
    AHEAD = 4

    def __init__(self, step: CardStep, tables: dict[int, Table], tokens: int, seed: int):
        self.step, self.device = step, step.shared.device
        self.tables = {length: table.to(self.device) for length, table in tables.items()}
        self.rows = {length: max(1, tokens // (length * SOURCES * TARGETS)) for length in tables}
        self.rng = random.Random(seed)
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.held = {
            length: (torch.full((rows * SOURCES, length), PAD, device=self.device),
                     torch.full((rows * SOURCES * TARGETS, length + 1), PAD, device=self.device))
            for length, rows in self.rows.items()
        }  # fmt: skip
        self.graphs: dict[int, torch.cuda.CUDAGraph] = {}
        self.runs = dict.fromkeys(tables, 0)
        self.count = 0
        if self.device.type == "cuda":
            self.stream = torch.cuda.Stream()
            # The graphs run one after another, and none leaves anything in it that another needs.
            self.pool = torch.cuda.graph_pool_handle()
            self.ended = [torch.cuda.Event() for _ in range(self.AHEAD)]

    def __call__(self, rate: float) -> int:
        """Learns from a batch; the number of ids in its targets, padding included."""
        lengths = list(self.tables)
        (length,) = self.rng.choices(lengths, [len(self.tables[one].order) / self.rows[one] for one in lengths])
        for group in self.step.optimizer.param_groups:
            group["lr"].fill_(rate)
        self.count += 1
        if self.device.type == "cuda":
            self.ended[self.count % self.AHEAD].synchronize()
        self.fill(length)
        self.run(length)
        if self.device.type == "cuda":
            self.ended[self.count % self.AHEAD].record()
        return self.held[length][1].numel()

    def fill(self, length: int) -> None:
        """Puts random rows, in random languages, where the step of a length takes its batch from."""
        table, rows = self.tables[length], self.rows[length]
        random_numbers = {"generator": self.generator, "device": self.device}
        chosen = table.order[torch.randint(len(table.order), (rows,), **random_numbers)][:, None]
        by_chance = torch.rand(rows, len(LANGUAGES), **random_numbers)
        source = by_chance.topk(SOURCES, dim=1).indices
        variants = table.variants[chosen]
        variant = table.first[chosen] + (torch.rand(rows, SOURCES, **random_numbers) * variants).long().clamp_max(variants - 1)
        others = torch.rand(rows, SOURCES, len(LANGUAGES), **random_numbers).scatter_(2, source[:, :, None], -1.0)
        target = others.topk(TARGETS, dim=2).indices
        sources, targets = self.held[length]
        sources.copy_(table.sources[variant, source].flatten(0, 1))
        targets.copy_(table.targets[chosen[:, :, None], target].flatten(0, 2))

    def run(self, length: int) -> None:
        if self.device.type != "cuda":
            return self.step.learn(*self.held[length])
        self.runs[length] += 1
        if self.runs[length] <= self.WARM:
            self.stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self.stream):
                self.step.learn(*self.held[length])
            torch.cuda.current_stream().wait_stream(self.stream)
            return None
        if length not in self.graphs:
            torch.cuda.synchronize()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, pool=self.pool, stream=self.stream, capture_error_mode="thread_local"):
                self.step.learn(*self.held[length])
            self.graphs[length] = graph
        self.graphs[length].replay()
        return None

    def mean_loss(self) -> float:
        """Of the steps since it was asked last."""
        mean = float(self.step.sum) / max(1, self.count)
        self.step.sum.zero_()
        self.count = 0
        return mean
