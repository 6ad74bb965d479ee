"""Why a command on a call cannot be done."""

from __future__ import annotations

from telephony.errors import CallFailed, TelephonyError


class ReceptionError(Exception):
    """A command on a call that cannot be done.

    ├── NoSuchCallError   not in progress here
    ├── TakenError        another operator has it
    ├── CallerGoneError   the caller hung up first
    ├── NotCarriedError   its voices pass elsewhere: a copy of a PBX's call, a recording
    ├── TransferringError it is being transferred, or was
    ├── NoTransferError   no transfer is under way, or it cannot be completed yet
    ├── TollLimitError    as many calls went out, or cost as much, as may
    └── NoAnnouncementError  nothing is there to be played to who is called
    """

    code = "reception"


class NoSuchCallError(ReceptionError):
    """The call is not in progress."""

    code = "no_such_call"


class TakenError(ReceptionError):
    """Another operator answered first."""

    code = "taken"


class CallerGoneError(ReceptionError):
    """The caller hung up before the answer, or the media could not be set up."""

    code = "caller_gone"


class NotCarriedError(ReceptionError):
    """The voices of this call do not pass through here."""

    code = "not_carried"


class TransferringError(ReceptionError):
    """The call is being transferred, or was: that must end first."""

    code = "transferring"


class NoTransferError(ReceptionError):
    """Nobody is being called for this call, or they have not answered yet."""

    code = "no_transfer"


class NoAnnouncementError(ReceptionError):
    """The client has no announcement for who is called."""

    code = "no_announcement"


class TollLimitError(ReceptionError, TelephonyError):
    """A limit of the calls that go out is reached: `calls_hour`, `calls_day` or `cost_day`."""

    code = "toll_limit"

    def __init__(self, limit: str) -> None:
        super().__init__(f"the limit {limit} of calls that go out is reached")
        self.limit = limit


def why(error: BaseException) -> str:
    """Why a call could not be placed, short and stable, for the log."""
    if isinstance(error, CallFailed):
        return error.reason
    return error.code if isinstance(error, TelephonyError) else "failed"
