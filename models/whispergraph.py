"""Whisper as two ONNX graphs, made from the weights of a CTranslate2 model.

ONNX Runtime multiplies 8-bit matrices three to five times as fast as CTranslate2 does on the same
core (it packs weights once, and uses VNNI on every maker's processors), and its decoder can hand
out the cross-attention of each step, so that word times cost nothing (docs/benchmarks/asr.md).

- **encoder**: `mel` (1, bands, frames) gives, for each decoder layer, the keys and values of its
  cross-attention, (1, heads, frames / 2, width a head): all that decoding needs of the audio.
- **decoder**: a few tokens for each beam, with what was kept of the tokens before, gives the most
  likely next tokens.

Architecture: Radford et al., 2022, "Robust Speech Recognition via Large-Scale Weak Supervision".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.ctweights import Weights
from models.onnxgraph import MICROSOFT, Graph, quantized


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Which tokens the decoder's graph gives probabilities of."""

    written: npt.NDArray[np.int64]
    """Those it may write, ascending, shape (n,): row i of the projection is token written[i]."""
    aside: npt.NDArray[np.int64]
    """All others that count in the whole: languages, no speech, forbidden signs."""


class _Graph(Graph):
    """With the weights of a CTranslate2 model."""

    def __init__(self, weights: Weights, *, long: bool) -> None:
        super().__init__()
        self.weights = weights
        self._long = long
        """Many rows at a time, and unlike: a recording, not a few tokens."""

    def floats(self, name: str) -> str:
        return self.constant(name, self.weights.floats(name))

    def linear(self, x: str, name: str) -> str:
        """`x` through the matrix of a layer, in 8 bits."""
        matrix, bias = self.weights.floats(f"{name}/weight"), self.floats(f"{name}/bias")
        if not self._long:
            return self.project(x, name, matrix, bias)
        return self.node("Add", self.project_rows(x, name, matrix), bias)

    def norm(self, x: str, name: str) -> str:
        return self.node(
            "LayerNormalization",
            x,
            self.floats(f"{name}/gamma"),
            self.floats(f"{name}/beta"),
            axis=-1,
            epsilon=1e-5,
        )

    def feed_forward(self, x: str, layer: str) -> str:
        inner = self.linear(self.norm(x, f"{layer}/ffn/layer_norm"), f"{layer}/ffn/linear_0")
        active = self.node("Gelu", inner, domain=MICROSOFT)
        return self.node("Add", x, self.linear(active, f"{layer}/ffn/linear_1"))


