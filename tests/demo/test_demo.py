from __future__ import annotations

import re
import time
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import phonenumbers
import pytest

from copilot.accounts import Accounts, SignInRefusedError
from copilot.demo.call import PHONE, SUGGESTED_ENTRY, DemoSoundsError, build_demo_call
from copilot.demo.clients import CLIENTS, DELORME
from copilot.demo.seed import faq_path, readable_password, seed_demo
from copilot.drafting.draft import FIELD_NAMES
from copilot.store import Store
from copilot.store.records.consignes import Consigne
from knowledge.importing import import_faq
from tests.databases import migrated
from tests.keys import KEYS

SOUNDS = Path(__file__).parent.parent.parent / "var" / "sounds"

FICTION = re.compile(r"\+33(19900|26191|35301|46571|53649|63998)\d{4}")
"""ARCEP's ranges for fiction."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = migrated(tmp_path)
    async with Store(url, keyring=KEYS) as store:
        yield store


async def test_the_demonstration_can_be_signed_into_and_called(store: Store) -> None:
    demo = await seed_demo(store)
    accounts = Accounts(store.people)
    for account in demo.accounts:
        opened = await accounts.sign_in(account.email, account.password)
        assert opened.signed_in.user.role == account.role
    assert [account.role for account in demo.accounts] == [
        "operator", "supervisor", "client", "administrator",
    ]  # fmt: skip
    assert (await accounts.sign_in(demo.client.email, demo.client.password)).signed_in.user
    for line in demo.lines:
        route = await store.provider.route(line.number)
        assert route is not None and route.client_id == line.client_id
    assert demo.lines[0].client_id == DELORME.client.id
    assert len(await store.for_client(DELORME.client.id).entries()) >= 25


async def test_seeding_again_is_quick_keeps_peoples_changes_and_renews_the_password(
    store: Store,
) -> None:
    first = await seed_demo(store)
    scope = store.for_client(DELORME.client.id)
    await scope.replace_consignes([Consigne(id="x", title="ours", body="ours")])
    began = time.process_time()
    second = await seed_demo(store)
    assert time.process_time() - began < 2.0
    assert [item.title for item in await scope.consignes()] == ["ours"]
    assert len(await store.people.users()) == 4 and len(await store.provider.clients()) == 2
    assert first.operator.password != second.operator.password
    accounts = Accounts(store.people)
    with pytest.raises(SignInRefusedError):
        await accounts.sign_in(first.operator.email, first.operator.password)
    assert await accounts.sign_in(second.operator.email, second.operator.password)
    fixed = await seed_demo(store, password="trois tasses rouges")
    assert await accounts.sign_in(fixed.operator.email, "trois tasses rouges")


@pytest.mark.parametrize("demo", CLIENTS, ids=lambda demo: demo.client.name)
def test_the_demonstrations_files_are_sound(demo: object) -> None:
    client = next(item for item in CLIENTS if item is demo)
    imported = import_faq(faq_path(client.client))
    assert imported.problems == ()
    numbers = [number.number for number in client.numbers]
    numbers += [contact.phone for contact in client.contacts if contact.phone]
    assert numbers and all(FICTION.fullmatch(number) for number in numbers)
    emails = list(client.client.settings.recipients)
    emails += [contact.email for contact in client.contacts if contact.email]
    assert emails and all(email.endswith(".example.fr") for email in emails)
    assert set(client.client.settings.required_fields) <= set(FIELD_NAMES)


def test_the_main_clients_faq_knows_what_the_recorded_caller_says() -> None:
    entries = {entry.entry_id for entry in import_faq(faq_path(DELORME.client)).entries}
    assert SUGGESTED_ENTRY in entries


def test_passwords_are_long_and_new() -> None:
    passwords = {readable_password() for _ in range(100)}
    assert len(passwords) == 100
    assert all(re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", item) for item in passwords)


def test_the_recorded_call_has_each_voice_on_its_own_channel(tmp_path: Path) -> None:
    out = tmp_path / "calls" / "demo.wav"
    turns = build_demo_call(SOUNDS, out)
    with wave.open(str(out)) as call:
        assert (call.getnchannels(), call.getsampwidth(), call.getframerate()) == (2, 2, 8000)
        samples = np.frombuffer(call.readframes(call.getnframes()), "<i2").reshape(-1, 2)
    heard = np.zeros_like(samples, dtype=bool)
    for turn in turns:
        start, end = round(turn.start_s * 8000), round(turn.end_s * 8000)
        channel = 0 if turn.speaker == "caller" else 1
        assert np.abs(samples[start:end, channel]).max() > 1000, turn
        assert not samples[start:end, 1 - channel].any(), turn
        heard[start:end, channel] = True
    assert not samples[~heard].any()
    starts = [turn.start_s for turn in turns]
    assert starts == sorted(starts) and turns[0].speaker == "operator"
    first = out.read_bytes()
    build_demo_call(SOUNDS, out)
    assert out.read_bytes() == first
    assert phonenumbers.is_possible_number(phonenumbers.parse(PHONE))


def test_missing_or_spoiled_recordings_are_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DemoSoundsError, match="no such recording"):
        build_demo_call(tmp_path, tmp_path / "out.wav")
    spoiled = tmp_path / "usr/share/asterisk/sounds/fr_CA_f_June/one-moment-please.wav"
    spoiled.parent.mkdir(parents=True)
    spoiled.write_text("RIFFraff")
    with pytest.raises(DemoSoundsError, match="not a WAV"):
        build_demo_call(tmp_path, tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()
