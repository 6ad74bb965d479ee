"""Telephone numbers in one form, whichever way a trunk or a person wrote them."""

from __future__ import annotations

from copilot.store.errors import BadNumberError


def e164(raw: str, *, region: str = "FR") -> str | None:
    """`0199001234`, `+33 1 99 00 12 34`, `0033199001234`, `33199001234` to `+33199001234`.

    None when it cannot be a full telephone number. A number need not be in service: the ranges
    kept for fiction are accepted.
    """
    import phonenumbers  # half a megabyte of metadata: only when a number is read

    for text, default_region in ((raw, region), (f"+{raw.strip()}", None)):
        try:
            number = phonenumbers.parse(text, default_region)
        except phonenumbers.NumberParseException:
            continue
        # `06 39 98 12 3`, a digit short, is no `+33 063 998 123`: no number of ours begins with 0.
        short = number.country_code == 33 and number.italian_leading_zero
        if phonenumbers.is_possible_number(number) and not short:
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def require_e164(raw: str, *, region: str = "FR") -> str:
    """Like `e164`, raising `BadNumberError`."""
    number = e164(raw, region=region)
    if number is None:
        raise BadNumberError(repr(raw))
    return number
