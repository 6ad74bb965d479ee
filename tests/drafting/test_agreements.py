"""Appointments settled by the operator's own words, and contacts and houses that are others'."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from copilot.drafting.agreements import confirmed, offers_slot
from copilot.drafting.draft import Contact
from copilot.drafting.mistaken import Mistaken
from copilot.drafting.plans import Plans
from copilot.drafting.questions import asked
from copilot.drafting.recipient import ContactBook, Recipients
from copilot.drafting.scheduling import NO, YES
from copilot.drafting.speech import hear

WORDS = 0.8
"""Confidence of what words settle by themselves; what both came to otherwise is weighed."""
AT = datetime(2026, 3, 17, 10, 12, tzinfo=ZoneInfo("Europe/Paris"))  # a Tuesday


def settled(*lines: str, whole: bool = False) -> dict[str, str]:
    """What is planned after lines like "C: bonjour" and "O: votre nom ?".

    `whole`: the caller gives a number to call in the last one.
    """
    plans, questions = Plans(AT), frozenset[str]()
    for index, line in enumerate(lines):
        speech = hear(line[2:].strip())
        if line.startswith("O:"):
            questions = asked(speech.folded)
            plans.operator_says(speech, str(index))
            continue
        plans.caller_says(
            speech,
            str(index),
            yes=bool(YES.match(speech.folded)),
            no=bool(NO.match(speech.folded)),
            numbered=whole and line is lines[-1],
            asked=questions,
            sales=False,
            whole=whole and line is lines[-1],
        )
    return {
        name: field.value
        for name, field in plans.fields(sales=False).items()
        if not name.startswith("appointment") or field.confidence >= WORDS
    }


def planned(*lines: str) -> tuple[str | None, str | None]:
    """Action and moment of the appointment."""
    fields = settled(*lines)
    return fields.get("appointment_action"), fields.get("appointment_when")


@pytest.mark.parametrize(
    ("lines", "action", "when"),
    [
        (
            ("C: on devait venir jeudi à onze heures pour le vaccin on a donné le chien",
             "O: donc je retire le rendez-vous", "C: merci"),
            "annuler", "2026-03-19T11:00",
        ),
        (
            ("C: j'avais retenu six couverts pour samedi à vingt heures on oublie",
             "O: six couverts samedi, c'est retiré", "C: merci bien"),
            "annuler", "2026-03-21T20:00",
        ),
        (
            ("C: il faudrait montrer la chaudière à quelqu'un", "O: mercredi à quinze heures ?",
             "C: mercredi j'ai cours le samedi plutôt",
             "O: samedi à neuf heures trente", "C: soit"),
            "prendre", "2026-03-21T09:30",
        ),
        (
            ("C: j'ai une irm jeudi à huit heures je préférerais l'après-midi",
             "O: vendredi vingt à quinze heures", "C: vendredi quinze heures ça colle"),
            "déplacer", "2026-03-20T15:00",
        ),
        (
            ("C: il me faudrait une voiture pour la gare lundi donc partir vers dix heures",
             "O: lundi dix heures, entendu", "C: merci"),
            "prendre", "2026-03-23T10:00",
        ),
        (
            ("C: c'est pour l'entretien de la pompe", "O: je vous propose le jeudi deux avril",
             "C: le deux c'est la rentrée plutôt le jeudi neuf", "O: le neuf au matin très bien"),
            "prendre", "2026-04-09T08:00/12:00",
        ),
        (
            ("C: le réglage de l'orgue si on pouvait le mettre au quinze avril à onze heures",),
            "déplacer", "2026-04-15T11:00",
        ),
        (
            ("C: je voudrais inscrire mon neveu au stage de voile",
             "O: du six au dix avril, ça irait ?", "C: oui"),
            "prendre", "2026-04-06/2026-04-10",
        ),
    ],
)  # fmt: skip
def test_the_operators_word_settles_an_appointment(
    lines: tuple[str, ...], action: str, when: str
) -> None:
    assert planned(*lines) == (action, when)


@pytest.mark.parametrize(
    "lines",
    [
        ("C: il faut que monsieur Roche me rappelle", "O: demain matin ?", "C: parfait"),
        ("C: à quelle heure ferme le dépôt", "O: à dix-neuf heures", "C: parfait merci"),
        ("C: ma machine est réparée", "O: on vous rappelle", "C: merci", "O: demain ?", "C: oui"),
        ("C: il bouge plus de la place depuis ce matin", "O: c'est noté", "C: merci"),
    ],
)
def test_a_moment_to_call_or_to_know_is_no_appointment(lines: tuple[str, ...]) -> None:
    assert planned(*lines) == (None, None)


@pytest.mark.parametrize(
    ("answer", "when"),
    [
        ("mercredi soir alors sinon samedi non mercredi soir c'est bon",
         "2026-03-18T18:00/20:00"),
        ("jeudi ou vendredi, enfin non vendredi je suis à Metz, jeudi après-midi",
         "2026-03-19T14:00/18:00"),
        ("quand il veut sauf que le samedi j'ai piscine", None),
        ("demain alors après quinze heures je travaille le matin", "2026-03-18T15:00/20:00"),
        ("ah lundi alors, même heure, après dix-sept heures", "2026-03-23T17:00/20:00"),
        ("oui mais pas cette semaine lundi ou mardi prochain enfin plutôt mardi le matin",
         "2026-03-24T08:00/12:00"),
    ],
)  # fmt: skip
def test_a_day_taken_back_or_kept_from_is_not_when_to_call(answer: str, when: str | None) -> None:
    lines = ("C: j'ai une question", "O: on vous rappelle quand ?", f"C: {answer}")
    assert settled(*lines).get("callback_when") == when


def test_a_day_told_with_the_number_is_when_to_call() -> None:
    lines = ("O: votre téléphone ?", "C: et pas avant jeudi, je garde ma sœur. Jeudi après-midi.")
    assert settled(*lines, whole=True)["callback"] == "true"
    assert settled(*lines, whole=True)["callback_when"] == "2026-03-19T14:00/18:00"
    assert settled(*lines)["callback"] == "false"
    lines = ("O: et on vous joint ?", "C: au même, jeudi de neuf à onze.")
    assert settled(*lines, whole=True)["callback_when"] == "2026-03-19T09:00/11:00"
    lines = ("O: et le téléphone ?", "C: au même. J'ai du monde demain, vous imaginez !")
    assert settled(*lines, whole=True)["callback"] == "false"
    assert settled(lines[0], "C: au bureau", whole=True)["callback"] == "false"


@pytest.mark.parametrize("answer", ["non qu'elle me l'envoie", "par mail ça ira"])
def test_a_letter_is_no_call_back(answer: str) -> None:
    lines = ("C: il me faut l'attestation", "O: elle vous rappelle quand", f"C: {answer}")
    assert settled(*lines)["callback"] == "false"


def test_what_had_been_arranged_is_called_off() -> None:
    lines = ("C: on avait le baptême de samedi à sept heures on est en panne",
             "O: vous ne pourrez pas être là", "C: non on annule à regret")  # fmt: skip
    assert planned(*lines) == ("annuler", "2026-03-21T07:00")


def test_a_question_confirms_nothing() -> None:
    assert confirmed("voulez-vous que j'annule le rendez-vous ?") is None
    assert confirmed("entendu, j'annule la visite") == "annuler"
    assert confirmed("je le deplace") == "déplacer"


def test_a_slot_is_offered_by_a_moment_alone_unless_a_call_is_spoken_of() -> None:
    assert offers_slot("mardi a neuf heures avec le docteur morin ?", AT, calling=False)
    assert not offers_slot("mardi a neuf heures ?", AT, calling=True)
    assert offers_slot("on peut passer mardi a neuf heures", AT, calling=True)
    assert not offers_slot("vous jouez ce soir", AT, calling=False)


def chosen(contact: Contact, *lines: str) -> str | None:
    """The recipient after the lines."""
    recipients = Recipients(ContactBook([contact, Contact(name="Paul Abadie", role="ventes")]))
    for index, line in enumerate(lines):
        speech = hear(line[2:].strip())
        if line.startswith("O:"):
            recipients.operator_says(speech, str(index))
        else:
            recipients.caller_says(
                speech, str(index), caller="", yes=bool(YES.match(speech.folded))
            )
    field = recipients.field()
    return field.value if field else None


def test_a_word_that_sounds_like_a_contact_names_nobody() -> None:
    roux = Contact(name="Gilberte Roux", role="régulation")
    assert chosen(roux, "C: j'ai crevé une roue sur la route") is None
    assert chosen(roux, "C: je voudrais madame rous s'il vous plaît") == "Gilberte Roux"


def test_who_is_greeted_answers_and_is_not_asked_for() -> None:
    samia = Contact(name="Samia Belkacem", role="atelier")
    assert chosen(samia, "C: bonjour samia c'est violette pour l'ourlet") is None
    assert chosen(samia, "C: bonjour samia belkacem s'il vous plaît") == "Samia Belkacem"
    assert chosen(samia, "C: bonjour samia est là") == "Samia Belkacem"


@pytest.mark.parametrize(
    "said",
    [
        "Alain Perec, rien à voir avec Odile Perec, je regarde mes relevés",
        "Anne Lenoir, aucun lien avec votre Odile",
        "j'ai le même nom qu'Odile je sais",
        "je suis en balade avec le poney d'Odile",
        "perec c'est moi",
    ],
)
def test_a_namesake_or_an_owner_is_not_asked_for(said: str) -> None:
    odile = Contact(name="Odile Perec", role="planning")
    assert chosen(odile, f"C: {said}") is None
    assert chosen(odile, f"C: {said}", "O: je transmets à madame perec", "C: merci") == odile.name


def test_the_one_wanted_instead_has_the_message() -> None:
    lea = Contact(name="Léa Morvan", role="cheffe d'atelier")
    lines = ("C: j'ai une question", "O: monsieur abadie vous rappelle", "C: non à léa plutôt")
    assert chosen(lea, *lines) == lea.name
    assert chosen(lea, "C: paul abadie s'il vous plaît", *lines) == lea.name


def test_whom_the_operator_calls_by_name_to_ask_the_rest_is_the_caller() -> None:
    odile = Contact(name="Odile Perec", role="planning")
    assert chosen(odile, "C: bonjour", "O: madame perec votre prénom ?", "C: anne") is None


def test_two_plain_words_that_sound_like_a_contact_name_nobody() -> None:
    charrier = Contact(name="Violaine Charrier", role="exploitation")
    assert chosen(charrier, "C: il a laissé son sac dans le car hier soir") is None


def test_any_technician_is_nobody_in_particular() -> None:
    fleur = Contact(name="Fleur Dautry", role="techniciens")
    assert chosen(fleur, "C: bonjour", "O: un technicien vous rappelle", "C: d'accord") is None


def test_a_given_name_that_is_a_word_is_still_a_person() -> None:
    gilles = Contact(name="Gilles Faucher", role="base")
    lines = ("C: on est arrêtés", "O: gilles vous appelle tout de suite", "C: merci")
    assert chosen(gilles, *lines) == "Gilles Faucher"


@pytest.mark.parametrize(
    ("reply", "mistaken"),
    [
        ("ah non madame ici c'est un cabinet infirmier", True),
        ("vous faites erreur on vend des photocopieurs", True),
        ("non monsieur vous êtes aux transports malouins", True),
        ("oui c'est ici", False),
        ("non je ne crois pas c'est pour quoi", False),
    ],
)
def test_the_operator_says_that_the_number_is_wrong(reply: str, mistaken: bool) -> None:
    reader = Mistaken()
    reader.caller_says(hear("c'est pour une coupe demain"), dictating=False)
    reader.operator_says(hear(reply))
    assert reader.said is mistaken


@pytest.mark.parametrize(
    ("lines", "when"),
    [
        (
            (
                "O: Elle vous rappelle demain ?",
                "C: demain non je suis en formation pas jeudi non plus vendredi matin si elle peut",
            ),
            "2026-03-20T08:00/12:00",
        ),
        (
            (
                "O: Vous voulez qu'il vous rappelle ?",
                "C: oui s'il vous plaît plutôt entre midi et deux je travaille",
                "O: aujourd'hui ?",
                "C: non jeudi",
            ),
            "2026-03-19T12:00/14:00",
        ),
    ],
)
def test_days_refused_leave_the_one_that_suits(lines: tuple[str, ...], when: str) -> None:
    fields = settled(*lines)
    assert (fields["callback"], fields["callback_when"]) == ("true", when)


def test_thanks_at_the_end_accept_no_call_that_was_refused() -> None:
    said = ("O: On vous rappelle ?", "C: Non, envoyez-moi la facture.", "O: c'est noté")
    assert settled(*said, "C: Merci, bonne journée.")["callback"] == "false"
    again = ("O: Je peux vous faire rappeler demain ?", "C: oui merci")
    assert settled(*said, *again)["callback"] == "true"


@pytest.mark.parametrize(
    ("lines", "action", "when"),
    [
        (
            (
                "C: j'ai rendez-vous demain à quinze heures avec monsieur Morel je peux pas venir",
                "O: Vous voulez le reporter ?",
                "C: Oui, à mardi prochain, même heure.",
            ),
            "déplacer",
            "2026-03-24T15:00",
        ),
        (
            (
                "C: mon fils devait faire le stage la semaine du vingt il s'est cassé le bras",
                "O: Vous voulez le décaler ou annuler ?",
                "C: annuler oui du vingt au vingt-quatre",
            ),
            "annuler",
            "2026-03-20/2026-03-24",
        ),
        (
            (
                "C: le technicien de demain matin je l'annule plus besoin",
                "O: le passage de demain neuf heures",
                "C: oui c'est ça demain neuf heures",
            ),
            "annuler",
            "2026-03-18T09:00",
        ),
    ],
)
def test_what_is_called_off_in_passing_and_what_is_moved(
    lines: tuple[str, ...], action: str, when: str
) -> None:
    assert planned(*lines) == (action, when)
