"""Every part of the house, built in order and taken down in the opposite one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from copilot.heldcalls import HeldCalls
from copilot.languagemodel.secretary import Secretary
from copilot.quality.watcher import AlertWatcher
from copilot.reception import Assistance, Media, Reception
from copilot.reception.tolls import Tolls
from copilot.recording.folder import RecordingFolder
from copilot.recording.recordings import Recordings
from copilot.settings import Settings
from copilot.supervision import Supervision
from copilot.training.runs import TrainingRuns
from copilot.viruses import Scanner
from copilot.waiting.line import WaitingLine
from copilot.waiting.sounds import ClientSounds
from knowledge.confidence import read_calibration
from models.listening import Listener, open_hearing
from telephony.bridge import Bridge
from telephony.call import CodecName, Endpoint
from telephony.turnwatch import TurnWatch
from telephony.webrtc import WebRtcEndpoint
from web.appointments import open_appointments
from web.composition.backends import Backends, packaged_backends
from web.composition.foundations import Foundations, open_foundations
from web.composition.knowing import KnowledgeParts, open_knowledge
from web.composition.places import (
    calibration_file,
    house_cookie,
    public_url,
    recordings_folder,
)
from web.composition.recognition import asr_listening
from web.composition.starting import start
from web.delivering import open_outgoing
from web.demo import DemoLines
from web.dialling import tariff, toll_limits
from web.house import House
from web.inquiring import open_inquiries
from web.languagemodel import open_secretary, written_about
from web.line import WayOut, line_accounts, open_audiosocket, open_line, turn_servers
from web.panel import PanelHosts, panel_origins
from web.sipaccounts import SipAccounts
from web.streams import MediaStreams

THINKERS = 2
"""Threads for suggestions and drafts: each takes milliseconds, recognition needs the cores."""


@asynccontextmanager
async def open_house(
    settings: Settings,
    *,
    demonstration: bool = False,
    backends: Backends | None = None,
    telephony: bool = False,
    on_warm: Callable[[], None] = lambda: None,
) -> AsyncIterator[House]:
    """Build every part, in order; leaving takes them down in the opposite order.

    `on_warm` is called once what loads in the background has loaded.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    backends = backends or packaged_backends(settings)
    async with AsyncExitStack() as stack:
        base = await open_foundations(
            settings, stack, demonstration=demonstration, telephony=telephony
        )
        executor = ThreadPoolExecutor(max_workers=THINKERS, thread_name_prefix="think")
        stack.callback(executor.shutdown, wait=True, cancel_futures=True)
        hearing = await stack.enter_async_context(
            open_hearing(backends.recogniser, settings=asr_listening(settings))
        )
        known = await open_knowledge(settings, stack, base, backends, executor)
        lines = line_accounts(settings)
        recordings = await stack.enter_async_context(
            Recordings(
                store=base.store,
                folder=RecordingFolder(recordings_folder(settings)),
                now=base.journal.now,
            )
        )
        secretary = await open_secretary(settings, stack, base.store, base.journal, executor)
        way_out, turn = WayOut(), turn_servers(settings)
        tolls = Tolls(
            dial=way_out.dial,
            store=base.store,
            limits=toll_limits(settings),
            tariff=tariff(settings),
            now=base.journal.now,
        )
        stack.push_async_callback(tolls.close)
        assistance = _assistance(backends, hearing, known, executor)
        training = await stack.enter_async_context(
            TrainingRuns(
                store=base.store,
                assistance=assistance,
                likeness=backends.likeness,
                now=base.journal.now,
            ).running()
        )
        reception = _reception(
            settings,
            base,
            assistance,
            tolls=tolls,
            lines=lines,
            secretary=secretary,
            recordings=recordings,
        )
        outgoing = open_outgoing(
            settings, base.store, base.journal, base.keyring, base.email, public_url(settings)
        )
        scanner = Scanner(settings.clamd) if settings.clamd else None
        inquiries = await open_inquiries(
            settings,
            stack,
            base.store,
            base.journal,
            assistance,
            outgoing,
            base.bus,
            scanner=scanner,
            telephony=telephony,
        )
        house = House(
            store=base.store,
            bus=base.bus,
            journal=base.journal,
            board=base.board,
            alerts=AlertWatcher(
                store=base.store, bus=base.bus, board=base.board, now=base.journal.now
            ),
            attendance=base.attendance,
            line=WaitingLine(board=base.board, attendance=base.attendance, now=base.journal.now),
            reception=reception,
            held=_held(settings, base, reception, recordings),
            supervision=Supervision(
                find=reception.calls.find,
                audit=base.store.audit,
                accept=accept_browser,
                now=base.journal.now,
            ),
            recordings=recordings,
            shelf=known.shelf,
            gaps=known.gaps,
            calibration=read_calibration(calibration_file(settings)),
            imports=known.imports,
            knowledge_changed=known.changed,
            wordings=known.wordings,
            hearing=hearing,
            delivery=await stack.enter_async_context(outgoing.worker),
            outgoing=outgoing,
            appointments=await open_appointments(
                settings, stack, base.store, base.journal, outgoing
            ),
            scanner=scanner,
            inquiries=inquiries,
            secretary=secretary,
            accounts=base.accounts,
            trust=base.trust,
            cookie=house_cookie(settings),
            demo=DemoLines(reception.arrivals.receive) if demonstration else None,
            accounts_shown=base.accounts_shown,
            training=training,
            panel=PanelHosts(
                origins=panel_origins(settings.panel_origins), operators=lines.operators
            ),
            streams=MediaStreams(
                reception,
                token=settings.line_token,
                key=settings.mediastream_key,
                public_url=public_url(settings),
            ),
            audiosocket=open_audiosocket(settings, reception) if telephony else None,
            sip=open_line(settings, lines, reception) if telephony else None,
            turn=turn,
            turn_watch=TurnWatch(turn) if turn is not None else None,
        )
        way_out.line = house.sip
        if telephony:
            await start(house, stack, backends, audit_days=settings.audit_days, on_warm=on_warm)
        yield house


