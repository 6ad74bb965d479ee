from __future__ import annotations

import asyncio

import pytest

from copilot.store import ConflictError, NotFoundError, Store
from copilot.store.people import LastAdministratorError
from copilot.store.records.accounts import Role, User
from tests.store.examples import MAIN, NOON, after


async def join(
    store: Store, email: str = "Ines@Example.fr ", role: Role = "operator",
    client_id: str | None = None,
) -> User:  # fmt: skip
    return await store.people.create_user(
        email=email, name="Inès", role=role, password_hash="h", at=NOON, client_id=client_id
    )


async def open_session(store: Store, user: User, token_hash: str, until: float = 100) -> str:
    session = await store.people.add_session(
        user_id=user.id, token_hash=token_hash, csrf="c", at=NOON, expires_at=after(until)
    )
    return session.id


async def test_a_user_is_found_by_address_without_case(store: Store) -> None:
    user = await join(store)
    found = await store.people.by_email("INES@example.FR")
    assert found is not None and found.user == user and found.password_hash == "h"
    assert (user.email, user.created_at, user.disabled) == ("ines@example.fr", NOON, False)
    assert await store.people.by_email("x@example.fr") is None
    assert await store.people.users() == (user,)
    with pytest.raises(ConflictError):
        await join(store, "ines@example.fr")


async def test_a_client_user_has_a_client_and_the_others_none(store: Store) -> None:
    assert (await join(store, "a@example.fr", "client", MAIN)).client_id == MAIN
    for role, client_id in (("client", None), ("operator", MAIN), ("client", "nobody")):
        with pytest.raises(ConflictError):
            await join(store, "b@example.fr", role, client_id)  # type: ignore[arg-type]


async def test_sessions_are_found_listed_and_revoked(store: Store) -> None:
    user = await join(store)
    first = await open_session(store, user, "t1")
    await open_session(store, user, "t2")
    found = await store.people.session_of_token("t1")
    assert found is not None and (found[0].id, found[1]) == (first, user)
    assert found[0].expires_at == after(100)
    await store.people.revoke_session(first, at=after(5))
    await store.people.revoke_session(first, at=after(9))
    revoked = {item.id: item.revoked_at for item in await store.people.sessions(user.id)}
    assert revoked.pop(first) == after(5) and list(revoked.values()) == [None]
    await store.people.revoke_sessions_of(user.id, at=after(10))
    assert all(item.revoked_at for item in await store.people.sessions(user.id))
    assert await store.people.session_of_token("t3") is None


async def test_old_sessions_are_forgotten(store: Store) -> None:
    user = await join(store)
    await open_session(store, user, "t1", until=10)
    await open_session(store, user, "t2", until=1000)
    assert await store.people.forget_sessions(expired_before=after(11)) == 1
    assert await store.people.session_of_token("t1") is None
    assert await store.people.session_of_token("t2") is not None


async def test_changing_nobody_is_refused(store: Store) -> None:
    with pytest.raises(NotFoundError):
        await store.people.set_disabled("nobody", True)
    user = await join(store)
    await store.people.set_disabled(user.id, True)
    assert (await store.people.user(user.id)).disabled


async def test_administrators_who_disable_each_other_at_once_leave_one(store: Store) -> None:
    both = [await join(store, f"{name}@example.fr", "administrator") for name in ("ines", "tom")]
    done = await asyncio.gather(
        *(store.people.change_user(user.id, spare_last=True, disabled=True) for user in both),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["LastAdministratorError", "NoneType"]
    assert await store.people.open_administrators() == 1
    (left,) = [user for user in await store.people.users() if not user.disabled]
    with pytest.raises(LastAdministratorError):
        await store.people.change_user(left.id, spare_last=True, role="operator")
    await store.people.change_user(left.id, spare_last=True, name="Zoé")
