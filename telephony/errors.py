"""Errors of the telephony package.

TelephonyError            code
├── SipSyntaxError        sip_syntax      a SIP message that RFC 3261 says to refuse
├── OfferRefused          offer_refused   no media we can take in an SDP offer
├── CallOver              call_over       the call ended before what was asked could be done
├── PortsExhausted        ports_exhausted no RTP port left in the configured range
├── KeysRefused           keys_refused    the other side takes no keys (DTMF), or they are none
├── NumberBarred          number_barred   a number that may not be called from here
├── LinesBusy             lines_busy      as many calls go out already as may at once
├── CallFailed            call_failed     nobody was reached; `.reason` says why
├── ReferRefused          refer_refused   the other side will not take the call over by itself
├── StillHeld             still_held      the other side would not come back from hold
├── MetadataUnreadable    metadata        the document of a recorded call (SIPREC) makes no sense
├── TlsUnusable           tls             a certificate or key that cannot be used
├── SoundUnusable         sound_...       a sound file that cannot be played to callers
└── RecordingUnreadable   recording       a file that is not a recording we can play
"""

from __future__ import annotations


class TelephonyError(Exception):
    """Base of every error this package raises on purpose."""

    code = "telephony"


class SipSyntaxError(TelephonyError):
    """A SIP message that must not be acted on. `status` is the answer it deserves, if any."""

    code = "sip_syntax"

    def __init__(self, reason: str, *, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class OfferRefused(TelephonyError):  # noqa: N818
    """The media description offers nothing we can take (SIP status 488)."""

    code = "offer_refused"


class CallOver(TelephonyError):  # noqa: N818
    """The call ended (hung up, cancelled, refused) before it could be answered."""

    code = "call_over"


class PortsExhausted(TelephonyError):  # noqa: N818
    """Every RTP port of the configured range is in use."""

    code = "ports_exhausted"


class KeysRefused(TelephonyError):  # noqa: N818
    """The other side did not agree to telephone events, or these are no telephone keys."""

    code = "keys_refused"


class NumberBarred(TelephonyError):  # noqa: N818
    """The number may not be called from here (`telephony.dialplan`)."""

    code = "number_barred"


class LinesBusy(TelephonyError):  # noqa: N818
    """As many outgoing calls are in progress as may be at once."""

    code = "lines_busy"


class CallFailed(TelephonyError):  # noqa: N818
    """Nobody was reached. `reason` is short and stable (`telephony.sip.failure`)."""

    code = "call_failed"

    def __init__(self, reason: str, *, status: int = 0, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason
        self.status = status
        """The final SIP status, 0 without one."""


class ReferRefused(TelephonyError):  # noqa: N818
    """The other side did not take the call over by itself; it is as it was. `status` says how."""

    code = "refer_refused"

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class StillHeld(TelephonyError):  # noqa: N818
    """The other side refused to be taken back from hold, or did not answer."""

    code = "still_held"


class MetadataUnreadable(TelephonyError):  # noqa: N818
    """The document that says who speaks in a recorded call cannot be read."""

    code = "metadata"


class TlsUnusable(TelephonyError):  # noqa: N818
    """A certificate or key that cannot be used; the message names the file and the mend."""

    code = "tls"


class RecordingUnreadable(TelephonyError):  # noqa: N818
    """A recording that cannot be played; the message names the file and the mend."""

    code = "recording"


class SoundUnusable(TelephonyError):  # noqa: N818
    """A sound file that cannot be played to callers; the message says what would be right."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(reason)
        self.code = f"sound_{what}"
