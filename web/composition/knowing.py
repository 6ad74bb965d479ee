"""The parts that keep clients' knowledge: its indexes, imports, gaps and proposed wordings."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from copilot.events import KnowledgeChanged
from copilot.imports import Changed, Imports
from copilot.knowledgegaps import GapKeeper
from copilot.knowledgeshelf import KnowledgeShelf
from copilot.settings import Settings
from copilot.store.store import Store
from copilot.wordings import WordingProposer
from knowledge.documents.fetching import PageFetcher
from knowledge.grouping import SAME
from knowledge.rewording import WordingWriter
from knowledge.vectors import forget_others
from web.composition.backends import Backends
from web.composition.foundations import Foundations
from web.languagemodel import open_wording_writer
from web.line import networks
from web.uploads import forget_left


@dataclass(frozen=True, kw_only=True)
class KnowledgeParts:
    """Open parts; the stack they were entered on takes them down."""

    shelf: KnowledgeShelf
    gaps: GapKeeper
    imports: Imports
    changed: Changed
    """To be told the client and its version whenever knowledge changed."""
    wordings: WordingProposer | None


async def open_knowledge(
    settings: Settings,
    stack: AsyncExitStack,
    base: Foundations,
    backends: Backends,
    executor: Executor,
) -> KnowledgeParts:
    """Nothing is indexed yet. Whoever waits for a model is let go before these parts close."""
    now = base.journal.now
    forget_left(now().timestamp())
    shelf = KnowledgeShelf(
        store=base.store,
        build=backends.build_prompter,
        executor=executor,
        forget_others=partial(forget_others, settings.data_dir / "knowledge"),
        now=now,
    )
    stack.push_async_callback(shelf.close)
    writer = backends.wording_writer or await open_wording_writer(settings, stack)
    proposer = await _wordings(stack, base.store, writer, now)

    def changed(client_id: str, version: int) -> None:
        shelf.changed(client_id)
        if proposer is not None:
            proposer.look(client_id)
        base.bus.publish(
            KnowledgeChanged(call_id="", seq=0, at=now(), client_id=client_id, version=version)
        )

    allowed = networks(settings.import_networks, setting="IMPORT_NETWORKS")
    imports = Imports(
        base.store, changed=changed, now=now, fetcher=PageFetcher(allowed=tuple(allowed))
    )
    stack.push_async_callback(imports.close)
    stack.callback(backends.give_up)
    gaps = GapKeeper(
        store=base.store, likeness=backends.likeness, same=SAME, executor=executor, now=now
    )
    await stack.enter_async_context(gaps.running())
    return KnowledgeParts(
        shelf=shelf, gaps=gaps, imports=imports, changed=changed, wordings=proposer
    )


async def _wordings(
    stack: AsyncExitStack, store: Store, writer: WordingWriter | None, now: Callable[[], datetime]
) -> WordingProposer | None:
    if writer is None:
        return None
    proposer = WordingProposer(store=store, writer=writer, now=now)
    return await stack.enter_async_context(proposer.running())
