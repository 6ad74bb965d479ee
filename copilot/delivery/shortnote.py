"""Messages in a few lines: for telephones and chat rooms. Plain text."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.delivery import wording
from copilot.delivery.channel import Dispatch
from copilot.delivery.letter import headline, one_line

LONGEST_TEXT = 300
"""Characters of a text message: two or three parts."""
LONGEST_NOTE = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a service is given."""

    title: str
    body: str


def note_of(dispatch: Dispatch) -> Note:
    """For a chat room or a push service."""
    count = len(dispatch.parts)
    title = dispatch.words.several.format(count) if dispatch.also else _title(dispatch)
    lines = [line for part in dispatch.parts for line in _lines(part)]
    return Note(title=one_line(f"{title} – {dispatch.client.name}"), body=_cut(lines, LONGEST_NOTE))


def text_message(dispatch: Dispatch) -> Note:
    """For a telephone: no title, short, and the link whole."""
    start = one_line(f"{_title(dispatch)} – {dispatch.client.name}")
    if dispatch.also:
        several = dispatch.words.several.format(len(dispatch.parts))
        start = one_line(f"{several} – {dispatch.client.name}")
    ends = dispatch.link
    said = [] if dispatch.discreet else [_said(part) for part in dispatch.parts]
    room = LONGEST_TEXT - len(ends) - 1
    text = _cut([start, *said], room)
    return Note(title="", body=f"{text}\n{ends}" if ends else text)


def _title(dispatch: Dispatch) -> str:
    words = dispatch.words
    urgency = words.urgencies.get(dispatch.message.urgency)
    start = words.on_call if dispatch.item.step else words.one
    return f"{start} [{urgency}]" if urgency else start


def _lines(part: Dispatch) -> list[str]:
    said = [] if part.discreet else [_said(part)]
    links = [part.link] if part.link else []
    return [*said, *links, part.words.short_reference.format(part.message.id[:8])]


def _said(part: Dispatch) -> str:
    phone = part.message.fields.get("phone") or part.call.caller_number
    number = f" – {wording.telephone(phone)}" if phone else ""
    return one_line(headline(part) + number)


def _cut(lines: list[str], longest: int) -> str:
    text = "\n".join(lines)
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
