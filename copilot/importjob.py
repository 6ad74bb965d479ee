"""What an import job brings and is called, and what is told when it stops. Pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from urllib.parse import urlsplit

from copilot.store.difference import Incoming
from copilot.store.records.knowledge import ImportJob
from knowledge.documents.fetching import MEDIA_TYPES
from knowledge.documents.reading import ImportingError, Problem, Reading, reading_from

INTERRUPTED = (
    "import_interrupted",
    "La lecture a été interrompue (le service s'est arrêté). Rien n'a changé : recommencez.",
    "Reading was interrupted (the service stopped). Nothing changed: start again.",
)

MEDIA_TYPE_OF_KIND = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html",
    "markdown": "text/markdown",
    "text": "text/plain",
}


def incoming_reading(job: ImportJob) -> Reading:
    """What a job that is ready has read."""
    if job.incoming is None:
        raise stale(job.name)
    return reading_from(job.incoming)


def incoming_of(job: ImportJob, reading: Reading) -> Incoming:
    """What a job brings to the knowledge."""
    if reading.is_table:
        return Incoming(entries=reading.entries, mode=job.mode, given=reading.given)
    return Incoming(
        entries=reading.entries,
        document_id=document_id_of(job.name),
        mode=job.mode,
        given=frozenset({"alternatives"}),
    )


def document_id_of(name: str) -> str:
    """The same at each import of the same file name or address."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def file_name_of(job: ImportJob, media_type: str) -> str:
    """What the imported file is called when it is opened again."""
    if job.address is None:
        return job.name
    last = urlsplit(job.address).path.rstrip("/").rpartition("/")[2]
    stem = last.rpartition(".")[0] or last or "page"
    return f"{stem[:100]}{MEDIA_TYPES.get(media_type, '.html')}"


def read_as(job: ImportJob) -> str:
    """The name in messages and as the source of passages."""
    if job.address is None:
        return job.name
    parts = urlsplit(job.address)
    return f"{parts.hostname or ''}{parts.path}".strip("/").replace("/", " › ")[:150] or "page"


def told(problems: Sequence[Problem], flags: Sequence[Problem]) -> list[Problem]:
    """All there is to look at: first what is about the whole file, or what callers would be
    told; then lines left out, which there may be hundreds of."""
    first = (
        "misnamed", "unread_columns", "ignored_sheet", "hidden_rows", "tracked", "links", "script",
        "instruction",
    )  # fmt: skip
    whole = [problem for problem in problems if problem.code in first]
    lines = [problem for problem in problems if problem.code not in first]
    return [*whole, *flags, *lines]


def ready(job: ImportJob) -> ImportJob:
    """The job, when it waits to be applied. Raises ImportingError."""
    if job.state != "ready":
        raise ImportingError(
            "import_stale",
            french=f"{job.name} : cet import n'attend plus d'être appliqué. Rechargez la page.",
            english=f"{job.name}: this import no longer waits to be applied. Reload the page.",
        )
    return job


def stale(name: str) -> ImportingError:
    """The preview is not of the knowledge as it is now."""
    return ImportingError(
        "import_stale",
        french=f"{name} : les connaissances ont changé depuis l'aperçu. Rien n'a été appliqué :"
        " refaites l'aperçu, puis appliquez.",
        english=f"{name}: the knowledge changed since the preview. Nothing was applied:"
        " refresh the preview, then apply.",
    )


def unexpected(name: str) -> tuple[str, str, str]:
    """Code, French and English."""
    return (
        "unexpected",
        f"{name} : une erreur inattendue s'est produite. Rien n'a changé ; elle a été consignée.",
        f"{name}: something unexpected happened. Nothing changed; it was logged.",
    )
