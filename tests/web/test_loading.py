"""Something heavy, loaded when first wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from datetime import datetime

import pytest

from copilot.drafting import drafter
from copilot.drafting.draft import ClientProfile
from web.app import settings_from_environment
from web.composition.backends import packaged_backends
from web.composition.loading import Loading


def test_it_is_loaded_once_and_only_when_wanted() -> None:
    loads: list[int] = []

    def load() -> str:
        loads.append(1)
        return "model"

    loading = Loading(load, name="load")
    assert loads == []
    with ThreadPoolExecutor(4) as executor:
        assert set(executor.map(lambda _: loading.get(), range(8))) == {"model"}
    assert loads == [1]


def test_a_failure_is_everybody_s() -> None:
    def fail() -> str:
        raise OSError("no model")

    loading = Loading(fail, name="load")
    for _ in range(2):
        with pytest.raises(OSError, match="no model"):
            loading.get()


def test_whoever_waits_is_let_go_when_the_service_stops() -> None:
    finish = threading.Event()
    loading = Loading(lambda: finish.wait(10), name="load")
    with ThreadPoolExecutor(1) as executor:
        waiting = executor.submit(loading.get)
        while not loading._thread.ident:
            pass
        loading.give_up()
        with pytest.raises(CancelledError):
            waiting.result(5)
    finish.set()
    loading._thread.join(5)
    assert not loading._thread.is_alive()


def test_a_drafter_is_opened_in_advance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[ClientProfile] = []

    def drafting_with(*readers: Callable[[], object]) -> Callable[..., None]:
        def opener(*, client: ClientProfile, at: datetime) -> None:
            assert at.tzinfo is not None
            opened.append(client)

        return opener

    monkeypatch.setattr(drafter, "drafting_with", drafting_with)
    packaged_backends(settings_from_environment()).prepare_drafting()
    assert len(opened) == 1
