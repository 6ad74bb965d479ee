"""Google's and Microsoft's calendars, against their published contracts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from copilot.agenda.accounts import BadAccessError, CalendarDoor, checked_access
from copilot.agenda.calendar import (
    Calendar,
    CalendarAccount,
    CalendarError,
    ChangedError,
    Entry,
    ExpiredError,
    MissingError,
    RefusedError,
    ThrottledError,
    UnreachableError,
)
from copilot.store.records.agenda import Provider, StoredAccount
from tests.agenda.examples import NOW, PARIS
from tests.agenda.published import Google, Microsoft, Service, serving
from tests.agenda.servers import LOOPBACK

HOUR = timedelta(hours=1)
ENTRY = Entry(
    id="0" * 31 + "1", sequence=0, title="Bilan – Claire Fontaine", details="06 39 98 12 34",
    begins=NOW, ends=NOW + HOUR, changed=NOW,
)  # fmt: skip
ACCESS: dict[Provider, dict[str, str]] = {
    "google": {"client_id": "c", "client_secret": "s", "refresh_token": "refresh-1"},
    "microsoft": {
        "tenant": "cabinet.example.fr", "client_id": "c", "client_secret": "secret",
        "mailbox": "vasseur@example.fr",
    },
}  # fmt: skip
CALENDARS = {"google": "vasseur@example.fr", "microsoft": "AAMkCal="}


@asynccontextmanager
async def running(provider: Provider) -> AsyncIterator[Google | Microsoft]:
    if provider == "google":
        async with serving(Google) as google:
            yield google
    else:
        async with serving(Microsoft) as microsoft:
            yield microsoft


@pytest.fixture(params=["google", "microsoft"])
def provider(request: pytest.FixtureRequest) -> Provider:
    name: Provider = request.param
    return name


@pytest.fixture
async def service(provider: Provider) -> AsyncIterator[Google | Microsoft]:
    async with running(provider) as one:
        yield one


def door(service: Google | Microsoft, kept: list[StoredAccount] | None = None) -> CalendarDoor:
    async def keep(account: StoredAccount) -> None:
        (kept if kept is not None else []).append(account)

    return CalendarDoor(reach=LOOPBACK, keep=keep, providers=service.providers())


def account_of(provider: Provider, **access: str) -> StoredAccount:
    whole = {**ACCESS[provider], **access}
    return StoredAccount(
        id="a", client_id="x", provider=provider, name="n",
        access=checked_access(provider, whole),
    )  # fmt: skip


@pytest.fixture
async def account(
    provider: Provider, service: Google | Microsoft
) -> AsyncIterator[CalendarAccount]:
    async with door(service).opened(account_of(provider), PARIS) as opened:
        yield opened


@pytest.fixture
def calendar(provider: Provider, account: CalendarAccount) -> Calendar:
    return account.calendar(CALENDARS[provider])


async def test_calendars_to_choose_from(provider: Provider, account: CalendarAccount) -> None:
    found = await account.calendars()
    expected = {"google": [("Dr Vasseur", True), ("Dr Leroy", False)],
                "microsoft": [("Calendrier", True)]}  # fmt: skip
    assert [(one.name, one.writable) for one in found] == expected[provider]


async def test_an_entry_is_written_changed_and_taken_out(
    service: Service, calendar: Calendar
) -> None:
    assert await calendar.find(ENTRY) is None
    place = await calendar.add(ENTRY)
    (busy,) = await calendar.busy(NOW, NOW + HOUR)
    assert (busy.begins, busy.ends, busy.uid) == (NOW, NOW + HOUR, ENTRY.uid)
    moved = replace(ENTRY, sequence=1, begins=NOW + 2 * HOUR, ends=NOW + 3 * HOUR)
    place = await calendar.change(moved, place)
    assert list(await calendar.busy(NOW, NOW + HOUR)) == []
    assert await calendar.find(moved) == place
    await calendar.remove(place)
    assert service.events == {}
    await calendar.remove(place)  # gone is gone


async def test_a_try_whose_answer_was_lost_is_not_a_second_entry(
    service: Service, calendar: Calendar
) -> None:
    service.lost = 1
    with pytest.raises(UnreachableError):
        await calendar.add(ENTRY)
    place = await calendar.add(ENTRY)
    assert list(service.events) == [place.id]


async def test_what_the_practice_changed_is_not_written_over(
    service: Service, calendar: Calendar
) -> None:
    place = await calendar.add(ENTRY)
    event = service.events[place.id]
    event |= {"etag": '"theirs"', "@odata.etag": 'W/"theirs"'}
    with pytest.raises(ChangedError):
        await calendar.change(ENTRY, place)
    with pytest.raises(ChangedError):
        await calendar.remove(place)
    place = await calendar.change(ENTRY, place, force=True)
    del service.events[place.id]
    with pytest.raises(ChangedError):
        await calendar.change(ENTRY, place)
    await calendar.change(ENTRY, place, force=True)
    assert len(service.events) == 1


async def test_every_page_of_a_long_list_counts(
    service: Google | Microsoft, calendar: Calendar
) -> None:
    for hour in range(9, 14):
        service.book(f"2026-03-16T{hour:02d}:00:00" + zone(service),
                     f"2026-03-16T{hour:02d}:30:00" + zone(service))  # fmt: skip
    assert len(await calendar.busy(NOW, NOW + 9 * HOUR)) == 5


def zone(service: Service) -> str:
    return "+00:00" if isinstance(service, Google) else ""


async def test_free_and_cancelled_entries_take_no_time(
    provider: Provider, service: Google | Microsoft, calendar: Calendar
) -> None:
    times = [f"2026-03-16T{at}:00:00{zone(service)}" for at in ("10", "11")]
    if provider == "google":
        service.book(*times, transparency="transparent")
        service.book(*times, status="cancelled")
        service.book("2026-03-17", "2026-03-18")
        whole_day = datetime(2026, 3, 16, 23, tzinfo=UTC)
    else:
        service.book(*times, showAs="free")
        service.book(*times, isCancelled=True)
        service.book("2026-03-17T00:00:00", "2026-03-18T00:00:00")
        whole_day = datetime(2026, 3, 17, tzinfo=UTC)
    (busy,) = await calendar.busy(NOW, NOW + 40 * HOUR)
    assert busy.begins == whole_day


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (429, {}, ThrottledError),
        (500, {}, UnreachableError),
        (503, {}, UnreachableError),
        (404, {}, MissingError),
        (403, {"error": {"errors": [{"reason": "insufficientPermissions"}]}}, RefusedError),
        (400, {}, RefusedError),
    ],
)
async def test_refusals_say_what_they_are(
    service: Service,
    calendar: Calendar,
    status: int,
    body: dict[str, Any],
    expected: type[CalendarError],
) -> None:
    service.refusals = [(status, {"Retry-After": "7"}, body)]
    with pytest.raises(expected) as error:
        await calendar.busy(NOW, NOW + HOUR)
    assert type(error.value) is expected
    if isinstance(error.value, ThrottledError):
        assert error.value.retry_after_s == 7
    assert list(await calendar.busy(NOW, NOW + HOUR)) == []  # and it works again


async def test_google_s_403_of_haste_is_haste() -> None:
    async with running("google") as service:
        reason = {"error": {"errors": [{"reason": "rateLimitExceeded"}]}}
        service.refusals = [(403, {}, reason)]
        async with door(service).opened(account_of("google"), PARIS) as account:
            with pytest.raises(ThrottledError):
                await account.calendars()


async def test_a_token_that_ended_is_replaced_once(service: Service, calendar: Calendar) -> None:
    await calendar.busy(NOW, NOW + HOUR)
    service.tokens.clear()
    await calendar.busy(NOW, NOW + HOUR)
    assert len(service.granted) == 2
    service.refusals = [(401, {}, {}), (401, {}, {})]
    with pytest.raises(ExpiredError):
        await calendar.busy(NOW, NOW + HOUR)


async def test_an_access_that_is_over_says_so(
    provider: Provider, service: Google | Microsoft
) -> None:
    wrong = {"refresh_token": "old"} if provider == "google" else {"client_secret": "old"}
    async with door(service).opened(account_of(provider, **wrong), PARIS) as account:
        with pytest.raises(ExpiredError):
            await account.calendars()


async def test_a_refresh_token_that_is_replaced_is_kept(service: Google | Microsoft) -> None:
    kept: list[StoredAccount] = []
    provider: Provider = "google" if isinstance(service, Google) else "microsoft"
    service.rotates = True
    stored = account_of(provider, refresh_token="refresh-1")
    async with door(service, kept).opened(stored, PARIS) as account:
        await account.calendars()
        service.tokens.clear()
        await account.calendars()
    assert [one.access["refresh_token"] for one in kept] == [
        form["refresh_token"] for form in service.granted[1:]
    ] + list(service.refresh_tokens)


async def test_a_google_service_account_signs_for_itself() -> None:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    file = json.dumps({"client_email": "agenda@cabinet.example.fr", "private_key": pem})
    async with running("google") as service:
        stored = account_of("google", service_key=file)
        async with door(service).opened(stored, PARIS) as account:
            assert len(await account.calendars()) == 2
        broken = account_of("google", service_key=file.replace("BEGIN", "BEGUN"))
        async with door(service).opened(broken, PARIS) as account:
            with pytest.raises(RefusedError):
                await account.calendars()


@pytest.mark.parametrize(
    ("provider", "access", "place"),
    [
        ("caldav", {"user": "u", "password": "p"}, "address"),
        ("caldav", {"address": "dav.example.fr", "user": "u", "password": "p"}, "address"),
        ("caldav", {"address": "https://dav.example.fr", "user": "u"}, "password"),
        ("google", {"client_id": "c"}, "client_secret"),
        ("google", {"service_key": "{}"}, "service_key"),
        ("google", {"service_key": "no json"}, "service_key"),
        ("microsoft", {"tenant": "a/b", "client_id": "c", "client_secret": "s"}, "tenant"),
        ("microsoft", {"tenant": "t", "client_id": "c", "client_secret": "s"}, "mailbox"),
    ],
)
def test_an_access_that_cannot_work_says_where(
    provider: Provider, access: dict[str, str], place: str
) -> None:
    with pytest.raises(BadAccessError) as error:
        checked_access(provider, access)
    assert error.value.place == place
