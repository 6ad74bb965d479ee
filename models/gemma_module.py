"""EmbeddingGemma as the input module of a SentenceTransformer, computed by ONNX Runtime.

Its weights come from a package (`models.gemma_package`) and are made into a folder once: the graph
in 8 bits, and the vectors of words, of which a text maps the few it needs from the disk. Importing
this file imports torch: only `models.embeddings` does, when it builds the model.
"""

from __future__ import annotations

import copy
import re
import shutil
import tempfile
import threading
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers.base.modules import InputModule

from models.conversion import converted
from models.e5_module import batches
from models.embeddings import EmbeddingError
from models.gemma_graph import LAYERS, MOST_TOKENS, PARTS, WIDTH, write_graph
from models.gemma_package import DENSE, PIECES, WEIGHTS, fetched
from models.onnxgraph import quantized

PROMPT = "query: "
"""Before either side: the learnt placement tells them apart, and longer prompts cost a third."""
DOCUMENT_PROMPT = "title: none | text: "
"""Published, before what is read to the end: nothing is learnt there."""
_LAYOUT = f"embeddinggemma-{LAYERS}-int8-4"
_BATCH_TOKENS = 512
"""Padded tokens computed together: what lies between two products of more leaves the cache."""
_AT_ONCE = 2
"""Batches of many texts that are read at the same time."""
_WORDS, _SCALES = "words.npy", "scales.npy"


class _Reading(threading.local):
    """What a thread read last: how far, and what came out on the way."""

    def __init__(self) -> None:
        self.begin([], np.empty(0, np.float32), np.empty(0, np.float32))

    def begin(
        self,
        tokens: Sequence[Sequence[int]],
        words: npt.NDArray[np.float32],
        told: npt.NDArray[np.float32],
    ) -> None:
        """`words` and `told` as the graphs take them."""
        self.tokens, self.words, self.told = tokens, words, told
        self.found: dict[str, npt.NDArray[np.float32]] = {}


