"""The composition root: reads nothing but settings, builds every part, passes it down.

    settings ──> store, bus ──> journal, board ──> hearing, knowledge, drafting ──> reception
                                                              SIP, browsers, delivery ──^

Parts that load models return at once and load in the background: the service answers first.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypedDict, TypeVar

from fastapi import FastAPI

from copilot.accounts import Accounts
from copilot.board import LiveBoard
from copilot.bus import Bus, InProcessBus
from copilot.callrecord import CallRecord
from copilot.delivery.accountletter import AccountLetters
from copilot.demo.seed import DemoAccounts, retire_demo, seed_demo
from copilot.drafting.draft import OpenDrafter
from copilot.events import KnowledgeChanged
from copilot.imports import Imports
from copilot.journal import Journal
from copilot.knowledgegaps import GapKeeper
from copilot.knowledgeshelf import KnowledgeShelf
from copilot.privacy.retention import RetentionJob
from copilot.reception import Assistance, Media, Reception
from copilot.settings import Settings
from copilot.store.masterkeys import open_keys
from copilot.store.store import Store
from copilot.store.tombstones import TombstoneFile
from copilot.supervision import Supervision
from copilot.waiting.attendance import Attendance
from copilot.waiting.line import WaitingLine
from copilot.waiting.sounds import ClientSounds
from copilot.wordings import WordingProposer
from knowledge.confidence import read_calibration
from knowledge.documents.fetching import PageFetcher
from knowledge.grouping import SAME
from knowledge.passages import UNTUNED, BuildPrompter, Entry, Prompter, Tuning
from knowledge.rewording import WordingWriter
from knowledge.vectors import KeptVectors, folder_of, forget_others
from models.hardware import Layout, layout_for, numbers_on, test_beside
from models.listening import Listening, open_hearing
from models.memory import give_back
from models.recogniser import Recogniser
from models.scheduler import Pace
from models.store import place_of
from telephony.bridge import Bridge
from telephony.call import CodecName, Endpoint
from telephony.webrtc import WebRtcEndpoint
from web import openapi, pages, problems, schemas, sockets
from web.cookies import SessionCookie, house_secret
from web.delivering import open_email, open_outgoing, sender
from web.demo import DemoLines
from web.house import House
from web.languagemodel import open_secretary, open_wording_writer, written_about
from web.line import (
    WayOut,
    line_accounts,
    networks,
    open_audiosocket,
    open_line,
    turn_servers,
)
from web.routes import (
    account,
    board,
    calls,
    clients,
    consignes,
    demo,
    files,
    floor,
    forms,
    knowledge,
    learning,
    line,
    links,
    messages,
    people,
    portal,
    privacy,
    receipts,
    replay,
    routing,
    search,
    session,
    status,
    supervision,
    tokens,
    transfers,
    welcome,
    wordings,
    wrapup,
)
from web.streams import MediaStreams
from web.trust import open_trust, roles_of

if TYPE_CHECKING:
    from knowledge.semantics import Semantics
    from models.embeddings import Embedder

logger = logging.getLogger(__name__)

Loaded = TypeVar("Loaded")

THINKERS = 2
"""Threads for suggestions and drafts: each takes milliseconds, recognition needs the cores."""


@dataclass(frozen=True, kw_only=True)
class Backends:
    """The models, each loaded when first used; tests give scripted ones."""

    recogniser: Callable[[], Recogniser]
    build_prompter: BuildPrompter
    open_drafter: OpenDrafter
    likeness: Callable[[str, Sequence[str]], Sequence[float]] = lambda _, known: [0.0] * len(known)
    """How far each known question says the same as a new one."""
    give_up: Callable[[], None] = lambda: None
    """The service stops: whoever waits for a model to load is let go."""
    wording_writer: WordingWriter | None = None
    """Writes other wordings for entries; none: only callers' are proposed."""
    prepare_drafting: Callable[[], object] = lambda: None
    """Learn what drafts need before the first call does; seconds, in a thread."""
    test_machine: Callable[[], Awaitable[None]] | None = None
    """Finds out, once the service runs, how recognition is best laid out here."""


