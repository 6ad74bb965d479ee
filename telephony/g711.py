"""G.711 A-law and µ-law (ITU-T G.711), by table, without a loop per sample.

Ours because aiortp 0.8.0 has the sign of A-law the wrong way round in both directions, which its
own two ends cannot notice and which makes voice sound right but cancel when mixed.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

LawName: TypeAlias = Literal["PCMA", "PCMU"]

SAMPLE_RATE_HZ = 8000
MAX_PAYLOAD_BYTES = 8000
"""A second in one packet: anything longer is not telephony."""

Pcm = npt.NDArray[np.int16]


def _alaw_table() -> Pcm:
    """Linear value of each of the 256 codes, shape (256,)."""
    code = np.arange(256) ^ 0x55
    exponent = (code >> 4) & 0x07
    mantissa = (code & 0x0F) << 4
    magnitude = np.where(
        exponent == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(exponent - 1, 0)
    )
    # The sign bit of A-law is set for positive values.
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _ulaw_table() -> Pcm:
    code = ~np.arange(256) & 0xFF
    exponent = (code >> 4) & 0x07
    magnitude = ((((code & 0x0F) << 3) + 0x84) << exponent) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _encode_table(decode: Pcm, *, negative_zero: int | None = None) -> npt.NDArray[np.uint8]:
    """Nearest code of each 16-bit sample, indexed by the sample taken as unsigned."""
    codes = np.argsort(decode, kind="stable")
    if negative_zero is not None:
        # Two codes decode to 0; only the positive one is used.
        codes = codes[codes != negative_zero]
    values = decode[codes].astype(np.int32)
    samples = np.arange(65536, dtype=np.int64).astype(np.uint16).view(np.int16).astype(np.int32)
    nearest = np.searchsorted((values[1:] + values[:-1] + 1) // 2, samples, side="right")
    return codes[nearest].astype(np.uint8)


_DECODE: dict[LawName, Pcm] = {"PCMA": _alaw_table(), "PCMU": _ulaw_table()}
_ENCODE = {
    "PCMA": _encode_table(_DECODE["PCMA"]),
    "PCMU": _encode_table(_DECODE["PCMU"], negative_zero=0x7F),
}
_TRANSCODE = {
    ("PCMA", "PCMU"): _ENCODE["PCMU"][_DECODE["PCMA"].view(np.uint16)].tobytes(),
    ("PCMU", "PCMA"): _ENCODE["PCMA"][_DECODE["PCMU"].view(np.uint16)].tobytes(),
}

SILENCE_FRAME: dict[LawName, bytes] = {"PCMA": b"\xd5" * 160, "PCMU": b"\xff" * 160}
"""20 ms of digital silence."""


def decode(payload: bytes, codec: LawName) -> Pcm:
    """Linear samples of a payload, shape (len(payload),)."""
    return _DECODE[codec][np.frombuffer(payload, dtype=np.uint8)]


def encode(pcm: Pcm, codec: LawName) -> bytes:
    """One byte a sample."""
    return _ENCODE[codec][np.ascontiguousarray(pcm, dtype=np.int16).view(np.uint16)].tobytes()


def transcode(payload: bytes, source: LawName, target: LawName) -> bytes:
    """The same voice under the other law; the payload itself when the laws are the same."""
    return payload if source == target else payload.translate(_TRANSCODE[source, target])