async def accept_browser(offer: str, codec: CodecName) -> tuple[Endpoint, str]:
    """The browser of an operator or of a supervisor joins a call."""
    return await WebRtcEndpoint.accept(offer, prefer=codec)


def _assistance(
    backends: Backends, hearing: Listener, known: KnowledgeParts, executor: Executor
) -> Assistance:
    return Assistance(
        hearing=hearing,
        prompter=known.shelf.prompter,
        missed=known.gaps.missed,
        open_drafter=backends.open_drafter,
        executor=executor,
    )


def _held(
    settings: Settings, base: Foundations, reception: Reception, recordings: Recordings
) -> HeldCalls | None:
    if not settings.redis_url:
        return None
    return HeldCalls(
        settings.redis_url,
        held=lambda: [call.call_id for call in reception.calls],
        store=base.store,
        bus=base.bus,
        now=base.journal.now,
        ended=partial(recordings.close_interrupted, others=True),
    )


def _reception(
    settings: Settings,
    base: Foundations,
    assistance: Assistance,
    *,
    tolls: Tolls,
    lines: SipAccounts,
    secretary: Secretary | None,
    recordings: Recordings,
) -> Reception:
    sounds = ClientSounds(base.store)
    return Reception(
        store=base.store,
        journal=base.journal,
        assistance=assistance,
        media=Media(
            bridge=Bridge,
            accept_operator=accept_browser,
            place=tolls.dial,
            waiting=sounds.while_called,
            announcement=sounds.for_callee,
            refers=settings.transfer_refer,
        ),
        ring_timeout_s=settings.ring_timeout_s,
        no_audio_s=settings.no_audio_s,
        operators=lines.operators,
        left=written_about(secretary),
        sounds=sounds,
        most_waiting=settings.most_waiting,
        released=base.attendance.call_ended,
        recordings=recordings,
    )
