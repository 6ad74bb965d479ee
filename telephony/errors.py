"""Errors of the telephony package.

TelephonyError            code
├── SipSyntaxError        sip_syntax      a SIP message that RFC 3261 says to refuse
├── OfferRefused          offer_refused   no media we can take in an SDP offer
├── CallOver              call_over       the call ended before what was asked could be done
├── PortsExhausted        ports_exhausted no RTP port left in the configured range
├── KeysRefused           keys_refused    the other side takes no keys (DTMF), or they are none
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
