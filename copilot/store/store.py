"""The one door to the database.

store.for_client(client_id)   everything about one client, and nothing of another's
store.provider                the provider's own view across clients
store.people                  users and sessions
store.passkeys                their passkeys
store.identities              who they are at an identity provider
store.outbox                  the queue of intentions to send
store.ladders                 escalations that move on
store.agendas                 appointments to write into calendars, notices to send
store.receipts                links in letters: what each opens
store.inquiries               what is written to clients, on its way
store.mailboxes               clients' mailboxes that are read
store.floor                   ring groups, skills, who is present
store.links                   one-time links: first administrator, invitations, resets
store.audit                   who did what, chained
store.tokens                  programs' tokens
store.grids                   quality grids
store.panel_sessions          operators in panels inside other software
store.recordings              recordings that a stop left open
store.tolls                   how many calls went out, and what they cost
store.trainings               trainees' turns at exercises
"""

from __future__ import annotations

from copilot.keyfile import Keyring
from copilot.store.agendaqueue import AgendaQueue
from copilot.store.agendarules import AgendaQueries
from copilot.store.alerts import AlertQueries
from copilot.store.appointments import AppointmentQueries
from copilot.store.audit import AuditTrail
from copilot.store.database import Database
from copilot.store.escalations import EscalationQueries, Ladders
from copilot.store.evaluations import EvaluationQueries, Grids
from copilot.store.feedback import FeedbackQueries
from copilot.store.floor import Floor
from copilot.store.holding import HoldQueries
from copilot.store.identities import IdentityRows
from copilot.store.importjobs import ImportJobs
from copilot.store.inlets import InletQueries
from copilot.store.inquiries import InquiryQueries
from copilot.store.inquiryqueue import Inquiries
from copilot.store.knowncallers import KnownCallerQueries
from copilot.store.learning import LearningQueries
from copilot.store.links import Links
from copilot.store.listing import ListingQueries
from copilot.store.mailboxes import MailboxQueries, MailboxQueue
from copilot.store.masking import MaskQueries
from copilot.store.messagereplies import MessageReplyQueries
from copilot.store.messages import MessageQueries
from copilot.store.oncallbrowsers import OnCallBrowserQueries
from copilot.store.outbox import Outbox
from copilot.store.panelsessions import PanelSessionRows
from copilot.store.passkeys import PasskeyRows
from copilot.store.past import PastQueries
from copilot.store.people import People
from copilot.store.personsearch import PersonQueries
from copilot.store.privacy import PrivacyQueries
from copilot.store.profile import ProfileQueries
from copilot.store.provider import Provider
from copilot.store.pushsubscriptions import PushQueries
from copilot.store.receipts import ReceiptQueries, Receipts
from copilot.store.recordings import OpenRecordings, RecordingQueries
from copilot.store.remarks import RemarkQueries
from copilot.store.served import ServedQueries
from copilot.store.sounds import SoundQueries
from copilot.store.tokens import Tokens
from copilot.store.tollcounts import TollCounts
from copilot.store.training import TrainingQueries, Trainings
from copilot.store.transcripts import TranscriptQueries
from copilot.store.usage import UsageQueries
from copilot.store.wordings import WordingQueries


class ClientScope(
    ProfileQueries,
    LearningQueries,
    FeedbackQueries,
    WordingQueries,
    ImportJobs,
    InletQueries,
    InquiryQueries,
    MessageReplyQueries,
    MessageQueries,
    ReceiptQueries,
    EscalationQueries,
    PastQueries,
    PersonQueries,
    PrivacyQueries,
    SoundQueries,
    TrainingQueries,
    TranscriptQueries,
    HoldQueries,
    KnownCallerQueries,
    UsageQueries,
    RemarkQueries,
    EvaluationQueries,
    AlertQueries,
    MaskQueries,
    ServedQueries,
    ListingQueries,
    AgendaQueries,
    AppointmentQueries,
    RecordingQueries,
    PushQueries,
    OnCallBrowserQueries,
    MailboxQueries,
):
    """One client's data. Another client's is as good as absent: `NotFoundError`."""


class Store:
    """The database, migrated beforehand (`copilot.store.migrate`)."""

    def __init__(self, url: str, *, keyring: Keyring) -> None:
        """`sqlite:///souffleur.db` or `postgresql://user:password@host/name`; `keyring`: the keys
        that are not in it.

        Raises `UnavailableError` on an address that cannot be one; connects when first used.
        """
        self.database = Database(url, keyring=keyring)
        self.provider = Provider(self.database)
        self.people = People(self.database)
        self.passkeys = PasskeyRows(self.database)
        self.identities = IdentityRows(self.database)
        self.floor = Floor(self.database)
        self.links = Links(self.database)
        self.outbox = Outbox(self.database)
        self.ladders = Ladders(self.database)
        self.agendas = AgendaQueue(self.database)
        self.receipts = Receipts(self.database)
        self.inquiries = Inquiries(self.database)
        self.mailboxes = MailboxQueue(self.database)
        self.audit = AuditTrail(self.database)
        self.tokens = Tokens(self.database)
        self.grids = Grids(self.database)
        self.panel_sessions = PanelSessionRows(self.database)
        self.recordings = OpenRecordings(self.database)
        self.tolls = TollCounts(self.database)
        self.trainings = Trainings(self.database)

    def for_client(self, client_id: str) -> ClientScope:
        """A view of one client; costs nothing, checks nothing until it is used."""
        return ClientScope(self.database, client_id)

    async def close(self) -> None:
        """Give the connections back. Idempotent."""
        await self.database.close()

    async def __aenter__(self) -> Store:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
