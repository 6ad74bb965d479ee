"""The graph in 8 bits against the published architecture, on weights of chance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from models.gemma_graph import LAYERS, PARTS, WIDTH, write_graph

pytestmark = pytest.mark.models

LENGTHS = (9, 5, 2)
"""Tokens of each text: the shorter ones are filled up."""


def test_it_computes_what_the_published_model_does(tmp_path: Path) -> None:
    import onnxruntime
    import torch
    from transformers.models.gemma3.configuration_gemma3 import Gemma3TextConfig
    from transformers.models.gemma3.modeling_gemma3 import Gemma3TextModel

    torch.manual_seed(5)
    config = Gemma3TextConfig(
        vocab_size=16,
        hidden_size=WIDTH,
        intermediate_size=1152,
        num_hidden_layers=LAYERS,
        num_attention_heads=3,
        num_key_value_heads=1,
        head_dim=256,
        query_pre_attn_scalar=256,
        use_bidirectional_attention=True,
    )
    model: Any = Gemma3TextModel(config)
    model.eval()
    with torch.no_grad():
        for name, weights in model.named_parameters():
            # Scales are written less one; some spread tells whether each is where it belongs.
            weights.normal_(0, 0.3 if "norm" in name else 0.03)
    held = {name: weights.detach().numpy() for name, weights in model.named_parameters()}
    random = np.random.default_rng(7)
    dense = random.normal(0, 1, (WIDTH, WIDTH)).astype(np.float32)
    words = random.normal(0, 1, (3, max(LENGTHS), WIDTH)).astype(np.float32)
    told = (np.arange(max(LENGTHS)) < np.array(LENGTHS)[:, None]).astype(np.float32)

    graphs = []
    for part in PARTS.values():
        end = dense if part.stop == LAYERS else None
        write_graph(held.__getitem__, part, tmp_path / "graph.onnx", dense=end)
        graphs.append(
            onnxruntime.InferenceSession(
                str(tmp_path / "graph.onnx"), providers=["CPUExecutionProvider"]
            )
        )

    def read(words: npt.NDArray[np.float32], told: npt.NDArray[np.float32]) -> list[Any]:
        found = []
        for graph in graphs:
            words, meaning = graph.run(["read", "meaning"], {"words": words, "told": told})
            found.append(meaning)
        return found

    brief, early, found = read(words, told)

    with torch.no_grad():
        layers = model(
            inputs_embeds=torch.from_numpy(words),
            attention_mask=torch.from_numpy(told).long(),
            output_hidden_states=True,
        ).hidden_states
    for vectors, after in ((brief, PARTS["brief"].stop), (early, PARTS["early"].stop)):
        expected = mean(layers[after].numpy(), told)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-4)
        assert (vectors * expected).sum(axis=1).min() > 0.995
        earlier = mean(layers[after - 1].numpy(), told)
        assert (earlier * expected).sum(axis=1).max() < 0.99, "a layer more or less would be seen"
    # After the last layer transformers gives what its norm has made of it.
    whole = mean(layers[LAYERS].numpy(), told) @ dense.T
    whole /= np.linalg.norm(whole, axis=1, keepdims=True)
    assert (found * whole).sum(axis=1).min() > 0.99
    last = LENGTHS[-1]
    *_, alone = read(words[-1:, :last], told[-1:, :last])
    assert found[-1:] == pytest.approx(alone, abs=1e-4), "the same beside other texts"


def mean(hidden: npt.NDArray[np.float32], told: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Unit rows, of the tokens that are told."""
    total = (hidden * told[:, :, None]).sum(axis=1)
    return np.asarray(total / np.linalg.norm(total, axis=1, keepdims=True))
