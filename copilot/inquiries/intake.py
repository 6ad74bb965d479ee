"""Something written comes in: redacted, kept as a call that is over, then said to be kept."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime

from copilot.events import CallEnded, UtteranceHeard
from copilot.inquiries.forms import answer_to as form_answer_to
from copilot.inquiries.letter import Letter
from copilot.inquiries.text import paragraphs
from copilot.privacy.redaction import redact
from copilot.store.records.clients import Client
from copilot.store.records.inquiries import NewInquiry, ReceivedFile
from copilot.store.store import Store
from copilot.viruses import InfectedError, Scanner, in_pieces

LABELS = {"fr": ("De", "Objet"), "en": ("From", "Subject")}
INFECTED = {
    "fr": "[{count} pièce(s) jointe(s) écartée(s) par l'antivirus]",
    "en": "[{count} attachment(s) left out by the antivirus]",
}
FILES_LEFT_OUT = {
    "fr": "[{count} pièces jointes de plus n'ont pas été gardées]",
    "en": "[{count} more attachments were not kept]",
}
HEADER_ID = "caller-0"
"""The utterance that says who writes and about what."""


class Intake:
    """Takes in what is written to any client."""

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], datetime],
        kept: Callable[[], None],
        scanner: Scanner | None = None,
    ) -> None:
        """`kept` is told when there is something to draft; it must not block. `scanner` looks at
        what is attached: null without an antivirus."""
        self._store = store
        self._scanner = scanner
        self._reading = asyncio.Lock()
        self._now = now
        self._kept = kept

    async def take(self, client_id: str, new: NewInquiry, text: str) -> bool:
        """Durable when this returns; false when the same was taken before. Raises StoreError."""
        scope = self._store.for_client(client_id)
        client = await scope.client()
        files = await self._clean(new.files)
        if left_out := len(new.files) - len(files):
            said = INFECTED.get(client.settings.written_in, INFECTED["fr"])
            text = f"{text}\n\n{said.format(count=left_out)}"
        new = dataclasses.replace(new, files=files)
        # A long text of numbers takes its time: one at a time, and no call waits for it.
        async with self._reading:
            new, events = await asyncio.to_thread(self._redacted, client, new, text)
        taken = await scope.receive_inquiry(new, events)
        if taken:
            self._kept()
        return taken

    async def _clean(self, files: tuple[ReceivedFile, ...]) -> tuple[ReceivedFile, ...]:
        """Those in which the antivirus finds nothing. Raises ScannerAwayError."""
        if self._scanner is None:
            return files
        kept = []
        for file in files:
            try:
                await self._scanner.check(in_pieces(file.content))
            except InfectedError:
                continue  # said in the log, and in the text
            kept.append(file)
        return tuple(kept)

    def _redacted(
        self, client: Client, new: NewInquiry, text: str
    ) -> tuple[NewInquiry, tuple[UtteranceHeard | CallEnded, ...]]:
        """Without what must not be kept, and the log of it."""
        kinds = client.settings.redact
        kept = dataclasses.replace(
            new,
            subject=redact(new.subject, kinds).text,
            sender_name=redact(new.sender_name, kinds).text,
        )
        return kept, tuple(self._events(client, kept, text))

    async def take_letter(self, client_id: str, address: str, letter: Letter) -> bool:
        """The same for an e-mail that came to one of the client's addresses. Raises StoreError."""
        client = await self._store.for_client(client_id).client()
        text = letter.text
        if letter.files_left_out:
            said = FILES_LEFT_OUT[client.settings.written_in].format(count=letter.files_left_out)
            text = f"{text}\n\n{said}"
        # A letter that wants its answers at the address it came to would be answered to ourselves.
        answer_to = letter.sender if letter.answer_to == address.lower() else letter.answer_to
        filled_in, name = form_answer_to(answer_to, paragraphs(text))
        new = NewInquiry(
            call_id=secrets.token_hex(16),
            channel="email",
            inlet=address,
            origin=letter.origin,
            received_at=self._now(),
            sender=filled_in or answer_to,
            sender_name=name or letter.sender_name,
            subject=letter.subject,
            reference=letter.reference,
            files=letter.files,
        )
        return await self.take(client_id, new, text)

    def _events(
        self, client: Client, new: NewInquiry, text: str
    ) -> Iterator[UtteranceHeard | CallEnded]:
        """The log of a call in which everything was said at once."""
        said = [(HEADER_ID, header(new, client.settings.written_in))]
        said += [(f"caller-{n}", one) for n, one in enumerate(paragraphs(text), start=1)]
        seq = 0
        for seq, (utterance_id, piece) in enumerate(said, start=1):
            redacted = redact(piece, client.settings.redact)
            yield UtteranceHeard(
                call_id=new.call_id,
                seq=seq,
                at=new.received_at,
                leg="caller",
                utterance_id=utterance_id,
                text=redacted.text,
                heard=redacted.text,
                start_s=0.0,
                end_s=0.0,
                language=client.settings.languages[0],
                confidence=1.0,
                redacted=redacted.kinds,
            )
        yield CallEnded(
            call_id=new.call_id,
            seq=seq + 1,
            at=new.received_at,
            ended_by="caller",
            reason="written",
            duration_s=0.0,
        )


def header(new: NewInquiry, language: str) -> str:
    """Who writes and about what, for the operator."""
    sender, about = LABELS.get(language, LABELS["fr"])
    known = [new.sender_name, f"<{new.sender}>" if new.sender else "", new.phone or ""]
    who = " ".join(part for part in known if part)
    lines = [f"{sender} : {who}"] if who else []
    lines += [f"{about} : {new.subject}"] if new.subject else []
    return " – ".join(lines) or "…"
