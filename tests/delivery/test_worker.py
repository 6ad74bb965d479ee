from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from copilot.delivery.backoff import Backoff
from copilot.delivery.channel import Channel, Dispatch
from copilot.delivery.letter import KEY_HEADER
from copilot.delivery.smtp import EmailChannel, SmtpServer
from copilot.delivery.worker import DeliveryOutcome, DeliveryWorker
from copilot.store import Store
from copilot.store.audit import SYSTEM
from copilot.store.records.messages import Message
from tests.delivery.examples import CLIENT, SENDER, approve
from tests.servers import SmtpSink, free_port, smtp_sink

QUICK = Backoff(first_s=0.05, longest_s=0.2, tries=4)


class Watch:
    """Collects outcomes and waits for them."""

    def __init__(self) -> None:
        self.outcomes: list[DeliveryOutcome] = []
        self._changed = asyncio.Condition()

    async def __call__(self, outcome: DeliveryOutcome) -> None:
        async with self._changed:
            self.outcomes.append(outcome)
            self._changed.notify_all()

    async def finals(self, count: int) -> list[DeliveryOutcome]:
        def final() -> list[DeliveryOutcome]:
            return [outcome for outcome in self.outcomes if outcome.final]

        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: len(final()) >= count)
        return final()


def email(port: int, **options: str) -> EmailChannel:
    server = SmtpServer(host="127.0.0.1", port=port, timeout_s=5.0, **options)  # type: ignore[arg-type]
    return EmailChannel(server, SENDER)


@asynccontextmanager
async def working(store: Store, channel: Channel, watch: Watch) -> AsyncIterator[DeliveryWorker]:
    async with DeliveryWorker(store, {"email": channel}, on_outcome=watch, backoff=QUICK) as worker:
        yield worker


async def message_of(store: Store, message: Message) -> Message:
    return await store.for_client(CLIENT.id).message(message.id)


async def test_an_approved_message_arrives_and_is_marked(store: Store, sink: SmtpSink) -> None:
    watch = Watch()
    async with working(store, email(sink.port), watch) as worker:
        await asyncio.sleep(0.1)  # the worker has found nothing and sleeps
        message = await approve(store, "c1", "a@example.fr", "b@example.fr")
        worker.wake()
        outcomes = await watch.finals(2)
    assert sorted(outcome.recipient for outcome in outcomes) == ["a@example.fr", "b@example.fr"]
    assert all(outcome.delivered and outcome.call_id == "c1" for outcome in outcomes)
    assert sorted(envelope.rcpt_tos[0] for envelope in sink.envelopes) == [
        "a@example.fr", "b@example.fr",
    ]  # fmt: skip
    letter = message_from_bytes(sink.envelopes[0].content, policy=default)
    assert "Zoé Lefèvre" in letter["Subject"]
    assert (await message_of(store, message)).state == "delivered"


async def test_what_was_approved_while_no_worker_ran_is_sent_at_start(
    store: Store, sink: SmtpSink
) -> None:
    for number in range(25):
        await approve(store, f"c{number}")
    watch = Watch()
    async with working(store, email(sink.port), watch):
        await watch.finals(25)
    assert len(sink.envelopes) == 25


async def test_a_temporary_refusal_is_tried_again_with_the_same_identity(
    store: Store, sink: SmtpSink
) -> None:
    sink.answers = ["451 plus tard", "421 occupé"]
    message = await approve(store)
    watch = Watch()
    async with working(store, email(sink.port), watch):
        await watch.finals(1)
    assert [(item.delivered, item.final) for item in watch.outcomes] == [
        (False, False), (False, False), (True, True),
    ]  # fmt: skip
    assert "451" in watch.outcomes[0].detail and "plus tard" in watch.outcomes[0].detail
    (row,) = await store.for_client(CLIENT.id).outbox_rows(message.id)
    assert (row.state, row.attempts, row.last_error) == ("delivered", 3, None)


async def test_a_permanent_refusal_is_a_dead_letter_until_somebody_retries(
    store: Store, sink: SmtpSink
) -> None:
    sink.recipient_answers = {"gone@example.fr": "550 inconnu"}
    message = await approve(store, "c1", "gone@example.fr", "a@example.fr")
    watch = Watch()
    async with working(store, email(sink.port), watch) as worker:
        outcomes = {item.recipient: item for item in await watch.finals(2)}
        assert outcomes["a@example.fr"].delivered
        assert not outcomes["gone@example.fr"].delivered
        failed = await message_of(store, message)
        assert failed.state == "failed" and "550" in str(failed.failure)
        sink.recipient_answers = {}
        await store.for_client(CLIENT.id).retry_message(
            message.id, actor=SYSTEM, at=datetime.now(UTC)
        )
        worker.wake()
        await watch.finals(3)
    assert (await message_of(store, message)).state == "delivered"


