"""Calls found again by what comes for them, until nothing can come any more. No I/O.

Every step takes the same time however many are kept: each refused INVITE is for 32 s, so a flood
leaves tens of thousands.
"""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

from aiosipua.message import SipRequest

from telephony.sip.dialog import Dialog, dialog_key
from telephony.sip.message import sequence_of, tag_of
from telephony.sip.transaction import ServerTransaction
from telephony.sip.usage import InviteUsage

DialogKey: TypeAlias = tuple[str, str, str]
RequestKey: TypeAlias = tuple[str, str, int]


class KeptCalls:
    """Calls by dialog and by INVITE; an ended one stays until its last INVITE is forgotten."""

    def __init__(self) -> None:
        self._dialogs: dict[DialogKey, InviteUsage] = {}
        self._keys: dict[InviteUsage, set[DialogKey]] = {}
        self._invites: dict[ServerTransaction, InviteUsage] = {}
        self._open: Counter[InviteUsage] = Counter()
        """INVITEs of each call that are not forgotten."""
        self._first: dict[RequestKey, ServerTransaction] = {}
        """INVITEs that began a call, to recognise one that came by two ways."""

    def __len__(self) -> int:
        """Of everything, so that 0 means that nothing was left behind."""
        kept = len(self._dialogs) + len(self._keys) + len(self._invites)
        return kept + len(self._open) + len(self._first)

    def begins(self, call: InviteUsage, dialog: Dialog, transaction: ServerTransaction) -> None:
        """Somebody's INVITE began a call."""
        self.add_dialog(call, dialog)
        self.add_invite(call, transaction)
        self._first[_request_key(transaction.request)] = transaction

    def add_dialog(self, call: InviteUsage, dialog: Dialog) -> None:
        self._dialogs[dialog.key] = call
        self._keys.setdefault(call, set()).add(dialog.key)

    def add_invite(self, call: InviteUsage, transaction: ServerTransaction) -> None:
        self._invites[transaction] = call
        self._open[call] += 1

    def has_begun(self, request: SipRequest) -> bool:
        """Whether this INVITE began a call already, having come another way."""
        return _request_key(request) in self._first

    def by_dialog(self, request: SipRequest) -> InviteUsage | None:
        return self._dialogs.get(dialog_key(request))

    def by_invite(self, transaction: ServerTransaction | None) -> InviteUsage | None:
        return None if transaction is None else self._invites.get(transaction)

    def over(self, call: InviteUsage) -> None:
        """It ended: drop it if nothing can come for it any more."""
        if not self._open[call]:
            del self._open[call]
            for key in self._keys.pop(call, ()):
                del self._dialogs[key]

    def forgotten(self, transaction: ServerTransaction) -> None:
        """A copy of its request would now be a new one."""
        key = _request_key(transaction.request)
        if self._first.get(key) is transaction:
            del self._first[key]
        call = self._invites.pop(transaction, None)
        if call is None:
            return
        self._open[call] -= 1
        if call.ended.is_set():
            self.over(call)


def _request_key(request: SipRequest) -> RequestKey:
    return request.call_id or "", tag_of(request, "from"), sequence_of(request)[0]
