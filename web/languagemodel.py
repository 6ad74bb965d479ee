"""The language model of the settings, where there is one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack

from copilot.languagemodel.secretary import EndedCall, Secretary
from copilot.reception.ongoing import OngoingCall
from copilot.settings import Settings
from models.languagemodel.chat import ChatModel
from models.languagemodel.endpoint import ChatEndpoint


async def open_model(settings: Settings, stack: AsyncExitStack) -> ChatModel | None:
    """Ready to be asked until the stack closes; None when none is set. Raises BadEndpointError."""
    if not settings.llm_url:
        return None
    endpoint = ChatEndpoint(
        url=settings.llm_url,
        model=settings.llm_model,
        key=settings.llm_key,
        timeout_s=settings.llm_timeout_s,
        concurrency=settings.llm_concurrency,
    )
    return await stack.enter_async_context(ChatModel(endpoint).running())


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