async def test_an_unreachable_server_is_tried_until_it_is_given_up(store: Store) -> None:
    message = await approve(store)
    watch = Watch()
    async with working(store, email(free_port()), watch):
        (final,) = await watch.finals(1)
    assert not final.delivered and "injoignable" in final.detail
    assert len(watch.outcomes) == QUICK.tries
    assert (await message_of(store, message)).state == "failed"


async def test_a_server_that_comes_back_gets_the_letter(store: Store) -> None:
    port = free_port()
    await approve(store)
    watch = Watch()
    async with DeliveryWorker(
        store, {"email": email(port)}, on_outcome=watch,
        backoff=Backoff(first_s=0.05, longest_s=0.1, tries=500),
    ):  # fmt: skip
        await asyncio.sleep(0.3)
        assert watch.outcomes
        with smtp_sink(port=port) as sink:
            await watch.finals(1)
            assert len(sink.envelopes) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_refused_credentials_wait_for_us_to_mend_them(store: Store) -> None:
    with smtp_sink(credentials=("desk", "right")) as sink:
        await approve(store)
        watch = Watch()
        async with working(store, email(sink.port, username="desk", password="wrong"), watch):
            await watch.finals(1)
        assert "identifiants" in watch.outcomes[0].detail and not watch.outcomes[0].final
        assert "wrong" not in watch.outcomes[0].detail
        assert not sink.envelopes
        message = (await store.provider.messages())[0]
        await store.for_client(CLIENT.id).retry_message(
            message.id, actor=SYSTEM, at=datetime.now(UTC)
        )
        watch = Watch()
        async with working(store, email(sink.port, username="desk", password="right"), watch):
            await watch.finals(1)
        assert len(sink.envelopes) == 1


async def test_a_channel_that_breaks_does_not_stop_the_others(
    store: Store, sink: SmtpSink, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(EmailChannel):
        async def send(self, dispatch: Dispatch) -> None:
            if dispatch.item.recipient == "a@example.fr":
                raise LookupError("a fault of ours")
            await super().send(dispatch)

    await approve(store, "c1", "a@example.fr", "b@example.fr")
    watch = Watch()
    channel = Broken(SmtpServer(host="127.0.0.1", port=sink.port), SENDER)
    async with working(store, channel, watch):
        outcomes = {item.recipient: item for item in await watch.finals(2)}
    assert outcomes["b@example.fr"].delivered
    assert not outcomes["a@example.fr"].delivered
    assert "a fault of ours" in caplog.text


async def test_who_watches_cannot_undo_a_delivery(store: Store, sink: SmtpSink) -> None:
    done = asyncio.Event()

    async def broken(_: DeliveryOutcome) -> None:
        done.set()
        raise LookupError

    message = await approve(store)
    async with DeliveryWorker(store, {"email": email(sink.port)}, on_outcome=broken):
        await asyncio.wait_for(done.wait(), 10)
    assert (await message_of(store, message)).state == "delivered"
    assert len(sink.envelopes) == 1


async def test_two_workers_send_each_letter_once(store: Store, sink: SmtpSink) -> None:
    for number in range(20):
        await approve(store, f"c{number}")
    watch = Watch()
    async with (
        working(store, email(sink.port), watch),
        working(store, email(sink.port), watch),
    ):
        await watch.finals(20)
    assert len(sink.envelopes) == 20


async def test_stopping_finishes_the_letter_being_handed_over(store: Store, sink: SmtpSink) -> None:
    started = asyncio.Event()

    class Slow(EmailChannel):
        async def send(self, dispatch: Dispatch) -> None:
            started.set()
            await asyncio.sleep(0.3)
            await super().send(dispatch)

    message = await approve(store)
    slow = Slow(SmtpServer(host="127.0.0.1", port=sink.port), SENDER)
    async with working(store, slow, Watch()):
        await asyncio.wait_for(started.wait(), 10)
    assert (await message_of(store, message)).state == "delivered"


async def test_a_process_killed_between_sent_and_marked_sends_again_as_the_same(
    url: str, store: Store, sink: SmtpSink
) -> None:
    message = await approve(store)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.delivery.sender", url, str(sink.port),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        assert line == b"sent\n"
    finally:
        process.kill()
        await process.wait()
    assert len(sink.envelopes) == 1
    (row,) = await store.for_client(CLIENT.id).outbox_rows(message.id)
    assert row.state == "sending"
    watch = Watch()
    async with DeliveryWorker(  # two minutes later: the dead process's lease has run out
        store, {"email": email(sink.port)}, on_outcome=watch,
        now=lambda: datetime.now(UTC) + timedelta(minutes=2),
    ):  # fmt: skip
        await watch.finals(1)
    letters = [message_from_bytes(item.content, policy=default) for item in sink.envelopes]
    assert len(letters) == 2
    assert len({letter["Message-ID"] for letter in letters}) == 1
    assert len({letter[KEY_HEADER] for letter in letters}) == 1
    assert (await message_of(store, message)).state == "delivered"
