"""What the routes work with: every part, built by `web.composition`, in the app's state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from copilot.accounts import Accounts
from copilot.board import LiveBoard
from copilot.bus import Bus
from copilot.delivery.worker import DeliveryWorker
from copilot.demo.seed import DemoAccounts
from copilot.heldcalls import HeldCalls
from copilot.imports import Changed, Imports
from copilot.journal import Journal
from copilot.knowledgegaps import GapKeeper
from copilot.knowledgeshelf import KnowledgeShelf
from copilot.languagemodel.secretary import Secretary
from copilot.quality.watcher import AlertWatcher
from copilot.reception import Reception
from copilot.recording.recordings import Recordings
from copilot.store.store import Store
from copilot.supervision import Supervision
from copilot.training.runs import TrainingRuns
from copilot.viruses import Scanner
from copilot.waiting.attendance import Attendance
from copilot.waiting.line import WaitingLine
from copilot.wordings import WordingProposer
from knowledge.confidence import Calibration
from models.listening import Listener
from telephony.audiosocket import AudioSocketServer
from telephony.sip import SipServer
from telephony.turn import TurnServers
from telephony.turnwatch import TurnWatch
from web.appointments import Appointments
from web.cookies import SessionCookie
from web.delivering import Outgoing
from web.demo import DemoLines
from web.inquiring import Inquiries
from web.panel import PanelHosts
from web.streams import MediaStreams
from web.trust import Trust


@dataclass(frozen=True, kw_only=True)
class House:
    """The parts of a running Souffleur."""

    store: Store
    bus: Bus
    journal: Journal
    board: LiveBoard
    alerts: AlertWatcher
    attendance: Attendance
    """Who is present, in every process."""
    line: WaitingLine
    reception: Reception
    held: HeldCalls | None
    """None where one process has all calls."""
    supervision: Supervision
    recordings: Recordings
    shelf: KnowledgeShelf
    gaps: GapKeeper
    calibration: Calibration
    """Weights of the suggestions, in force for every client."""
    imports: Imports
    knowledge_changed: Changed
    """To be told the client and its version whenever knowledge changed."""
    wordings: WordingProposer | None
    """Has other wordings of entries written; None without a language model."""
    hearing: Listener
    delivery: DeliveryWorker
    outgoing: Outgoing
    """Channels, and the links in what they send."""
    appointments: Appointments
    scanner: Scanner | None
    """Looks at files that come in; None without an antivirus."""
    inquiries: Inquiries
    """What is written to clients, on its way in and out."""
    secretary: Secretary | None
    """None where no language model is set."""
    accounts: Accounts
    trust: Trust
    cookie: SessionCookie
    demo: DemoLines | None
    """Only in the demonstration."""
    accounts_shown: DemoAccounts | None
    """Demonstration accounts, to be printed at start."""
    training: TrainingRuns
    """Exercises being played."""
    panel: PanelHosts
    """Other software that the panel may stand in."""
    streams: MediaStreams
    audiosocket: AudioSocketServer | None
    """None without a port for it, or where no calls are taken."""
    sip: SipServer | None
    """None where no calls are taken (a command)."""
    turn: TurnServers | None
    """For browsers on strict networks, where they are set up."""
    turn_watch: TurnWatch | None
    """Asks them now and then."""


def house_of(connection: HTTPConnection) -> House:
    """The house of a request or of a socket."""
    house: House = connection.state.house
    return house


InHouse = Annotated[House, Depends(house_of)]