def settings_from_environment() -> Settings:
    """The settings of this process. Raises pydantic's ValidationError."""
    return Settings()


def database_url(settings: Settings) -> str:
    """Where the database is."""
    return settings.database_url or f"sqlite:///{settings.data_dir / 'souffleur.db'}"


def asr_layout(settings: Settings) -> Layout:
    """How recognition is laid out: as set, else as the self-test of this machine found."""
    if settings.asr_workers:
        device = "cuda" if settings.asr_device == "cuda" else "cpu"
        return Layout(workers=settings.asr_workers, device=device)
    return layout_for(
        _asr_folder(settings), settings.asr_compute_type, asr_tests(settings), settings.asr_device
    )


def asr_listening(settings: Settings) -> Listening:
    """The ear's own settings on this machine."""
    layout, usual = asr_layout(settings), Pace()
    pace = replace(
        usual,
        beam=min(usual.beam, layout.beam),
        partial_every_s=max(usual.partial_every_s, layout.partial_every_s),
    )
    return Listening(workers=layout.workers, batch=layout.batch, pace=pace)


def _asr_folder(settings: Settings) -> Path:
    """Where the speech model is, or will be."""
    return place_of(settings.asr_model, cache=settings.data_dir / "models")


def asr_tests(settings: Settings) -> Path:
    """Where the outcome of the self-test is kept."""
    return settings.data_dir / "models" / "self-test.json"


def key_file(settings: Settings) -> Path:
    """Where the master keys are."""
    return Path(settings.key_file) if settings.key_file else settings.data_dir / "master.key"


def erasures_file(settings: Settings) -> Path:
    """Where what was erased is kept outside the database, for restored backups."""
    return settings.data_dir / "erasures.jsonl"


def public_url(settings: Settings) -> str:
    """Where browsers find the service."""
    url = settings.public_url or f"http://{settings.http_host}:{settings.http_port}"
    return url.rstrip("/")


def load_recogniser(settings: Settings) -> Recogniser:
    """The speech model of the settings; takes a second or two. Raises ModelError."""
    from models.store import find_model
    from models.whisper import WhisperRecogniser

    model = find_model(settings.asr_model, cache=settings.data_dir / "models")
    layout = asr_layout(settings)
    return WhisperRecogniser(
        model,
        device=layout.device,
        compute_type=numbers_on(layout.device, settings.asr_compute_type),
        workers=layout.workers,
        threads=layout.threads,
    )


class Loading(Generic[Loaded]):
    """Something loaded when first wanted, in a thread that a stop of the service does not wait
    for: a start answers before anything heavy begins."""

    def __init__(self, load: Callable[[], Loaded], *, name: str) -> None:
        self._future: Future[Loaded] = Future()
        self._load = load
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._starting = threading.Lock()

    def get(self) -> Loaded:
        """Wait for it. Raises what the loading raised, CancelledError when it was given up."""
        with self._starting:
            if self._thread.ident is None:
                self._thread.start()
        return self._future.result()

    def give_up(self) -> None:
        """Nobody waits any longer."""
        self._future.cancel()

    def _run(self) -> None:
        try:
            loaded = self._load()
        except Exception as error:
            logger.exception("%s failed", threading.current_thread().name)
            if not self._future.cancelled():
                self._future.set_exception(error)
        else:
            with contextlib.suppress(InvalidStateError):  # given up meanwhile
                self._future.set_result(loaded)
            give_back()


@dataclass(frozen=True, kw_only=True)
class PrompterBuilder:
    """Indexes a client's entries once the embedding models are there."""

    build: BuildPrompter
    likeness: Callable[[str, Sequence[str]], Sequence[float]]
    give_up: Callable[[], None]


def calibration_file(settings: Settings) -> Path | None:
    """The weights of the settings; null: the packaged ones."""
    return Path(settings.calibration) if settings.calibration else None


