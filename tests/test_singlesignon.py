"""What single sign-on reads: settings, the roles a claim gives, how well somebody was proved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.settings import Settings
from copilot.singlesignon.idtoken import proves_two_factors
from copilot.singlesignon.roles import BadRolesError, roles_by_claim
from web.composition.signon import registration


@pytest.mark.parametrize(
    ("amr", "two"),
    [
        (["pwd", "otp"], True),
        (["mfa"], True),
        (["hwk", "pin"], True),
        (["pwd"], False),
        (["otp"], False),
        (["pwd", "pin"], False),
        ([3, {}], False),
        ("mfa", False),
        (None, False),
    ],
)
def test_two_factors_are_mfa_or_two_kinds(amr: object, two: bool) -> None:
    assert proves_two_factors({"amr": amr}) is two


def test_settings_that_do_not_go_together_are_named(tmp_path: Path) -> None:
    right = {"oidc_issuer": "https://login.example.com/realm", "oidc_client_id": "souffleur"}
    assert registration(Settings(**right)) is not None  # type: ignore[arg-type]
    assert registration(Settings()) is None
    for wrong, said in (
        ({"oidc_issuer": "http://login.example.com"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "https://login.example.com/?x"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "https://a:b@login.example.com"}, "OIDC_ISSUER"),
        ({"oidc_client_id": ""}, "OIDC_CLIENT_ID"),
        ({"oidc_client_secret_file": str(tmp_path / "none")}, "SECRET_FILE"),
        ({"oidc_client_secret_file": "x", "oidc_client_secret": "y"}, "one of them"),
        ({"oidc_roles": "groups:accueil=client"}, "accueil=client"),
        ({"oidc_roles": "groups"}, "value=role"),
        ({"oidc_roles": ":accueil=operator"}, "no claim"),
    ):
        with pytest.raises(ValueError, match=said):
            registration(Settings(**right | wrong))  # type: ignore[arg-type]


@given(st.text(max_size=60))
def test_a_rule_of_roles_is_read_or_refused(setting: str) -> None:
    try:
        rule = roles_by_claim(setting)
    except BadRolesError:
        return
    assert (rule is None) == (not setting.strip())


PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=9)
HELD = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(HELD)
def test_whatever_a_claim_holds_gives_a_role_or_none(held: Any) -> None:
    rule = roles_by_claim("groups:a=operator,b=supervisor")
    assert rule is not None
    fits = held in ("a", "b") or (isinstance(held, list) and ("a" in held or "b" in held))
    assert (rule.role({"groups": held}) is not None) == fits
    assert rule.role({}) is None
    nested = roles_by_claim("x.y:a=operator")
    assert nested is not None and nested.role({"x": held}) in (None, "operator")
