"""EmbeddingGemma's first layers as an ONNX graph: vectors of words in, vectors of texts out.

The encoder is Gemma 3's (Gemma Team 2025) with attention in both directions. Its last six layers
and what comes after them bring a third of the work and nothing that matching could not learn from
the layer before (docs/benchmarks/knowledge.md): the mean of that one is the vector.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.onnxgraph import MICROSOFT, Graph

LAYERS = 18
WIDTH = 768
MOST_TOKENS = 256
"""Half the window of the layers that look around themselves alone: up to here none is cut off."""
_HEADS, _HEAD, _INNER = 3, 256, 1152
_EPSILON = 1e-6
_EVERYWHERE_EVERY = 6
"""Of so many layers, the last turns by the slow angles."""
_NEARBY, _EVERYWHERE = 1e4, 1e6
_NEVER = 1e4

Tensors = Callable[[str], npt.NDArray[np.float32]]
"""Weights by their published name."""


def write_graph(tensors: Tensors, path: Path) -> None:
    """Inputs `words` (texts, tokens, WIDTH) and `told` (texts, tokens), 1 for a token and 0 for
    what fills up; output `meaning` (texts, WIDTH), unit rows."""
    import onnx
    from onnx import TensorProto, helper

    graph = _Graph(tensors)
    x = "words"
    apart = graph.node("Sub", "told", graph.constant("one", np.array(1, np.float32)))
    hidden = graph.node("Mul", apart, graph.constant("never", np.array(_NEVER, np.float32)))
    hidden = graph.node("Unsqueeze", hidden, graph.integers(1))
    length = graph.node("Shape", x, start=1, end=2)
    heads = graph.node(
        "Concat",
        graph.constant("every_text", np.array([-1, _HEADS])),
        length,
        graph.constant("head", np.array([_HEAD])),
        axis=0,
    )
    for number in range(LAYERS):
        x = graph.attention(x, number, hidden, heads)
        x = graph.feed_forward(x, f"layers.{number}")
    told = graph.node("Unsqueeze", "told", graph.integers(1))
    total = graph.node("Squeeze", graph.node("MatMul", told, x), graph.integers(1))
    graph.node("LpNormalization", total, out=["meaning"], axis=-1, p=2)
    number = TensorProto.FLOAT
    inputs = [
        helper.make_tensor_value_info("words", number, ["texts", "tokens", WIDTH]),
        helper.make_tensor_value_info("told", number, ["texts", "tokens"]),
    ]
    output = helper.make_tensor_value_info("meaning", number, ["texts", WIDTH])
    onnx.save(graph.model(inputs, [output], "meaning"), str(path))


class _Graph(Graph):
    def __init__(self, tensors: Tensors) -> None:
        super().__init__()
        self._tensors = tensors

    def norm(self, x: str, name: str, gain: float = 1.0) -> str:
        """Root mean square normalisation; Gemma writes its scales less one."""
        scale = gain * (self._tensors(f"{name}.weight") + 1)
        held = self.constant(name, scale.astype(np.float32))
        return self.node("SimplifiedLayerNormalization", x, held, axis=-1, epsilon=_EPSILON)

    def linear(self, x: str, *names: str) -> str:
        """`x` through the matrices of these names side by side."""
        matrix = np.vstack([self._tensors(f"{name}.weight") for name in names])
        return self.project_rows(x, names[0], matrix)

    def attention(self, x: str, number: int, hidden: str, heads: str) -> str:
        """All heads share one key and one value."""
        layer = f"layers.{number}"
        inner = f"{layer}.self_attn"
        normed = self.norm(x, f"{layer}.input_layernorm")
        mixed = self.linear(normed, *(f"{inner}.{side}_proj" for side in "qkv"))
        query, key, value = self.split(mixed, _HEADS * _HEAD, _HEAD, _HEAD)
        base = _NEARBY if (number + 1) % _EVERYWHERE_EVERY else _EVERYWHERE
        query = self.node("Reshape", query, self.integers(0, 0, _HEADS, _HEAD))
        # Products are divided by the root of a head's width: the query's scale does it.
        query = self.norm(query, f"{inner}.q_norm", gain=_HEAD**-0.5)
        query = self.turned(self.node("Transpose", query, perm=[0, 2, 1, 3]), base)
        query = self.node("Reshape", query, self.integers(0, -1, _HEAD))
        key = self.node("Unsqueeze", self.norm(key, f"{inner}.k_norm"), self.integers(1))
        key = self.node("Squeeze", self.turned(key, base), self.integers(1))
        near = self.node("MatMul", query, self.node("Transpose", key, perm=[0, 2, 1]))
        shares = self.node("Softmax", self.node("Add", near, hidden), axis=-1)
        seen = self.node("Reshape", self.node("MatMul", shares, value), heads)
        seen = self.node("Transpose", seen, perm=[0, 2, 1, 3])
        seen = self.node("Reshape", seen, self.integers(0, 0, _HEADS * _HEAD))
        out = self.linear(seen, f"{inner}.o_proj")
        return self.node("Add", x, self.norm(out, f"{layer}.post_attention_layernorm"))

    def turned(self, x: str, base: float) -> str:
        """By each token's place (rotary embedding, Su et al. 2021)."""
        speeds = base ** (-np.arange(0, _HEAD, 2) / _HEAD)
        angles = np.arange(MOST_TOKENS)[:, None] * speeds
        return self.node(
            "RotaryEmbedding",
            x,
            self.integers(0),
            self.constant(f"cos_{base:.0f}", np.cos(angles).astype(np.float32)),
            self.constant(f"sin_{base:.0f}", np.sin(angles).astype(np.float32)),
            domain=MICROSOFT,
        )

    def feed_forward(self, x: str, layer: str) -> str:
        """Gated, by GELU's approximation with tanh."""
        normed = self.norm(x, f"{layer}.pre_feedforward_layernorm")
        both = self.linear(normed, f"{layer}.mlp.gate_proj", f"{layer}.mlp.up_proj")
        gate, up = self.split(both, _INNER, _INNER)
        inner = self.node("Mul", self.node("FastGelu", gate, domain=MICROSOFT), up)
        out = self.linear(inner, f"{layer}.mlp.down_proj")
        return self.node("Add", x, self.norm(out, f"{layer}.post_feedforward_layernorm"))
