"""EmbeddingGemma as ONNX graphs: vectors of words in, vectors of texts out.

The encoder is Gemma 3's (Gemma Team 2025) with attention in both directions. There are three ways
out of it, each the end of a graph that goes on where the one before ends. Matching is learnt as
well from the mean of layer 18 (`early`) as from the end, for three quarters of the work, and drafts
as well from that of layer 12 (`brief`); how near two texts are with nothing learnt is told best at
the end (docs/benchmarks/knowledge.md, drafts.md).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.onnxgraph import MICROSOFT, Graph, Rows

PARTS = {"brief": range(12), "early": range(12, 18), "meaning": range(18, 24)}
"""Layers, counted from 0, up to each way out: one graph for all would run whole, whatever is asked
of it (docs/adr/0269)."""
LAYERS = PARTS["meaning"].stop
WIDTH = 768
MOST_TOKENS = 256
"""Half the window of the layers that look around themselves alone: up to here none is cut off."""
_HEADS, _HEAD = 3, 256
_EPSILON = 1e-6
_EVERYWHERE_EVERY = 6
"""Of so many layers, the last turns by the slow angles."""
_NEARBY, _EVERYWHERE = 1e4, 1e6
_NEVER = 1e4

Tensors = Callable[[str], npt.NDArray[np.float32]]
"""Weights by their published name."""


def write_graph(
    tensors: Tensors, layers: range, path: Path, *, dense: npt.NDArray[np.float32] | None = None
) -> None:
    """Inputs `words` (texts, tokens, WIDTH), as the layer before left them, and `told` (texts,
    tokens), 1 for a token and 0 for what fills up, which must not be nothing but zeros; outputs
    `read`, as `words`, and `meaning` (texts, WIDTH), unit rows.

    `dense` is what the mean goes through at the end of the last layer, shape (WIDTH, WIDTH), a row
    an output.
    """
    import onnx
    from onnx import TensorProto, helper

    graph = _Graph(tensors)
    x = graph.encoded(graph.node("Reshape", "words", graph.integers(-1, WIDTH)), layers)
    graph.node("Reshape", x, graph.by_text(WIDTH), out=["read"])
    told = graph.node("Unsqueeze", "told", graph.integers(1))
    vector = graph.node("Squeeze", graph.node("MatMul", told, "read"), graph.integers(1))
    if dense is not None:
        matrix = graph.constant("dense", np.ascontiguousarray(dense.T))
        vector = graph.node("MatMul", vector, matrix)
    graph.node("LpNormalization", vector, out=["meaning"], axis=-1, p=2)
    number = TensorProto.FLOAT
    words: tuple[str | int, ...] = ("texts", "tokens", WIDTH)
    inputs = [
        helper.make_tensor_value_info("words", number, words),
        helper.make_tensor_value_info("told", number, words[:2]),
    ]
    outputs = [
        helper.make_tensor_value_info("read", number, words),
        helper.make_tensor_value_info("meaning", number, ("texts", WIDTH)),
    ]
    onnx.save(graph.model(inputs, outputs, "meaning"), str(path))


class _Graph(Graph):
    """Rows are tokens, those of all texts one after the other: only attention tells texts apart."""

    def __init__(self, tensors: Tensors) -> None:
        super().__init__()
        self._tensors = tensors
        self._texts = self.node("Shape", "told", start=0, end=1)

    def encoded(self, x: str, layers: range) -> str:
        """Words through these layers; after the last of all, through their norm too."""
        hidden = self.node("Sub", "told", self.constant("one", np.array(1, np.float32)))
        hidden = self.node("Mul", hidden, self.constant("never", np.array(_NEVER, np.float32)))
        hidden = self.node("Unsqueeze", hidden, self.integers(1))
        normed = self.norm(x, f"layers.{layers.start}.input_layernorm")
        for number in layers:
            layer = f"layers.{number}"
            seen = self.attention(normed, number, hidden)
            seen = self.norm(seen, f"{layer}.post_attention_layernorm")
            normed, x = self.added(x, seen, f"{layer}.pre_feedforward_layernorm")
            fed = self.norm(self.feed_forward(normed, layer), f"{layer}.post_feedforward_layernorm")
            if number + 1 < layers.stop:
                normed, x = self.added(x, fed, f"layers.{number + 1}.input_layernorm")
        x = self.node("Add", x, fed)
        return x if layers.stop < LAYERS else self.norm(x, "norm")

    def by_text(self, *shape: int) -> str:
        """The shape of (texts, any, ...)."""
        return self.node("Concat", self._texts, self.integers(-1, *shape), axis=0)

    def scale(self, name: str, gain: float = 1.0) -> str:
        """Of a normalisation; Gemma writes its scales less one."""
        scale = gain * (self._tensors(f"{name}.weight") + 1)
        return self.constant(name, scale.astype(np.float32))

    def norm(self, x: str, name: str, gain: float = 1.0) -> str:
        """Root mean square normalisation."""
        return self.node(
            "SimplifiedLayerNormalization", x, self.scale(name, gain), axis=-1, epsilon=_EPSILON
        )

    def added(self, x: str, more: str, name: str) -> tuple[str, str]:
        """The sum normalised, and the sum."""
        normed, total = f"{name}/normed", f"{name}/sum"
        self.node(
            "SkipSimplifiedLayerNormalization",
            more,
            x,
            self.scale(name),
            out=[normed, "", "", total],
            domain=MICROSOFT,
            epsilon=_EPSILON,
        )
        return normed, total

    def linear(self, rows: Rows, *names: str) -> str:
        """Rows through the matrices of these names side by side, each row in its own unit."""
        matrix = np.vstack([self._tensors(f"{name}.weight") for name in names])
        return self.times(rows, names[0], matrix)

    def attention(self, normed: str, number: int, hidden: str) -> str:
        """All heads share one key and one value: the queries of a text are rows of one product."""
        inner = f"layers.{number}.self_attn"
        rows = self.rows(normed)
        mixed = self.linear(rows, *(f"{inner}.{side}_proj" for side in "qkv"))
        query, key, value = self.split(mixed, _HEADS * _HEAD, _HEAD, _HEAD)
        base = _NEARBY if (number + 1) % _EVERYWHERE_EVERY else _EVERYWHERE
        query = self.node("Reshape", query, self.integers(-1, _HEADS, _HEAD))
        # Products are divided by the root of a head's width: the query's scale does it.
        query = self.norm(query, f"{inner}.q_norm", gain=_HEAD**-0.5)
        query = self.turned(query, _HEADS, base)
        key = self.turned(self.norm(key, f"{inner}.k_norm"), 1, base)
        near = self.node("FusedMatMul", query, key, transB=1, domain=MICROSOFT)
        shares = self.node("Softmax", self.node("Add", near, hidden), axis=-1)
        # Queries and keys are brought to one size anyway; of values the unit counts.
        value = self.node("Reshape", self.in_one_unit(value, rows), self.by_text(_HEAD))
        seen = self.node("MatMul", shares, value)
        seen = self.node("Reshape", seen, self.integers(-1, _HEADS * _HEAD))
        return self.linear(self.rows(seen), f"{inner}.o_proj")

    def turned(self, x: str, heads: int, base: float) -> str:
        """By each token's place (rotary embedding, Su et al. 2021); a row a head of a token."""
        speeds = base ** (-np.arange(0, _HEAD, 2) / _HEAD)
        angles = np.arange(MOST_TOKENS)[:, None] * speeds
        x = self.node(
            "RotaryEmbedding",
            self.node("Reshape", x, self.by_text(heads * _HEAD)),
            self.integers(0),
            self.constant(f"cos_{base:.0f}", np.cos(angles).astype(np.float32)),
            self.constant(f"sin_{base:.0f}", np.sin(angles).astype(np.float32)),
            num_heads=heads,
            domain=MICROSOFT,
        )
        return self.node("Reshape", x, self.by_text(_HEAD))

    def feed_forward(self, normed: str, layer: str) -> str:
        """Gated, by GELU's approximation with tanh."""
        rows = self.rows(normed)
        gate = self.in_one_unit(self.linear(rows, f"{layer}.mlp.gate_proj"), rows)
        gate = self.node("FastGelu", gate, domain=MICROSOFT)
        # In each row's own unit: what follows brings rows to one size.
        inner = self.node("Mul", gate, self.linear(rows, f"{layer}.mlp.up_proj"))
        return self.linear(self.rows(inner), f"{layer}.mlp.down_proj")