class EmbeddingGemma(InputModule):
    """Text in, one unit vector of 768 float32 out, or several side by side. Thread-safe."""

    config_keys: list[str] = []
    save_in_root = True

    def __init__(self, folder: Path | None = None) -> None:
        """Gives the vector of the way out `early`. `folder` keeps the converted weights from one
        start to the next. Raises EmbeddingError."""
        super().__init__()  # type: ignore[no-untyped-call]
        import onnxruntime
        from sentencepiece import SentencePieceProcessor

        self._scratch = None if folder else tempfile.TemporaryDirectory()
        place = folder or Path(self._scratch.name)  # type: ignore[union-attr]
        home = converted(place / _LAYOUT, PIECES, _convert)
        options = onnxruntime.SessionOptions()
        # A second thread within a sentence costs a third more of the processor and no less time:
        # what else a call wants is computed beside it. Many texts are read two batches at a time.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._graphs: dict[str, Any] = {
                way: onnxruntime.InferenceSession(
                    str(home / f"{way}.onnx"), options, providers=["CPUExecutionProvider"]
                )
                for way in PARTS
            }
            self._words = np.load(home / _WORDS, mmap_mode="r", allow_pickle=False)
            self._scales = np.load(home / _SCALES, allow_pickle=False)
            self._pieces: Any = SentencePieceProcessor(model_file=str(home / PIECES))
        except Exception as problem:  # the runtime raises classes of its own for a damaged graph
            raise EmbeddingError(
                f"{home} : modèle de phrases illisible ({problem}). Supprimez ce dossier, puis"
                " lancez « souffleur models fetch »."
            ) from problem
        self._outputs = ["early"]
        self._reading = _Reading()
        # Where torch may have but one thread, as in the processes that learn side by side, so it
        # is here.
        self._at_once = min(_AT_ONCE, torch.get_num_threads())
        self.max_seq_length = MOST_TOKENS

    def giving(self, *ways: str) -> EmbeddingGemma:
        """The same, loaded once, that gives the unit vectors of these ways out."""
        other = copy.copy(self)
        other._outputs = list(ways)
        return other

    def preprocess(  # type: ignore[override]  # text alone, not every modality
        self, inputs: Sequence[str], prompt: str | None = None, **_: Any
    ) -> dict[str, Any]:
        """Texts become token ids, the prompt before them."""
        return {"tokens": [self._tokens((prompt or "") + text) for text in inputs]}

    def _tokens(self, text: str) -> list[int]:
        plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
        inside: list[int] = self._pieces.encode(plain)[: MOST_TOKENS - 2]
        return [self._pieces.bos_id(), *inside, self._pieces.eos_id()]

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Unit rows, each of one text."""
        tokens: list[list[int]] = features["tokens"]
        vectors = np.empty((len(tokens), self.get_embedding_dimension()), dtype=np.float32)

        def read(rows: Sequence[int]) -> None:
            vectors[rows] = self._meaning([tokens[row] for row in rows])

        together = list(batches([len(ids) for ids in tokens], _BATCH_TOKENS))
        if min(len(together), self._at_once) > 1:
            with ThreadPoolExecutor(self._at_once, thread_name_prefix="batch") as pool:
                list(pool.map(read, together))
        else:
            for rows in together:
                read(rows)
        features["sentence_embedding"] = torch.from_numpy(vectors)
        return features

    def _meaning(self, tokens: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """Who asks for more of what this thread read last goes on where it stopped."""
        reading = self._reading
        if reading.tokens != tokens:
            reading.begin(tokens, *self._laid_out(tokens))
        for way, graph in self._graphs.items():
            if way not in reading.found:
                given = {"words": reading.words, "told": reading.told}
                reading.words, reading.found[way] = graph.run(["read", "meaning"], given)
            if reading.found.keys() >= {*self._outputs}:  # the first layers alone cost less
                break
        return np.hstack([reading.found[way] for way in self._outputs])

    def _laid_out(
        self, tokens: Sequence[Sequence[int]]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        longest = max(map(len, tokens))
        # What fills up is of no account, but for the graph it must have a size.
        words = np.ones((len(tokens), longest, WIDTH), dtype=np.float32)
        told = np.zeros((len(tokens), longest), dtype=np.float32)
        for row, ids in enumerate(tokens):
            words[row, : len(ids)] = self._words[ids] * self._scales[ids, None]
            told[row, : len(ids)] = 1
        return words, told

    def get_embedding_dimension(self) -> int:
        """Numbers in a vector."""
        return WIDTH * len(self._outputs)

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """The weights live in their package: only the (empty) configuration is written."""
        self.save_config(output_path)

    @classmethod
    def load(cls, *_: Any, **__: Any) -> EmbeddingGemma:
        """The packaged model, whatever the folder says."""
        return cls()


def _convert(made: Path) -> None:
    from safetensors import safe_open
    from safetensors.numpy import load_file

    weights = fetched(made.parent)
    # Two layers without a bend between them are one.
    first, second = (load_file(weights / name)["linear.weight"] for name in DENSE)
    dense = np.asarray(second, np.float32) @ np.asarray(first, np.float32)

    with safe_open(str(weights / WEIGHTS), framework="np") as held:

        def tensor(name: str) -> npt.NDArray[np.float32]:
            return np.asarray(held.get_tensor(name), dtype=np.float32)

        for way, part in PARTS.items():
            end = dense if part.stop == LAYERS else None
            write_graph(tensor, part, made / f"{way}.onnx", dense=end)
        words, scales = quantized(tensor("embed_tokens.weight") * np.float32(WIDTH**0.5))
    np.save(made / _WORDS, words)
    np.save(made / _SCALES, scales)
    # Last, as the name by which the folder is known to be whole.
    shutil.copyfile(weights / PIECES, made / PIECES)
