"""Operators' transfers: begun, completed, taken back."""

from __future__ import annotations

from copilot.reception.callerid import for_transfer
from copilot.reception.errors import NotCarriedError, NoTransferError, TransferringError
from copilot.reception.ongoing import Media, OngoingCalls
from copilot.reception.transferring import Released, Transfer, Wish
from copilot.store.records.accounts import User
from copilot.store.store import Store


class Transfers:
    """Each command names the call and who commands it, and is durable in the call's log."""

    def __init__(
        self, *, calls: OngoingCalls, store: Store, media: Media, released: Released
    ) -> None:
        """`released` is told the operator whose call is another's."""
        self._calls = calls
        self._released = released
        self._store = store
        self._media = media

    async def begin(self, call_id: str, wish: Wish, *, operator: User) -> None:
        """Call somebody for the caller, who waits meanwhile; on hold or not before.

        Raises NoSuchCallError, TakenError, TransferringError, NotCarriedError,
        NoAnnouncementError; StillHeld when the caller's telephone does not come back from hold.
        """
        call = self._calls.in_hand(call_id, operator)
        async with call.answering:
            call = self._calls.in_hand(call_id, operator)
            if call.bridge is None or call.line is None or call.controls is None:
                raise NotCarriedError(call_id)
            if call.move is not None and call.move.under_way:
                raise TransferringError(call_id)
            await call.controls.hold(False, operator_id=operator.id)
            call.controls.mute(False, operator_id=operator.id)
            client_id = call.sheet.client.id
            record = await self._store.for_client(client_id).call(call_id)
            announcement = (
                await self._media.announcement(client_id) if wish.mode == "announced" else None
            )
            transfer = Transfer(
                call, wish, bridge=call.bridge, line=call.line, media=self._media,
                presented=for_transfer(call.sheet, record.caller_number),
                operator=operator, released=self._released,
            )  # fmt: skip
            transfer.start(announcement)
            call.transfer = transfer

    def complete(self, call_id: str, *, operator: User) -> None:
        """Join the caller and who was called. Raises as `begin`, and NoTransferError."""
        self._under_way(call_id, operator).complete()

    def bring_together(self, call_id: str, *, operator: User) -> None:
        """Let caller, operator and who was consulted talk, all three. Raises as `complete`."""
        self._under_way(call_id, operator).bring_together()

    def take_back(self, call_id: str, *, operator: User) -> None:
        """Have the caller again. Raises as `complete`."""
        self._under_way(call_id, operator).take_back()

    def _under_way(self, call_id: str, operator: User) -> Transfer:
        call = self._calls.of(call_id, operator)
        if call.transfer is None or not call.transfer.under_way:
            raise NoTransferError(call_id)
        return call.transfer
