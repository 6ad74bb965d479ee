from __future__ import annotations

import dataclasses
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.delivery import wording
from copilot.delivery.channel import Dispatch, PermanentFailureError
from copilot.delivery.codeletter import write_code_letter
from copilot.delivery.letter import KEY_HEADER, SUBJECT_LENGTH, write
from copilot.delivery.shortnote import note_of, text_message
from copilot.drafting.form import Form, FormField
from tests.delivery.examples import CLIENT, FIELDS, NOON, SENDER, dispatch


def sent(letter: EmailMessage) -> EmailMessage:
    """The letter as its reader gets it."""
    return message_from_bytes(letter.as_bytes(), policy=default)


def part(letter: EmailMessage, kind: str) -> str:
    body = sent(letter).get_body((kind,))
    assert body is not None
    text: str = body.get_content()
    return text


def test_a_letter_says_who_called_what_for_and_when() -> None:
    letter = sent(write(dispatch(), SENDER))
    assert letter["Subject"] == ("[Urgence critique] Message de Zoé Lefèvre – Fuite sous l'évier")
    assert letter["To"] == "atelier@example.fr"
    assert letter["From"] == "Souffleur <messages@souffleur.example.com>"
    assert letter["Auto-Submitted"] == "auto-generated"
    text = part(write(dispatch(), SENDER), "plain")
    for line in (
        "*** Urgence critique ***",
        "Plomberie Delorme : un message pour vous",
        "Appelant : Zoé Lefèvre",
        "Téléphone : 01 99 00 12 34",
        "Motif : Fuite sous l'évier",
        "À rappeler : Oui",
        "Rappeler : mercredi 18 mars 2026 entre 14 h et 18 h",
        "Code de la porte : 12A",
        "Appel reçu : mardi 17 mars 2026 à 13 h",  # Europe/Paris
        "Durée : 3 min 05 s",
        "Numéro affiché : 06 39 98 12 34",
        "Message pris par : Inès C.",
    ):
        assert line in text.splitlines(), line
    assert "E-mail" not in text
    html = part(write(dispatch(), SENDER), "html")
    assert '<html lang="fr">' in html and "Zoé Lefèvre" in html and "01 99 00 12 34" in html


def test_every_try_is_the_same_letter() -> None:
    first, second = write(dispatch(), SENDER), write(dispatch(), SENDER)
    assert (
        first["Message-ID"]
        == second["Message-ID"]
        == (f"<{dispatch().item.idempotency_key}@souffleur.example.com>")
    )
    assert first[KEY_HEADER] == dispatch().item.idempotency_key
    assert first["Date"] == second["Date"]
    assert first.as_bytes() == second.as_bytes()
    other = write(dispatch(recipient="b@example.fr"), SENDER)
    assert other["Message-ID"] != first["Message-ID"]


def test_what_callers_say_is_never_markup() -> None:
    attack = '<script>alert(1)</script><img src=x onerror="x">{{ 7*7 }}'
    letter = write(dispatch({"reason": attack, "<b>": attack}, note=attack), SENDER)
    html = part(letter, "html")
    assert "<script" not in html and "<img" not in html and "<b>" not in html and "49" not in html
    assert html.count("&lt;script&gt;") >= 3


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r", "\u2028", "\x00", "\x0b"])
def test_what_callers_say_never_makes_a_header(newline: str) -> None:
    name = f"Zoé{newline}Bcc: thief@example.com"
    letter = sent(write(dispatch({"caller_name": name, "reason": name}), SENDER))
    assert letter["Bcc"] is None
    assert len(letter.keys()) == len(set(letter.keys()))
    assert "Zoé Bcc: thief@example.com" in letter["Subject"]


@given(st.text(), st.text(), st.text(), st.text(), st.sampled_from(["normal", "urgent"]))
def test_any_words_make_a_letter_that_can_be_read_back(
    name: str, reason: str, when: str, note: str, urgency: str
) -> None:
    fields: dict[str, str | None] = {
        "caller_name": name, "reason": reason, "callback_when": when, "phone": when,
    }  # fmt: skip
    letter = write(dispatch(fields, note=note, urgency=urgency), SENDER)
    back = sent(letter)
    assert back["To"] == "atelier@example.fr" and back["Bcc"] is None and back["Cc"] is None
    assert len(str(letter["Subject"])) <= SUBJECT_LENGTH
    assert back[KEY_HEADER] == dispatch().item.idempotency_key


@pytest.mark.parametrize(
    "address", ["", "no", "a@b@c", "a b@example.fr", "x@example.fr\r\nBcc: y@example.fr"]
)
def test_a_recipient_that_is_no_address_is_given_up(address: str) -> None:
    with pytest.raises(PermanentFailureError, match="invalide"):
        write(dispatch(recipient=address), SENDER)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-18", "mercredi 18 mars 2026"),
        ("2026-05-01", "vendredi 1er mai 2026"),
        ("2026-03-18T14:30", "mercredi 18 mars 2026 à 14 h 30"),
        ("2026-03-18T14:00/18:00", "mercredi 18 mars 2026 entre 14 h et 18 h"),
        ("2026-06-16/2026-06-19", "du mardi 16 juin 2026 au vendredi 19 juin 2026"),
        ("demain", "demain"),
        ("2026-02-30", "2026-02-30"),
        ("2026-03-18T14:00/soir", "2026-03-18T14:00/soir"),
        ("", ""),
    ],
)
def test_moments_in_words(value: str, expected: str) -> None:
    assert wording.moment(value) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("phone", "+33199001234", "01 99 00 12 34"),
        ("phone", "+32470123456", "+32 470 12 34 56"),
        ("phone", "01 99 00", "01 99 00"),  # a digit is missing: shown as heard, never mended
        ("callback", "false", "Non"),
        ("date_of_birth", "1980-03-01", "1er mars 1980"),
        ("reason", "2026-03-18", "2026-03-18"),
    ],
)
def test_values_in_words(name: str, value: str, expected: str) -> None:
    assert wording.readable(name, value) == expected


