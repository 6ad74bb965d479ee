"""Calls found again by what comes for them, until nothing can come any more. No I/O.

Every step takes the same time however many are kept, and of a call that was never answered only
the name of its INVITE is: each is for up to 32 s, so a flood leaves thousands.
"""

from __future__ import annotations

from typing import TypeAlias

from aiosipua.message import SipRequest

from telephony.sip.dialog import Dialog, dialog_key
from telephony.sip.message import sequence_of, tag_of
from telephony.sip.transaction import ServerTransaction
from telephony.sip.usage import InviteUsage

DialogKey: TypeAlias = tuple[str, str, str]
RequestKey: TypeAlias = tuple[str, str, int]


class KeptCalls:
    """Calls by dialog and by INVITE; one that was answered stays until its last INVITE is
    forgotten."""

    def __init__(self) -> None:
        self._dialogs: dict[DialogKey, InviteUsage] = {}
        self._keys: dict[InviteUsage, set[DialogKey]] = {}
        self._invites: dict[object, InviteUsage] = {}
        """By the token of their transaction."""
        self._open: dict[InviteUsage, set[object]] = {}
        """INVITEs of each call that are not forgotten."""
        self._first: dict[RequestKey, object] = {}
        """INVITEs that began a call, to recognise one that came by two ways."""
        self._begun: dict[object, RequestKey] = {}

    def __len__(self) -> int:
        """Of everything, so that 0 means that nothing was left behind."""
        kept = len(self._dialogs) + len(self._keys) + len(self._invites)
        return kept + len(self._open) + len(self._first) + len(self._begun)

    def begins(self, call: InviteUsage, dialog: Dialog, transaction: ServerTransaction) -> None:
        """Somebody's INVITE began a call."""
        self.add_dialog(call, dialog)
        self.add_invite(call, transaction)
        key = _request_key(transaction.request)
        self._first[key] = transaction.token
        self._begun[transaction.token] = key

    def add_dialog(self, call: InviteUsage, dialog: Dialog) -> None:
        self._dialogs[dialog.key] = call
        self._keys.setdefault(call, set()).add(dialog.key)

    def add_invite(self, call: InviteUsage, transaction: ServerTransaction) -> None:
        self._invites[transaction.token] = call
        self._open.setdefault(call, set()).add(transaction.token)

    def has_begun(self, request: SipRequest) -> bool:
        """Whether this INVITE began a call already, having come another way."""
        return _request_key(request) in self._first

    def by_dialog(self, request: SipRequest) -> InviteUsage | None:
        return self.by_key(dialog_key(request))

    def by_key(self, key: DialogKey) -> InviteUsage | None:
        """The call of a dialog, ended ones included."""
        return self._dialogs.get(key)

    def by_invite(self, token: object) -> InviteUsage | None:
        """The call that an INVITE began, or came in."""
        return self._invites.get(token)

    def over(self, call: InviteUsage) -> None:
        """It ended: drop it if nothing can come for it any more. Idempotent."""
        if call.was_answered and self._open.get(call):
            return
        for token in self._open.pop(call, ()):
            del self._invites[token]
        for key in self._keys.pop(call, ()):
            del self._dialogs[key]

    def forgotten(self, token: object) -> None:
        """A copy of its request would now be a new one."""
        key = self._begun.pop(token, None)
        if key is not None:
            del self._first[key]
        call = self._invites.pop(token, None)
        if call is None:
            return
        self._open[call].discard(token)
        if call.ended.is_set():
            self.over(call)


def _request_key(request: SipRequest) -> RequestKey:
    return request.call_id or "", tag_of(request, "from"), sequence_of(request)[0]