def write_encoder(weights: Weights, path: Path) -> None:
    """Write the encoder's graph."""
    import onnx
    from onnx import TensorProto, helper

    graph = _Graph(weights, long=True)
    heads = weights.number("encoder/num_heads")
    width, bands, _ = weights.floats("encoder/conv1/weight").shape
    x = "mel"
    for number in (1, 2):
        conv = f"encoder/conv{number}"
        x = graph.node(
            "Conv",
            x,
            graph.floats(f"{conv}/weight"),
            graph.floats(f"{conv}/bias"),
            kernel_shape=[3],
            pads=[1, 1],
            strides=[number],
        )
        x = graph.node("Gelu", x, domain=MICROSOFT)
    x = graph.node("Transpose", x, perm=[0, 2, 1])
    length = graph.node("Shape", x, start=1, end=2)
    places = graph.node(
        "Slice",
        graph.floats("encoder/position_encodings/encodings"),
        graph.integers(0),
        length,
        graph.constant("first_axis", np.array([0], np.int64)),
    )
    x = graph.node("Add", x, places)
    for index in range(weights.layers("encoder")):
        layer = f"encoder/layer_{index}"
        normed = graph.norm(x, f"{layer}/self_attention/layer_norm")
        mixed = graph.linear(normed, f"{layer}/self_attention/linear_0")
        query, key, value = graph.split(mixed, *[width] * 3)
        heard = graph.node(
            "MultiHeadAttention", query, key, value, domain=MICROSOFT, num_heads=heads
        )
        x = graph.node("Add", x, graph.linear(heard, f"{layer}/self_attention/linear_1"))
        x = graph.feed_forward(x, layer)
    x = graph.norm(x, "encoder/layer_norm")
    outputs = []
    for index in range(weights.layers("decoder")):
        both = graph.linear(x, f"decoder/layer_{index}/attention/linear_1")
        for name, part in zip(("key", "value"), graph.split(both, *[width] * 2), strict=True):
            apart = graph.node("Reshape", part, graph.integers(0, 0, heads, width // heads))
            out = f"{name}_{index}"
            graph.node("Transpose", apart, out=[out], perm=[0, 2, 1, 3])
            shape = [1, heads, None, width // heads]
            outputs.append(helper.make_tensor_value_info(out, TensorProto.FLOAT, shape))
    mel = helper.make_tensor_value_info("mel", TensorProto.FLOAT, [1, bands, None])
    onnx.save(graph.model([mel], outputs, "encoder"), str(path))


def write_decoder(
    weights: Weights, vocabulary: Vocabulary, aligned: Sequence[tuple[int, int]], path: Path
) -> None:
    """Write the decoder's graph; `aligned` are the (layer, head) that follow the voice."""
    import onnx
    from onnx import TensorProto, helper

    graph = _Graph(weights, long=False)
    heads = weights.number("decoder/num_heads")
    embeddings = weights.floats("decoder/embeddings/weight")
    width = embeddings.shape[1]
    layers = weights.layers("decoder")
    table, scale = quantized(embeddings)
    rows = graph.node("Gather", graph.constant("words", table), "tokens", axis=0)
    scales = graph.node("Gather", graph.constant("words/scale", scale[:, None]), "tokens", axis=0)
    x = graph.node("Mul", graph.node("Cast", rows, to=TensorProto.FLOAT), scales)
    encodings = graph.floats("decoder/position_encodings/encodings")
    x = graph.node("Add", x, graph.node("Gather", encodings, "places", axis=0))
    shape = graph.node("Shape", x)
    followed: list[str] = []
    for index in range(layers):
        layer = f"decoder/layer_{index}"
        normed = graph.norm(x, f"{layer}/self_attention/layer_norm")
        mixed = graph.linear(normed, f"{layer}/self_attention/linear_0")
        query, key, value = graph.split(mixed, *[width] * 3)
        # Each beam goes on from what its parent kept.
        kept = [
            graph.node("Gather", f"past_{name}_{index}", "parents", axis=0)
            for name in ("key", "value")
        ]
        said = graph.node(
            "MultiHeadAttention",
            query,
            key,
            value,
            "",
            "",
            "",
            *kept,
            out=[f"said_{index}", f"next_key_{index}", f"next_value_{index}"],
            domain=MICROSOFT,
            num_heads=heads,
            unidirectional=1,
        )
        x = graph.node("Add", x, graph.linear(said, f"{layer}/self_attention/linear_1"))
        query = graph.linear(
            graph.norm(x, f"{layer}/attention/layer_norm"), f"{layer}/attention/linear_0"
        )
        # One recording for all beams: they stand in a row before it.
        flat = graph.node("Reshape", query, graph.integers(1, -1, width))
        mine = [head for at, head in aligned if at == index]
        heard = graph.node(
            "MultiHeadAttention",
            flat,
            f"key_{index}",
            f"value_{index}",
            out=[f"heard_{index}", "", "", f"seen_{index}"] if mine else [f"heard_{index}"],
            domain=MICROSOFT,
            num_heads=heads,
        )
        if mine:
            seen = f"seen_{index}"
            graph.typed.append(helper.make_tensor_value_info(seen, TensorProto.FLOAT, None))
            followed.append(graph.node("Gather", seen, graph.integers(*mine), axis=1))
        heard = graph.node("Reshape", heard, shape)
        x = graph.node("Add", x, graph.linear(heard, f"{layer}/attention/linear_2"))
        x = graph.feed_forward(x, layer)
    x = graph.norm(x, "decoder/layer_norm")
    x = graph.node("Gather", x, "wanted", axis=1)
    projection = weights.floats("decoder/projection/weight")
    logits = graph.project(x, "written", projection[vocabulary.written])
    graph.node(
        "Identity", graph.project(x, "aside", projection[vocabulary.aside]), out=["aside_logits"]
    )
    graph.node("TopK", logits, "count", out=["top_logits", "rows"], axis=-1)
    graph.node("LogSoftmax", logits, out=["all"], axis=-1)
    graph.node("GatherElements", "all", "rows", out=["logprobs"], axis=2)
    followed_out = graph.node("Concat", *followed, out=["followed"], axis=1) if followed else ""
    inputs, outputs = _decoder_ends(layers, heads, width // heads, bool(followed_out))
    onnx.save(graph.model(inputs, outputs, "decoder"), str(path))


def _decoder_ends(
    layers: int, heads: int, head_width: int, followed: bool
) -> tuple[list[Any], list[Any]]:
    from onnx import TensorProto, helper

    def floats(name: str, *shape: int | None) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    def integers(name: str, *shape: int | None) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.INT64, shape)

    inputs = [
        integers("tokens", None, None),
        integers("places", None),
        integers("parents", None),
        integers("wanted", None),
        integers("count", 1),
    ]
    outputs = [
        floats("logprobs", None, None, None),
        integers("rows", None, None, None),
        floats("top_logits", None, None, None),
        floats("aside_logits", None, None, None),
    ]
    if followed:
        outputs.append(floats("followed", 1, None, None, None))
    for index in range(layers):
        for name in ("key", "value"):
            inputs.append(floats(f"{name}_{index}", 1, heads, None, head_width))
            inputs.append(floats(f"past_{name}_{index}", None, heads, None, head_width))
            outputs.append(floats(f"next_{name}_{index}", None, heads, None, head_width))
    return inputs, outputs