def prepare_semantics(settings: Settings, second: Embedder | None = None) -> Semantics:
    """The embedding models; what is computed from them once is kept in the data folder."""
    from knowledge.semantics import load_semantics
    from models.embeddings import E5_SMALL

    return load_semantics(
        settings.embedding_model or E5_SMALL,
        cache=settings.data_dir / "models" / "embeddings",
        second=second,
    )


def load_universal() -> Embedder:
    """The second embedding model: searches and drafts share it. Raises EmbeddingError."""
    from models.embeddings import UNIVERSAL, load_embedder

    return load_embedder(UNIVERSAL)


def prompter_builder(
    settings: Settings, universal: Callable[[], Embedder] = load_universal
) -> PrompterBuilder:
    """The embedding models are loaded once, when the first client is indexed."""
    from knowledge.grouping import likeness
    from knowledge.search import ClientPrompter

    semantics = Loading(lambda: prepare_semantics(settings, universal()), name="load-embeddings")
    calibration = read_calibration(calibration_file(settings))

    def build(entries: Sequence[Entry], tuning: Tuning = UNTUNED, /) -> Prompter:
        kept = settings.data_dir / "knowledge" / folder_of(tuning.client_id)
        return ClientPrompter(
            entries,
            semantics.get(),
            calibration=calibration,
            threshold=tuning.threshold,
            weights=tuning.weights,
            kept=KeptVectors(kept) if tuning.client_id else None,
        )

    return PrompterBuilder(
        build=build,
        likeness=lambda said, known: likeness(said, known, semantics.get()),
        give_up=semantics.give_up,
    )


def packaged_backends(settings: Settings) -> Backends:
    """The real models of the settings."""
    from copilot.drafting.draft import ClientProfile
    from copilot.drafting.drafter import drafting_with
    from copilot.drafting.people.reader import learn_people
    from copilot.drafting.situations.meaning import learn_situations

    universal = Loading(load_universal, name="load-universal")
    prompters = prompter_builder(settings, universal.get)
    situations = Loading(lambda: learn_situations(universal.get()), name="learn-situations")

    people = Loading(lambda: learn_people(settings.data_dir / "models"), name="learn-people")
    open_drafter = drafting_with(situations.get, people.get)

    def prepare_drafting() -> None:
        """All that the first drafter reads, which holds up the answers of calls for half a second
        when it is read in the midst of them."""
        open_drafter(client=ClientProfile(name=""), at=datetime.now(UTC))

    def give_up() -> None:
        prompters.give_up()
        situations.give_up()
        people.give_up()
        universal.give_up()

    return Backends(
        recogniser=lambda: load_recogniser(settings),
        build_prompter=prompters.build,
        likeness=prompters.likeness,
        open_drafter=open_drafter,
        give_up=give_up,
        prepare_drafting=prepare_drafting,
        test_machine=None if settings.asr_workers else lambda: _test_machine(settings),
    )


async def _test_machine(settings: Settings) -> None:
    if _asr_folder(settings).is_dir():
        await test_beside(
            _asr_folder(settings),
            settings.asr_compute_type,
            asr_tests(settings),
            settings.asr_device,
        )


class State(TypedDict):
    """What requests find in their state."""

    house: House


