"""Who speaks on which stream of a recorded call (RFC 7865), read from the PBX's document.

Elements are known by their local names: drafts before the RFC used other namespaces, and are
sent to this day. Entities and external references are refused by defusedxml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from xml.etree.ElementTree import ParseError

from telephony.errors import MetadataUnreadable
from telephony.sip.identity import LONGEST_NAME, number_in, session_ids

CONTENT_TYPES = ("application/rs-metadata+xml", "application/rs-metadata")
MAX_BYTES = 256_000
MOST_NAMES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One person of the recorded call."""

    id: str
    number: str
    """User part of the address of record: a number or an extension; "" when there is none."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingMetadata:
    """What the documents of a recording have said so far."""

    session_id: str = ""
    participants: dict[str, Participant] = field(default_factory=dict)
    """By id, in the order they came."""
    labels: dict[str, str] = field(default_factory=dict)
    """Stream id to the label of its m= line."""
    sends: dict[str, str] = field(default_factory=dict)
    """Stream id to the id of the participant heard on it."""
    names: tuple[str, ...] = ()
    """How the recorded call is known elsewhere: SIP session ids, Call-IDs of extensions."""

    def speaker(self, label: str) -> Participant | None:
        """Who is heard on the stream of this label."""
        for stream, known in self.labels.items():
            if known == label and (person := self.sends.get(stream)) is not None:
                return self.participants.get(person)
        return None

    def updated(self, data: bytes) -> RecordingMetadata:
        """With another document: in place of this one when complete, else added to it.

        Raises MetadataUnreadable.
        """
        root = _parse(data)
        mode = next((_text(e) for e in root if _name(e) == "datamode"), "complete")
        base = self if mode.lower() == "partial" else RecordingMetadata()
        return replace(
            base,
            session_id=next(_ids(root, "session"), base.session_id),
            participants={**base.participants, **_participants(root)},
            labels={**base.labels, **_labels(root)},
            sends={**base.sends, **_sends(root)},
            names=tuple(dict.fromkeys((*base.names, *_names(root))))[:MOST_NAMES],
        )


def read_metadata(data: bytes) -> RecordingMetadata:
    """The first document of a recording. Raises MetadataUnreadable."""
    return RecordingMetadata().updated(data)


def _parse(data: bytes) -> Any:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if len(data) > MAX_BYTES:
        raise MetadataUnreadable(f"recording metadata of {len(data)} bytes")
    try:
        root = fromstring(data.strip(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise MetadataUnreadable(f"recording metadata: {error}") from error
    if _name(root) != "recording":
        raise MetadataUnreadable(f"recording metadata begins with <{_name(root)}>")
    return root


def _name(element: Any) -> str:
    return re.sub(r"^\{.*\}", "", str(element.tag))


def _text(element: Any) -> str:
    return (element.text or "").strip()


def _id(element: Any, name: str) -> str:
    """RFC 7865 writes `participant_id`; drafts wrote `id`."""
    return (element.get(f"{name}_id") or element.get("id") or "").strip()


def _ids(root: Any, name: str) -> Iterator[str]:
    return (_id(element, name) for element in root if _name(element) == name)


def _names(root: Any) -> Iterator[str]:
    """`sipSessionID` of RFC 7865; Call-ID where an SBC adds it (`callid`, `Call-ID`, ...)."""
    for element in root.iter():
        kind = re.sub(r"[^a-z]", "", _name(element).lower())
        if kind == "sipsessionid":
            yield from session_ids(_text(element))
        elif kind == "callid" and 0 < len(_text(element)) <= LONGEST_NAME:
            yield _text(element)


def _participants(root: Any) -> dict[str, Participant]:
    found: dict[str, Participant] = {}
    for element in root:
        if _name(element) != "participant" or not (person := _id(element, "participant")):
            continue
        identity = next((child for child in element if _name(child) == "nameID"), None)
        names = [] if identity is None else [_text(c) for c in identity if _name(c) == "name"]
        address = "" if identity is None else identity.get("aor") or ""
        found[person] = Participant(
            id=person,
            number=number_in(address),
            name=next(iter(names), ""),
        )
    return found


def _labels(root: Any) -> dict[str, str]:
    return {
        _id(element, "stream"): _text(child)
        for element in root
        if _name(element) == "stream"
        for child in element
        if _name(child) == "label"
    }


def _sends(root: Any) -> dict[str, str]:
    """From associations, and from the participant itself as drafts had it."""
    found: dict[str, str] = {}
    for element in root:
        if _name(element) in ("participantstreamassoc", "participant"):
            for child in element:
                if _name(child) == "send":
                    found[_text(child)] = _id(element, "participant")
    return found
