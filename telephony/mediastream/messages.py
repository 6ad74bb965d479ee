"""The messages of a media stream, read strictly: whoever writes them is a program."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast

from telephony.dtmf import KEYS
from telephony.errors import TelephonyError

MAX_MESSAGE = 64 * 1024
MAX_PAYLOAD_BYTES = 8000
"""A second of sound: anything longer is not telephony."""
MAX_PARAMETERS = 50

Track: TypeAlias = Literal["inbound", "outbound"]


class BadMessageError(TelephonyError):
    """A message that makes no sense; the connection is closed, saying why."""

    code = "media_stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The first message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The call begins."""

    stream_id: str
    tracks: tuple[Track, ...]
    """`inbound`: who called; `outbound`: what is played to them."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """As set where the stream was asked for; names in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A piece of sound."""

    track: Track
    payload: bytes
    """µ-law, 8 kHz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digit:
    """A key pressed by the caller."""

    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Sound that we sent was played up to here."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The call is over."""


Message: TypeAlias = Connected | Started | Media | Digit | Mark | Stopped


def read_message(text: str) -> Message | None:
    """One message; None for an event newer than this. Raises BadMessageError."""
    if len(text) > MAX_MESSAGE:
        raise BadMessageError(f"a message of {len(text)} characters; {MAX_MESSAGE} is the most")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMessageError("a message that is not JSON") from error
    if not isinstance(value, dict):
        raise BadMessageError("a message that is no JSON object")
    match value.get("event"):
        case "connected":
            return Connected()
        case "start":
            return _started(value)
        case "media":
            return _media(_part(value, "media"))
        case "dtmf":
            return _digit(_part(value, "dtmf"))
        case "mark":
            return Mark(name=_text(_part(value, "mark"), "name"))
        case "stop":
            return Stopped()
        case str():
            return None
        case _:
            raise BadMessageError("a message without an event")


def _started(value: dict[str, Any]) -> Started:
    start = _part(value, "start")
    _check_format(start.get("mediaFormat", {}))
    tracks = start.get("tracks", ["inbound"])
    if (
        not isinstance(tracks, list)
        or not 1 <= len(tracks) <= 2
        or not all(track in ("inbound", "outbound") for track in tracks)
        or len(set(tracks)) != len(tracks)
    ):
        raise BadMessageError("start: tracks are inbound, outbound or both")
    parameters = start.get("customParameters", {})
    if (
        not isinstance(parameters, dict)
        or len(parameters) > MAX_PARAMETERS
        or not all(isinstance(one, str) for one in parameters.values())
    ):
        raise BadMessageError(f"start: customParameters are at most {MAX_PARAMETERS} texts")
    return Started(
        stream_id=_text(start if "streamSid" in start else value, "streamSid"),
        tracks=tuple(cast("list[Track]", tracks)),
        parameters={name.lower(): one for name, one in parameters.items()},
    )


def _check_format(value: Any) -> None:
    wanted = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    if not isinstance(value, dict):
        raise BadMessageError("start: mediaFormat is no object")
    for name, want in wanted.items():
        if str(value.get(name, want)) != str(want):
            raise BadMessageError(f"start: mediaFormat.{name} is {want}, nothing else is taken")


def _media(media: dict[str, Any]) -> Media:
    track = media.get("track", "inbound")
    if track not in ("inbound", "outbound"):
        raise BadMessageError("media: the track is inbound or outbound")
    try:
        payload = base64.b64decode(_text(media, "payload"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadMessageError("media: the payload is not base64") from error
    if not 0 < len(payload) <= MAX_PAYLOAD_BYTES:
        raise BadMessageError(f"media: {len(payload)} bytes; 1 to {MAX_PAYLOAD_BYTES} are taken")
    return Media(track=cast(Track, track), payload=payload)


def _digit(dtmf: dict[str, Any]) -> Digit:
    digit = _text(dtmf, "digit").upper()
    if len(digit) != 1 or digit not in KEYS:
        raise BadMessageError("dtmf: a telephone has the keys 0 to 9, *, # and A to D")
    return Digit(digit=digit)


def _part(value: dict[str, Any], name: str) -> dict[str, Any]:
    part = value.get(name)
    if not isinstance(part, dict):
        raise BadMessageError(f"{name}: the message has no {name} object")
    return part


def _text(value: dict[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not text:
        raise BadMessageError(f"{name} is missing, or is no text")
    return text


def media_message(stream_id: str, payload: bytes) -> str:
    """A piece of sound for them to play."""
    encoded = base64.b64encode(payload).decode()
    return json.dumps(
        {"event": "media", "streamSid": stream_id, "media": {"payload": encoded}},
        separators=(",", ":"),
    )
