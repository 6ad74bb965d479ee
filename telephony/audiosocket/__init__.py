"""Calls over Asterisk's AudioSocket: one TCP connection a call.

The protocol says nothing of the call but a UUID, so the dial plan tells the rest beforehand
(`AnnouncedCalls`): a UUID that nobody announced is refused, and each is good for one connection.

    frames      kind, length, payload       announced   what the dial plan told beforehand
    endpoint    a channel's sound           server      connections
"""

from telephony.audiosocket.announced import Announced, AnnouncedCalls, AnnouncementRefused
from telephony.audiosocket.server import AudioSocketServer

__all__ = ["Announced", "AnnouncedCalls", "AnnouncementRefused", "AudioSocketServer"]
