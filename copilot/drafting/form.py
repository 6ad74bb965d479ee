"""The client's form: which fields a message has, which it must have, by the kind of call.

A client has its own form or its trade's. A field a client adds ("Immatriculation") is typed by the
operator; those of `FIELD_NAMES` fill by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from copilot.drafting.categories import CATEGORIES
from copilot.drafting.draft import FIELD_NAMES
from copilot.drafting.speech import fold

HANDLING = ("recipient", "category", "urgency", "callback", "callback_when")
"""Fields every form has: they say what is to be done with the message."""
MOST_FIELDS = 40
LONGEST_LABEL = 60
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class BadFormError(ValueError):
    """A form that cannot be used; the message says which field and why."""

    code = "bad_form"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field of a form."""

    name: str
    """One of `FIELD_NAMES`, or the client's own: lower case, digits and underscores."""
    required: bool = False
    categories: tuple[str, ...] = ()
    """Kinds of call that have this field; empty for all of them."""
    label: str | None = None
    """Shown instead of the usual label; needed for a client's own field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A client's form, in the order of reading."""

    fields: tuple[FormField, ...]
    trade: str | None = None
    """The trade it is the default of; null for a client's own."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every field this client's messages may have."""
        return tuple(field.name for field in self.fields)

    def shown(self, category: str | None) -> tuple[FormField, ...]:
        """The fields of a call of this kind (all kinds' while it is not known)."""
        return tuple(
            field
            for field in self.fields
            if not field.categories or category is None or category in field.categories
        )

    def missing(self, values: Mapping[str, str | None]) -> tuple[str, ...]:
        """Required fields that have no value yet, for the kind of call the values tell."""
        category = values.get("category")
        if category in ("démarchage", "erreur"):
            return ()
        return tuple(
            field.name
            for field in self.shown(category)
            if field.required
            and not values.get(field.name)
            and (category is not None or not field.categories)
        )


def checked(form: Form) -> Form:
    """The form, with the fields every form has. Raises `BadFormError`."""
    if len(form.fields) > MOST_FIELDS:
        raise BadFormError(f"a form has at most {MOST_FIELDS} fields")
    for name in (duplicates := [n for n in form.names if form.names.count(n) > 1]):
        raise BadFormError(f"{name!r} is there {duplicates.count(name)} times")
    for field in form.fields:
        if not NAME.fullmatch(field.name):
            raise BadFormError(f"{field.name!r} is no field name: lower case, digits, underscores")
        if unknown := sorted(set(field.categories) - set(CATEGORIES)):
            raise BadFormError(f"{field.name!r}: no kind of call is called {', '.join(unknown)}")
        if field.name not in FIELD_NAMES and not (field.label or "").strip():
            raise BadFormError(f"{field.name!r} is your own field: give it a label")
        if len(field.label or "") > LONGEST_LABEL:
            raise BadFormError(f"{field.name!r}: a label has at most {LONGEST_LABEL} characters")
    absent = tuple(FormField(name=name) for name in HANDLING if name not in form.names)
    return Form(fields=form.fields + absent, trade=form.trade)


def read_form(value: Mapping[str, Any]) -> Form:
    """The form that `dataclasses.asdict` made."""
    return Form(
        fields=tuple(
            FormField(
                name=item["name"],
                required=item.get("required", False),
                categories=tuple(item.get("categories", ())),
                label=item.get("label"),
            )
            for item in value["fields"]
        ),
        trade=value.get("trade"),
    )


_APPOINTMENTS = ("rendez-vous", "annulation")
_SITE = ("urgence", "devis", "rendez-vous", "réclamation")


def _form(trade: str, *fields: FormField) -> Form:
    return checked(Form(fields=fields, trade=trade))


def _must(*names: str, categories: tuple[str, ...] = ()) -> tuple[FormField, ...]:
    return tuple(FormField(name=name, required=True, categories=categories) for name in names)


def _may(*names: str, categories: tuple[str, ...] = ()) -> tuple[FormField, ...]:
    return tuple(FormField(name=name, categories=categories) for name in names)


