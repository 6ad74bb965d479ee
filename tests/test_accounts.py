from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from copilot import passwords
from copilot.accounts import Accounts, SignInRefusedError, TooManyAttemptsError
from copilot.attempts import AttemptLimiter
from copilot.passwords import WeakPasswordError, check_password
from copilot.passwords import _hasher as kept_with
from copilot.store import ConflictError, Store
from copilot.store.records.accounts import User
from tests.databases import migrated
from tests.keys import KEYS

PASSWORD = "quatre chevaux verts"
EMAIL = "ines@example.fr"


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 17, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def kept_as_in_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Not with the quick parameters of the other tests, nor nobody's hash of theirs."""
    monkeypatch.setattr(passwords, "_hasher", kept_with)
    passwords.nobodys_hash.cache_clear()
    yield
    passwords.nobodys_hash.cache_clear()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = migrated(tmp_path)
    async with Store(url, keyring=KEYS) as store:
        yield store


@pytest.fixture
def accounts(store: Store, clock: Clock) -> Accounts:
    return Accounts(store.people, now=clock)


@pytest.fixture
async def ines(accounts: Accounts) -> User:
    return await accounts.create_user(email=EMAIL, name="Inès", role="operator", password=PASSWORD)


async def test_signing_in_opens_a_session_that_its_token_finds(
    accounts: Accounts, ines: User
) -> None:
    opened = await accounts.sign_in(" INES@example.fr", PASSWORD, address="127.0.0.1")
    found = await accounts.signed_in(opened.token)
    assert found is not None and found == opened.signed_in
    assert found.user == ines and len(found.session.csrf) >= 32
    assert await accounts.signed_in(opened.token + "x") is None
    other = await accounts.sign_in(EMAIL, PASSWORD)
    assert other.token != opened.token
    assert other.signed_in.session.csrf != found.session.csrf


async def test_neither_passwords_nor_tokens_are_kept(
    accounts: Accounts, ines: User, store: Store
) -> None:
    token = (await accounts.sign_in(EMAIL, PASSWORD)).token
    async with store.database.reading() as connection:
        kept = [
            str(value)
            for table in ("users", "web_sessions")
            for row in await connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
            for value in row
        ]
    assert not [value for value in kept if PASSWORD in value or token in value]
    assert any(value.startswith("$argon2id$") for value in kept)


def test_passwords_are_hashed_with_forty_six_mebibytes() -> None:
    assert kept_with().hash("x").startswith("$argon2id$v=19$m=47104,t=1,p=1$")


async def test_a_wrong_password_and_an_unknown_address_look_the_same(
    accounts: Accounts, ines: User
) -> None:
    with pytest.raises(SignInRefusedError) as wrong:
        await accounts.sign_in(EMAIL, "autre chose entièrement")
    with pytest.raises(SignInRefusedError) as unknown:
        await accounts.sign_in("nobody@example.fr", PASSWORD)
    assert (str(wrong.value), wrong.value.code) == (str(unknown.value), unknown.value.code)


async def test_an_unknown_address_takes_as_long_as_a_wrong_password(
    store: Store, ines: User
) -> None:
    limitless = AttemptLimiter(free=1000)
    accounts = Accounts(store.people, by_account=limitless, by_address=limitless)

    async def taken_s(email: str) -> float:
        began = time.perf_counter()
        with pytest.raises(SignInRefusedError):
            await accounts.sign_in(email, "autre chose entièrement")
        return time.perf_counter() - began

    await taken_s("warm-up@example.fr")
    known, unknown = [], []
    for _ in range(9):  # interleaved, so that a busy machine slows both
        known.append(await taken_s(EMAIL))
        unknown.append(await taken_s("nobody@example.fr"))
    # Without the hash the ratio is about twenty.
    assert 0.4 < statistics.median(known) / statistics.median(unknown) < 2.5


async def test_hashing_leaves_the_event_loop_free(accounts: Accounts, ines: User) -> None:
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - before)

    watching = asyncio.create_task(watch())
    began = time.perf_counter()
    await asyncio.gather(*(accounts.sign_in(EMAIL, PASSWORD) for _ in range(8)))
    taken = time.perf_counter() - began
    watching.cancel()
    assert longest < taken / 2


