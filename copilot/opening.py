"""What an operator can open from an answer: the document's place, pages, attachments."""

from __future__ import annotations

from copilot.events import Openable
from knowledge.passages import Entry


def attachment_address(client_id: str, attachment_id: str) -> str:
    """Path of the service that serves an attachment to those who may see it."""
    return f"/api/clients/{client_id}/attachments/{attachment_id}"


def source_address(client_id: str, entry: Entry) -> str | None:
    """Path that opens the entry's document at its place; null for the FAQ."""
    if entry.document_id is None:
        return None
    anchor = f"#{entry.anchor}" if entry.anchor else ""
    return f"/api/clients/{client_id}/documents/{entry.document_id}{anchor}"


def links_of(client_id: str, entry: Entry) -> tuple[Openable, ...]:
    """The document first, then what the client added."""
    links = [
        Openable(label=link.label or link.address, address=link.address) for link in entry.links
    ]
    if (source := source_address(client_id, entry)) is not None:
        links.insert(0, Openable(label=entry.source, address=source))
    links += [
        Openable(label=item.file_name, address=attachment_address(client_id, item.attachment_id))
        for item in entry.attachments
    ]
    return tuple(links)
