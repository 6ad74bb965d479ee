"""Calls over a WebSocket that carries JSON: the media streams of communication platforms.

    connected, start, media (base64, µ-law 8 kHz), dtmf, mark, stop    from them
    media, mark                                                       from us

One track is a call to answer, whose voice goes back; two are a copy of a call that the platform
keeps, and is only listened to.

    messages    what the messages say       stream      one connection
    endpoint    a track's sound             admission   who may open one
"""

from telephony.mediastream.messages import BadMessageError
from telephony.mediastream.stream import CopiedStream, MediaStream

__all__ = ["BadMessageError", "CopiedStream", "MediaStream"]