async def test_sessions_end_by_sign_out_by_age_and_with_the_account(
    ines: User, clock: Clock, store: Store
) -> None:
    accounts = Accounts(store.people, now=clock, session_idle=timedelta(hours=13))
    first, second, third = [await accounts.sign_in(EMAIL, PASSWORD) for _ in range(3)]
    await accounts.sign_out(first.signed_in.session.id)
    assert await accounts.signed_in(first.token) is None
    assert await accounts.signed_in(second.token) is not None
    await accounts.sign_out_everywhere(ines.id)
    assert await accounts.signed_in(third.token) is None
    late = await accounts.sign_in(EMAIL, PASSWORD)
    clock.pass_s(12 * 3600 - 1)
    assert await accounts.signed_in(late.token) is not None
    clock.pass_s(1)
    assert await accounts.signed_in(late.token) is None
    clock.pass_s(2 * 86400)
    assert await accounts.forget_old_sessions() == 4
    open_one = await accounts.sign_in(EMAIL, PASSWORD)
    await store.people.set_disabled(ines.id, True)
    assert await accounts.signed_in(open_one.token) is None
    with pytest.raises(SignInRefusedError):
        await accounts.sign_in(EMAIL, PASSWORD)


async def test_a_session_that_nobody_uses_ends_sooner(
    accounts: Accounts, ines: User, clock: Clock
) -> None:
    token = (await accounts.sign_in(EMAIL, PASSWORD)).token
    for _ in range(3):
        clock.pass_s(119 * 60)
        assert await accounts.signed_in(token) is not None
    clock.pass_s(121 * 60)
    assert await accounts.signed_in(token) is None


async def test_a_new_password_signs_out_everywhere(accounts: Accounts, ines: User) -> None:
    before = await accounts.sign_in(EMAIL, PASSWORD)
    await accounts.change_password(ines.id, "cinq lampes bleues")
    assert await accounts.signed_in(before.token) is None
    with pytest.raises(SignInRefusedError):
        await accounts.sign_in(EMAIL, PASSWORD)
    assert await accounts.sign_in(EMAIL, "cinq lampes bleues")


async def test_too_many_failures_make_one_wait_whoever_asks(
    accounts: Accounts, ines: User, clock: Clock
) -> None:
    for email in (EMAIL, "nobody@example.fr"):
        for _ in range(5):
            with pytest.raises(SignInRefusedError):
                await accounts.sign_in(email, "autre chose entièrement", address="a")
        with pytest.raises(TooManyAttemptsError) as refusal:
            await accounts.sign_in(email, PASSWORD, address="b")
        assert 0 < refusal.value.retry_after_s <= 1
    clock.pass_s(1.1)
    assert await accounts.sign_in(EMAIL, PASSWORD, address="b")


async def test_an_address_that_tries_many_accounts_waits(store: Store, clock: Clock) -> None:
    accounts = Accounts(store.people, now=clock, by_address=AttemptLimiter(free=3))
    for number in range(3):
        with pytest.raises(SignInRefusedError):
            await accounts.sign_in(f"u{number}@example.fr", "peu importe", address="bad")
    with pytest.raises(TooManyAttemptsError):
        await accounts.sign_in("u9@example.fr", "peu importe", address="bad")
    with pytest.raises(SignInRefusedError):
        await accounts.sign_in("u9@example.fr", "peu importe", address="good")


async def test_an_address_is_used_once(accounts: Accounts, ines: User) -> None:
    with pytest.raises(ConflictError):
        await accounts.create_user(
            email="Ines@Example.fr", name="x", role="operator", password=PASSWORD
        )


@pytest.mark.parametrize(
    "password",
    ["court", "aaaaaaaaaaaaaa", "MotDePasse123", "une.adresse@example.fr", "x" * 1025, ""],
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        check_password(password, email="Une.Adresse@example.fr")


def test_waits_double_up_to_a_limit_and_are_forgotten() -> None:
    clock = Clock()
    limiter = AttemptLimiter(free=2, longest_wait=timedelta(seconds=60))
    waits = []
    for _ in range(12):
        limiter.failed("k", at=clock())
        waits.append(limiter.wait_s("k", at=clock()))
    assert waits == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]
    clock.pass_s(60)
    assert limiter.wait_s("k", at=clock()) == 0
    clock.pass_s(1)
    limiter.failed("k", at=clock())
    assert limiter.wait_s("k", at=clock()) == 0
    limiter.succeeded("k")
    assert limiter.wait_s("other", at=clock()) == 0


@given(st.lists(st.text(max_size=3), max_size=200))
def test_a_limiter_never_remembers_more_than_its_keys(keys: list[str]) -> None:
    limiter = AttemptLimiter(free=0, keys=10)
    clock = Clock()
    for key in keys:
        limiter.failed(key, at=clock())
    waiting = [key for key in set(keys) if limiter.wait_s(key, at=clock()) > 0]
    assert len(waiting) <= 10
    assert not keys or limiter.wait_s(keys[-1], at=clock()) > 0
