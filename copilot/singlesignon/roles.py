"""Roles by a claim of the provider's: `groups:souffleur-admin=administrator,accueil=operator`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from copilot.store.records.accounts import CLIENT_ROLES, Role


class BadRolesError(ValueError):
    """The setting cannot be read."""

    code = "bad_roles"


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesByClaim:
    """Which values of a claim give which role; the first that fits, in the setting's order."""

    path: tuple[str, ...]
    """Where the claim is: `realm_access.roles` is inside `realm_access`."""
    roles: tuple[tuple[str, Role], ...]

    def role(self, claims: Mapping[str, Any]) -> Role | None:
        """The role that somebody's claims give; null for none."""
        found: Any = claims
        for name in self.path:
            found = found.get(name) if isinstance(found, Mapping) else None
        values = found if isinstance(found, list) else [found]
        return next((role for value, role in self.roles if value in values), None)


def roles_by_claim(setting: str) -> RolesByClaim | None:
    """Read the setting; null when it is empty. Raises BadRolesError."""
    if not setting.strip():
        return None
    claim, _, rules = setting.partition(":")
    allowed: dict[str, Role] = {role: role for role in get_args(Role) if role not in CLIENT_ROLES}
    roles: list[tuple[str, Role]] = []
    for rule in rules.split(","):
        value, _, role = (part.strip() for part in rule.rpartition("="))
        if not value or role not in allowed:
            raise BadRolesError(
                f"{rule.strip()!r} is not value=role, where the role is one of "
                f"{', '.join(allowed)}: for instance groups:accueil=operator"
            )
        roles.append((value, allowed[role]))
    path = tuple(part.strip() for part in claim.split("."))
    if not all(path):
        raise BadRolesError(f"no claim is named in {setting!r}")
    return RolesByClaim(path=path, roles=tuple(roles))
