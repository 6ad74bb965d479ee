"""Offers and answers of SIP calls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.call import CodecName
from telephony.errors import OfferRefused
from telephony.sip import media
from telephony.sip.media import (
    MediaPolicy,
    RemoteMedia,
    Stream,
    answer_direction,
    read_media,
    write_offer,
)
from telephony.srtp import choose_crypto, new_crypto, read_crypto

LOCAL = ("192.0.2.10", 20000)


def write_answer(remote: RemoteMedia, local: tuple[str, int], *, version: int) -> str:
    ours = Stream(
        remote=remote, local=local, direction=answer_direction(remote), crypto=remote.crypto
    )
    return media.write_answer(remote.sdp, [ours], local, version=version)


def offer(line: str = "RTP/AVP 8 0 101", *attributes: str, address: str = "198.51.100.7") -> str:
    lines = [
        "v=0", "o=- 7 1 IN IP4 198.51.100.7", "s=-", f"c=IN IP4 {address}", "t=0 0",
        f"m=audio 4000 {line}", *(f"a={attribute}" for attribute in attributes), "",
    ]  # fmt: skip
    return "\r\n".join(lines)


def line(sdp: str, start: str) -> str:
    return next(text for text in sdp.splitlines() if text.startswith(start))


def test_the_peers_first_law_is_taken() -> None:
    assert read_media(offer("RTP/AVP 0 8")).codec == "PCMU"
    assert read_media(offer("RTP/AVP 18 8 0")).codec == "PCMA"
    assert read_media(offer("RTP/AVP 9 8 0")).codec == "G722"
    laws = MediaPolicy(codecs=("PCMU", "PCMA"))
    assert read_media(offer("RTP/AVP 9 8 0"), laws).codec == "PCMA"


def test_codecs_are_matched_by_name_and_their_numbers_echoed() -> None:
    remote = read_media(
        offer(
            "RTP/AVP 8 107 110",
            "rtpmap:8 iLBC/8000",
            "rtpmap:107 pcmu/8000/1",
            "rtpmap:110 telephone-event/8000",
        )
    )
    assert (remote.codec, remote.payload_types, remote.dtmf_payload_type) == (
        "PCMU", {107: "PCMU"}, 110,
    )  # fmt: skip
    answer = write_answer(remote, LOCAL, version=1)
    assert line(answer, "m=audio") == "m=audio 20000 RTP/AVP 107 110"
    assert "a=rtpmap:107 PCMU/8000" in answer and "a=rtpmap:110 telephone-event/8000" in answer


def test_the_codec_in_use_is_kept_when_offered_again() -> None:
    assert read_media(offer("RTP/AVP 0 8"), prefer="PCMA").codec == "PCMA"
    assert read_media(offer("RTP/AVP 0"), prefer="PCMA").codec == "PCMU"


def test_no_dtmf_is_answered_when_none_was_offered() -> None:
    assert "telephone-event" not in write_answer(read_media(offer("RTP/AVP 8")), LOCAL, version=1)


def test_other_streams_are_refused_in_their_place() -> None:
    text = (
        "v=0\r\no=- 7 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n"
        "m=video 4002 RTP/AVP 96\r\nm=audio 4010 RTP/SAVP 8\r\nm=audio 4000 RTP/AVP 8\r\n"
        "m=image 4004 udptl t38\r\n"
    )
    remote = read_media(text)
    assert (remote.index, remote.address) == (2, ("198.51.100.7", 4000))
    answer = write_answer(remote, LOCAL, version=1)
    streams = [text for text in answer.splitlines() if text.startswith("m=")]
    assert [text.split()[:2] for text in streams] == [
        ["m=video", "0"], ["m=audio", "0"], ["m=audio", "20000"], ["m=image", "0"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("offered", "answered", "held"),
    [
        ("sendrecv", "sendrecv", False),
        ("sendonly", "recvonly", True),
        ("recvonly", "sendonly", False),
        ("inactive", "inactive", True),
    ],
)
def test_directions(offered: str, answered: str, held: bool) -> None:
    remote = read_media(offer("RTP/AVP 8", offered))
    assert remote.held is held
    assert f"a={answered}" in write_answer(remote, LOCAL, version=1).splitlines()


OPUS = ("rtpmap:111 opus/48000/2", "fmtp:111 useinbandfec=1", "rtpmap:112 telephone-event/48000")


def test_opus_is_answered_under_its_number_and_keys_on_its_clock() -> None:
    maps = (*OPUS, "rtpmap:101 telephone-event/8000")
    remote = read_media(offer("RTP/AVP 111 8 101 112", *maps))
    assert (remote.codec, remote.dtmf_payload_type) == ("opus", 112)
    answer = write_answer(remote, LOCAL, version=1)
    assert line(answer, "m=audio") == "m=audio 20000 RTP/AVP 111 112"
    assert "a=rtpmap:111 opus/48000/2" in answer


KEY = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}", True),
        (f"2 AES_CM_128_HMAC_SHA1_32 inline:{KEY}|2^20", True),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} -future=1", True),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4", False),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY};inline:{KEY}", False),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTP", False),
        (f"1 F8_128_HMAC_SHA1_80 inline:{KEY}", False),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:c2hvcnQ=", False),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:=notbase64", False),
        ("", False),
    ],
)
def test_keys_are_taken_only_where_we_can_do_what_they_ask(value: str, taken: bool) -> None:
    assert (read_crypto(value) is not None) is taken


@given(st.text(max_size=80))
def test_any_crypto_attribute_is_read_or_passed_over(value: str) -> None:
    crypto = read_crypto(value)
    assert crypto is None or read_crypto(str(crypto)) == crypto


def test_our_keys_can_be_read_and_are_not_printed() -> None:
    crypto = new_crypto("AES_CM_128_HMAC_SHA1_32", tag=3)
    assert read_crypto(str(crypto)) == crypto
    assert str(crypto.key) not in repr(crypto)


def test_encrypted_voice_is_preferred_and_answered_in_its_own_profile() -> None:
    text = (
        offer("RTP/AVP 8")
        + f"m=audio 4002 RTP/SAVP 0\r\na=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:{KEY}\r\n"
    )
    remote = read_media(text)
    assert (remote.index, remote.crypto) == (1, choose_crypto([str(remote.crypto)]))
    answer = write_answer(remote, LOCAL, version=1)
    assert line(answer, "m=audio 20000") == "m=audio 20000 RTP/SAVP 0"
    assert line(answer, "a=crypto:").startswith("a=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:")


def test_where_only_encryption_is_taken_plain_voice_is_refused() -> None:
    policy = MediaPolicy(encrypted_only=True)
    with pytest.raises(OfferRefused, match="encrypted"):
        read_media(offer("RTP/AVP 8"), policy)
    crypto = f"crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"
    assert read_media(offer("RTP/SAVP 8", crypto), policy).crypto is not None


@pytest.mark.parametrize("codec", ["PCMA", "PCMU", "G722", "opus"])
def test_each_codec_of_our_offer_can_be_chosen(codec: CodecName) -> None:
    text = write_offer(LOCAL, MediaPolicy(codecs=(codec,)), version=1)
    remote = read_media(text)
    assert remote.codec == codec and remote.dtmf_payload_type is not None


def test_the_old_way_to_hold() -> None:
    """RFC 2543: c=0.0.0.0."""
    assert read_media(offer(address="0.0.0.0")).held


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        offer("RTP/AVP 18 4"),
        offer("RTP/SAVP 8"),
        offer(address="media.example.com"),
        offer().replace("audio 4000", "audio 0"),
        offer().replace("audio 4000", "audio 99999"),
        offer().replace("audio 4000", "audio x"),
        offer().replace("c=IN IP4 198.51.100.7\r\n", ""),
        offer("RTP/AVP 8", "rtpmap:x y"),
        offer("RTP/AVP 96", "rtpmap:96 PCMA/16000"),
    ],
)
def test_offers_without_voice_for_us_are_refused(text: str) -> None:
    with pytest.raises(OfferRefused):
        read_media(text)


def test_our_own_offer_can_be_read() -> None:
    remote = read_media(write_offer(LOCAL, MediaPolicy(), version=1))
    assert (remote.address, remote.codec, remote.dtmf_payload_type) == (LOCAL, "PCMA", 101)


@given(st.text(alphabet="vosctma=: \r\n0189/INPRTAVxu.-", max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for body in (text, offer() + text):
        try:
            write_answer(read_media(body), LOCAL, version=1)
        except OfferRefused:
            continue