def create_app(
    settings: Settings,
    *,
    demonstration: bool = False,
    backends: Backends | None = None,
    on_ready: Callable[[House], None] = lambda _: None,
) -> FastAPI:
    """The service. `on_ready` is called once it takes calls and requests."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        async with open_house(
            settings, demonstration=demonstration, backends=backends, telephony=True
        ) as house:
            on_ready(house)
            yield State(house=house)

    app = FastAPI(
        title="Souffleur",
        version="0.1.0",
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses={
            "4XX": {"model": schemas.Problem, "description": "Refused"},
            "503": {"model": schemas.Problem, "description": "The database does not answer"},
        },
    )
    problems.install(app)
    openapi.tell_our_refusals(app)
    sockets.install(app)
    for part in (
        session,
        account,
        links,
        people,
        clients,
        privacy,
        board,
        calls,
        line,
        supervision,
        wrapup,
        transfers,
        messages,
        portal,
        knowledge,
        learning,
        wordings,
        consignes,
        files,
        search,
        replay,
        status,
        demo,
        forms,
        routing,
        welcome,
        floor,
        receipts,
        tokens,
    ):
        app.include_router(part.router)
    pages.install(app)
    return app


@asynccontextmanager
async def open_house(
    settings: Settings,
    *,
    demonstration: bool = False,
    backends: Backends | None = None,
    telephony: bool = False,
) -> AsyncIterator[House]:
    """Build every part, in order; leaving takes them down in the opposite order."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    url = database_url(settings)
    keyring = await open_keys(url, key_file(settings))
    backends = backends or packaged_backends(settings)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store(url, keyring=keyring))
        if telephony and await store.database.goes_past_row_security():
            logger.warning("the database account is a superuser: row security does not hold it")
        shown: DemoAccounts | None = None
        if demonstration:
            shown = await seed_demo(store)
        elif telephony and (retired := await retire_demo(store)):
            logger.warning("%d accounts of the demonstration were disabled", retired)
        email = await open_email(settings, stack, demonstration=demonstration)
        trust = await stack.enter_async_context(
            open_trust(
                store,
                keyring,
                letters=AccountLetters(email, sender(settings)) if email else None,
                public_url=public_url(settings),
                second_factor_roles=roles_of(settings.second_factor_roles),
                erasures=TombstoneFile(erasures_file(settings)),
                set_up=telephony and not demonstration,
            )
        )
        accounts = Accounts(store.people, second_factors=trust.second_factors)
        bus = await stack.enter_async_context(_bus(settings))
        journal = await stack.enter_async_context(Journal(bus=bus, log=CallRecord(store)).running())
        live_board = await stack.enter_async_context(LiveBoard(store=store, bus=bus).following())
        attendance = await stack.enter_async_context(
            Attendance(
                store=store,
                bus=bus,
                now=journal.now,
                wrap_up_s=settings.wrap_up_s,
                changed=live_board.touch,
            ).following()
        )
        executor = ThreadPoolExecutor(max_workers=THINKERS, thread_name_prefix="think")
        stack.callback(executor.shutdown, wait=True, cancel_futures=True)
        hearing = await stack.enter_async_context(
            open_hearing(backends.recogniser, settings=asr_listening(settings))
        )
        shelf = KnowledgeShelf(
            store=store,
            build=backends.build_prompter,
            executor=executor,
            forget_others=partial(forget_others, settings.data_dir / "knowledge"),
            now=journal.now,
        )
        stack.push_async_callback(shelf.close)

        writer = backends.wording_writer or await open_wording_writer(settings, stack)
        proposer = await _wordings(stack, store, writer, journal.now)

        def knowledge_changed(client_id: str, version: int) -> None:
            shelf.changed(client_id)
            if proposer is not None:
                proposer.look(client_id)
            bus.publish(
                KnowledgeChanged(
                    call_id="", seq=0, at=journal.now(), client_id=client_id, version=version
                )
            )

        imports = Imports(
            store,
            changed=knowledge_changed,
            now=journal.now,
            fetcher=PageFetcher(
                allowed=tuple(networks(settings.import_networks, setting="IMPORT_NETWORKS"))
            ),
        )
        stack.push_async_callback(imports.close)
        stack.callback(backends.give_up)
        line = line_accounts(settings)
        keeper = GapKeeper(
            store=store, likeness=backends.likeness, same=SAME, executor=executor, now=journal.now
        )
        await stack.enter_async_context(keeper.running())
        secretary = await open_secretary(settings, stack, store, journal, executor)
        way_out, sounds = WayOut(), ClientSounds(store)
        reception = Reception(
            store=store,
            journal=journal,
            assistance=Assistance(
                hearing=hearing,
                prompter=shelf.prompter,
                missed=keeper.missed,
                open_drafter=backends.open_drafter,
                executor=executor,
            ),
            media=Media(
                bridge=Bridge,
                accept_operator=accept_browser,
                dial=way_out.dial,
                waiting=sounds.while_called,
                announcement=sounds.for_callee,
                refers=settings.transfer_refer,
            ),
            ring_timeout_s=settings.ring_timeout_s,
            no_audio_s=settings.no_audio_s,
            operators=line.operators,
            left=written_about(secretary),
            sounds=sounds,
            most_waiting=settings.most_waiting,
            released=attendance.call_ended,
        )
        outgoing = open_outgoing(settings, store, journal, keyring, email, public_url(settings))
        delivery = await stack.enter_async_context(outgoing.worker)
        ears = Supervision(
            find=reception.calls.find,
            audit=store.audit,
            accept=accept_browser,
            now=journal.now,
        )
        demo_lines = DemoLines(reception.arrivals.receive) if demonstration else None
        house = House(
            store=store,
            bus=bus,
            journal=journal,
            board=live_board,
            attendance=attendance,
            line=WaitingLine(board=live_board, attendance=attendance, now=journal.now),
            reception=reception,
            supervision=ears,
            shelf=shelf,
            gaps=keeper,
            calibration=read_calibration(calibration_file(settings)),
            imports=imports,
            knowledge_changed=knowledge_changed,
            wordings=proposer,
            hearing=hearing,
            delivery=delivery,
            outgoing=outgoing,
            secretary=secretary,
            accounts=accounts,
            trust=trust,
            cookie=house_cookie(settings),
            demo=demo_lines,
            accounts_shown=shown,
            streams=MediaStreams(
                reception,
                token=settings.line_token,
                key=settings.mediastream_key,
                public_url=public_url(settings),
            ),
            audiosocket=open_audiosocket(settings, reception) if telephony else None,
            sip=open_line(settings, line, reception) if telephony else None,
            turn=turn_servers(settings),
        )
        way_out.line = house.sip
        if telephony:
            await accounts.forget_old_sessions()
            await stack.enter_async_context(RetentionJob(store, audit_days=settings.audit_days))
            if interrupted := await store.provider.end_interrupted_calls(reason="restarted"):
                logger.warning("%d calls were cut off by the last stop", interrupted)
            if house.sip is not None:
                await house.sip.start()
                stack.push_async_callback(house.sip.stop)
            if house.audiosocket is not None:
                await house.audiosocket.start()
                stack.push_async_callback(house.audiosocket.stop)
            stack.push_async_callback(house.streams.close)
            if demo_lines is not None:
                stack.push_async_callback(demo_lines.close)
            stack.push_async_callback(ears.close)
            await _warm(house, stack, backends)
        yield house