_WHO = _must("caller_name", "phone")
_VISIT = _may("appointment_action", "appointment_when", categories=_APPOINTMENTS)
_PATIENT = _must("date_of_birth", categories=("rendez-vous",))
TRADES: tuple[tuple[str, str, Form], ...] = tuple(
    (trade, pattern, _form(trade, *fields))
    for trade, pattern, fields in (
        ("dental", r"dent|orthodont|stomato",
         (*_WHO, *_PATIENT, *_must("reason"), *_may("on_behalf_of", "email"), *_VISIT)),
        ("vet", r"veterin|animal",
         (*_WHO, *_must("reason"), FormField(name="animal", label="Animal (nom, espèce, âge)"),
          *_may("email"), *_VISIT)),
        ("medical", r"medec|medic|sante|clinique|kine|infirm|ophtalm|dermato|gyneco|pediatr|cardio"
                    r"|radiolog|psych|osteopath|sage-femme|orthophon|podolog|laboratoire",
         (*_WHO, *_PATIENT, *_must("reason"), *_may("on_behalf_of", "email"), *_VISIT)),
        ("notary", r"notai|notar",
         (*_WHO, *_must("reason"), *_may("file_number", "email", "company", "on_behalf_of"),
          *_VISIT)),
        ("lawyer", r"avocat|juridi|huissier|commissaire de justice",
         (*_WHO, *_must("reason"), *_may("file_number", "email", "company", "on_behalf_of"),
          *_VISIT)),
        ("property", r"syndic|copropr|immobil|gestion locative|regie|bailleur|logement",
         (*_WHO, *_must("address", categories=_SITE),
          *_must("reason"),
          *_may("file_number", "email", "company", "on_behalf_of"), *_VISIT)),
        ("e-commerce", r"commerce|boutique|vente en ligne|magasin|detail",
         (*_must("caller_name", "reason"),
          *_must("file_number", categories=("livraison", "réclamation", "facturation")),
          *_may("phone", "email", "address"))),
        ("garage", r"garage|automobile|carrosser|mecaniq|pneu",
         (*_WHO, *_must("reason"),
          FormField(name="vehicle", label="Véhicule (modèle, immatriculation)"),
          *_may("company", "email"), *_VISIT)),
        ("trades", r"plomb|chauff|electric|serrur|couvre|toitur|menuis|macon|peintr|vitr|froid|clim"
                   r"|ascens|depann|artisan|batiment|jardin|piscin|ramon|nettoy|maintenance",
         (*_WHO, *_must("address", categories=_SITE), *_must("reason"),
          *_may("company", "email", "file_number"), *_VISIT)),
        ("insurance", r"assur|mutuel|courti|banqu",
         (*_WHO, *_must("reason"),
          *_must("file_number", categories=("réclamation", "rappel")),
          *_may("email", "company", "date_of_birth"), *_VISIT)),
        ("it", r"informat|numeri|logiciel|telecom|infoger|web",
         (*_WHO, *_must("company", "reason"), *_may("email", "file_number"), *_VISIT)),
        ("transport", r"transport|logisti|taxi|ambulan|demenag|livrai|coursier",
         (*_WHO, *_must("reason"), *_may("company", "address", "file_number", "email"), *_VISIT)),
        ("childcare", r"creche|ecole|college|lycee|enfan|periscol|formation",
         (*_WHO, *_must("reason"), FormField(name="child", label="Enfant (nom, groupe)"),
          *_may("on_behalf_of", "email"), *_VISIT)),
        ("hospitality", r"hotel|restaur|traiteur|gite|camping|evenement|voyage",
         (*_WHO, *_must("reason"), *_may("email", "company", "file_number"), *_VISIT)),
    )
)  # fmt: skip
"""Trade, what its sector is called (folded), default form. The first that fits."""
GENERAL = _form(
    "general",
    *_WHO,
    *_must("reason"),
    *_may("company", "email", "address", "file_number", "on_behalf_of"),
    *_VISIT,
)


def default_form(sector: str, required: tuple[str, ...] = ()) -> Form:
    """The form of a trade; `required` are fields this client has always wanted."""
    folded = fold(sector)
    form = next((form for _, pattern, form in TRADES if re.search(pattern, folded)), GENERAL)
    if not required:
        return form
    kept = tuple(
        FormField(name=field.name, required=True, label=field.label)
        if field.name in required
        else field
        for field in form.fields
    )
    more = tuple(FormField(name=name, required=True) for name in required if name not in form.names)
    return checked(Form(fields=kept + more, trade=form.trade))
