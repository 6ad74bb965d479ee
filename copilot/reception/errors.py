"""Why a command on a call cannot be done."""

from __future__ import annotations


class ReceptionError(Exception):
    """A command on a call that cannot be done.

    ├── NoSuchCallError   not in progress here
    ├── TakenError        another operator has it
    ├── CallerGoneError   the caller hung up first
    └── NotCarriedError   its voices pass elsewhere: a copy of a PBX's call, a recording
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