def test_fields_come_in_reading_order_and_a_clients_own_field_last() -> None:
    rows = wording.rows({"file_no": "7", "phone": "+33199001234", "caller_name": "Zoé", "x": " "})
    assert [label for label, _ in rows] == ["Appelant", "Téléphone", "File no"]


def test_whoever_is_on_call_sees_it_in_the_subject() -> None:
    called = dispatch()
    called = dataclasses.replace(called, item=dataclasses.replace(called.item, step=2))
    assert write(called, SENDER)["Subject"].startswith("[Urgence critique] Astreinte – Message de")


def test_a_field_is_called_as_in_the_client_s_form() -> None:
    form = Form(
        fields=(
            FormField(name="plate", label="Immatriculation"),
            FormField(name="reason", label="Panne constatée"),
        )
    )
    settings = dataclasses.replace(CLIENT.settings, form=form)
    client = dataclasses.replace(CLIENT, settings=settings)
    fields: dict[str, str | None] = {"plate": "AB-123-CD", "reason": "Ne démarre plus"}
    letter = write(dataclasses.replace(dispatch(fields), client=client), SENDER)
    for kind in ("plain", "html"):
        said = part(letter, kind)
        assert "Immatriculation" in said and "Panne constatée" in said
        assert "Plate" not in said and "Motif" not in said


def test_a_digest_has_every_message_with_its_own_link() -> None:
    first, second = (
        dataclasses.replace(dispatch({"caller_name": name}), link=f"https://example.fr/m#{name}")
        for name in ("Zoé", "Ana")
    )
    letter = write(
        dataclasses.replace(
            first, also=(second,), item=dataclasses.replace(first.item, bundle="b" * 32)
        ),
        SENDER,
    )
    assert letter["Subject"] == "2 messages – Plomberie Delorme"
    assert letter[KEY_HEADER] == "b" * 32
    for kind in ("plain", "html"):
        said = part(letter, kind)
        for name in ("Zoé", "Ana"):
            assert f"Message de {name}" in said and f"https://example.fr/m#{name}" in said


def english() -> Dispatch:
    """To a client whose callers are answered in English."""
    settings = dataclasses.replace(CLIENT.settings, languages=("en", "fr"))
    fields = {**FIELDS, "category": "devis", "appointment_when": "2026-03-18T14:30"}
    return dataclasses.replace(
        dispatch(fields), client=dataclasses.replace(CLIENT, settings=settings)
    )


def test_a_client_answered_in_english_reads_english() -> None:
    written = dataclasses.replace(english(), link="https://desk.example.fr/r/x")
    letter = sent(write(written, SENDER))
    assert letter["Subject"].startswith("[Critical emergency] Message from Zoé Lefèvre")
    text = part(write(written, SENDER), "plain")
    for line in (
        "Plomberie Delorme: a message for you",
        "*** Critical emergency ***",
        "Caller: Zoé Lefèvre",
        "Kind of call: Quote",
        "Call back: Yes",
        "When to call back: Wednesday 18 March 2026 between 14:00 and 18:00",
        "Appointment date: Wednesday 18 March 2026 at 14:30",
        "The operator's note:",
        "Acknowledge:",
        "Call received: Tuesday 17 March 2026 at 13:00",
        "Message taken by: Inès C.",
        "Reference: m1",
    ):
        assert line in text.splitlines(), line
    html = part(write(written, SENDER), "html")
    assert '<html lang="en">' in html and "A message for you" in html and "Acknowledge" in html
    assert note_of(written).title == "New message [Critical emergency] – Plomberie Delorme"
    called = dataclasses.replace(written, item=dataclasses.replace(written.item, step=1))
    assert text_message(called).body.startswith("On call [Critical emergency] – Plomberie")
    assert "You are on call" in part(write(called, SENDER), "plain")
    code = write_code_letter(
        "a@example.fr", "123456", client="Delorme", language="en", sender=SENDER, at=NOON
    )
    assert code["Subject"] == "Your reading code" and "ten minutes" in code.get_content()


def test_whoever_is_on_call_is_told_what_an_acknowledgement_changes() -> None:
    usual = dispatch()
    called = dataclasses.replace(usual, item=dataclasses.replace(usual.item, step=2))
    for kind in ("plain", "html"):
        assert "Vous êtes d'astreinte" in part(write(called, SENDER), kind).replace("&#39;", "'")
        assert "Vous êtes d'astreinte" not in part(write(usual, SENDER), kind)


def test_who_answers_by_e_mail_is_told_that_it_acknowledges() -> None:
    answered = dataclasses.replace(dispatch(), answer_to="reponse+x@demandes.example.fr")
    for kind in ("plain", "html"):
        assert "Répondre à cette lettre" in part(write(answered, SENDER), kind)
        assert "Répondre à cette lettre" not in part(write(dispatch(), SENDER), kind)


def test_a_request_that_was_written_is_no_call() -> None:
    asked = dispatch()
    asked = dataclasses.replace(asked, call=dataclasses.replace(asked.call, source="email"))
    text = part(write(asked, SENDER), "plain")
    assert "Demande reçue : mardi 17 mars" in text and "Appel reçu" not in text