async def _wordings(
    stack: AsyncExitStack, store: Store, writer: WordingWriter | None, now: Callable[[], datetime]
) -> WordingProposer | None:
    if writer is None:
        return None
    proposer = WordingProposer(store=store, writer=writer, now=now)
    return await stack.enter_async_context(proposer.running())


async def _warm(house: House, stack: AsyncExitStack, backends: Backends) -> None:
    """Index clients and learn in the background, then test the machine, alone."""

    async def warm() -> None:
        await house.shelf.warm()
        await asyncio.to_thread(backends.prepare_drafting)
        if backends.test_machine is not None:
            await backends.test_machine()

    warming = asyncio.create_task(warm(), name="warm")

    async def stop() -> None:
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)

    stack.push_async_callback(stop)


async def accept_browser(offer: str, codec: CodecName) -> tuple[Endpoint, str]:
    """The browser of an operator or of a supervisor joins a call."""
    return await WebRtcEndpoint.accept(offer, prefer=codec)


@asynccontextmanager
async def _bus(settings: Settings) -> AsyncIterator[Bus]:
    if settings.redis_url:
        from copilot.redis_bus import RedisBus

        async with RedisBus(settings.redis_url) as shared:
            yield shared
    else:
        async with InProcessBus() as alone:
            yield alone


def house_cookie(settings: Settings) -> SessionCookie:
    """Signs with the secret of the settings, else with the one kept in the data folder."""
    secret = settings.secret or house_secret(settings.data_dir / "secret")
    return SessionCookie(
        secret=secret, secure=settings.secure_cookies or bool(settings.trusted_proxy)
    )
