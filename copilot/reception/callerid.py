"""Which number is shown to who is called for a client."""

from __future__ import annotations

from copilot.store.records.clients import ClientSheet
from telephony.call import Presented


def client_number(sheet: ClientSheet) -> str | None:
    """As set; else the first number that the client forwards from, which its customers know; else
    the first of its own here."""
    if sheet.client.settings.shown_number:
        return sheet.client.settings.shown_number
    by_kind = sorted(sheet.numbers, key=lambda number: number.kind != "forwarding")
    return by_kind[0].number if by_kind else None


def for_client(sheet: ClientSheet) -> Presented:
    """A call that an operator places in the client's name."""
    return Presented(number=client_number(sheet), name=sheet.client.name)


def for_transfer(sheet: ClientSheet, caller_number: str | None) -> Presented:
    """A call to whom a caller is transferred.

    The caller's own number is shown where the client wants it and the caller does not hide it;
    the client's is then asserted, and told as the one the call was sent on from.
    """
    ours = for_client(sheet)
    if sheet.client.settings.transfer_shows == "client" or caller_number is None:
        return ours
    return Presented(number=caller_number, asserted=ours.number, diverted_from=ours.number)
