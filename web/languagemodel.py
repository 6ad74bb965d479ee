"""The language model of the settings, where there is one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AsyncExitStack
from dataclasses import replace

from copilot.journal import Journal
from copilot.languagemodel.secretary import EndedCall, Secretary
from copilot.languagemodel.wordings import ModelWordingWriter
from copilot.reception.ongoing import OngoingCall
from copilot.settings import Settings
from copilot.store.store import Store
from models.languagemodel.chat import ChatModel
from models.languagemodel.endpoint import ChatEndpoint


def chat_endpoint(settings: Settings) -> ChatEndpoint | None:
    """Where it is; None when none is set. Raises BadEndpointError."""
    if not settings.llm_url:
        return None
    return ChatEndpoint(
        url=settings.llm_url,
        model=settings.llm_model,
        key=settings.llm_key,
        timeout_s=settings.llm_timeout_s,
        concurrency=settings.llm_concurrency,
    )


async def open_secretary(
    settings: Settings, stack: AsyncExitStack, store: Store, journal: Journal, executor: Executor
) -> Secretary | None:
    """Writes about calls until the stack closes; None without a model."""
    endpoint = chat_endpoint(settings)
    if endpoint is None:
        return None
    model = await stack.enter_async_context(ChatModel(endpoint).running())
    secretary = Secretary(model=model, store=store, journal=journal, executor=executor)
    return await stack.enter_async_context(secretary.running())


async def open_wording_writer(
    settings: Settings, stack: AsyncExitStack
) -> ModelWordingWriter | None:
    """Asks the same endpoint, one question at a time and with a breaker of its own: what it cannot
    write about a FAQ says nothing of what it writes about calls."""
    endpoint = chat_endpoint(settings)
    if endpoint is None or not settings.llm_wordings:
        return None
    alone = ChatModel(replace(endpoint, concurrency=1))
    return ModelWordingWriter(await stack.enter_async_context(alone.running()))


def written_about(secretary: Secretary | None) -> Callable[[OngoingCall], None]:
    """Has what was said on an answered call written up, after its last word."""

    def left(call: OngoingCall) -> None:
        if secretary is not None and call.answered_at is not None:
            secretary.write(
                EndedCall(
                    log=call.log, draft=call.draft, sheet=call.sheet, ringing_at=call.ringing_at
                )
            )

    return left
