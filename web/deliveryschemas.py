"""The JSON of delivery: routes, policy, on-call list, what became of a message, its links."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from web.schemas import MessageView, Schema

Urgency = Literal["normal", "urgent", "critique"]
Pace = Literal["now", "hourly", "daily"]
ChannelName = Literal["email", "webhook", "sms", "notify", "crm", "push"]


class RouteInput(Schema):
    """One way messages go out, beside the client's recipients."""

    channel: ChannelName
    to: str
    """An e-mail address, where a webhook posts (https), a number (E.164), the name given to a
    channel (Slack, Teams...), or `portal` for the browsers that people added there."""
    urgencies: list[str] = []
    """`normal`, `urgent`, `critique`; empty: all."""
    address: str | None = Field(default=None, max_length=2000)
    """Of a named channel, as Apprise writes it; of a CRM its token; null keeps the one it has.
    Never given back."""
    on_call_only: bool = False
    """Of a named channel: only for people on call."""
    looks_up: bool = False
    """Of a CRM, or of a webhook that answers for one: it is asked who calls."""


class RoutesEdit(Schema):
    """All the routes, whole."""

    routes: list[RouteInput]


class RouteView(Schema):
    channel: ChannelName
    to: str
    urgencies: list[str]
    secret: str | None
    """Of a webhook: signs what is posted (Standard Webhooks, `whsec_...`)."""
    service: str | None
    """Of a named channel: whose it is."""
    on_call_only: bool
    looks_up: bool


class PolicyView(Schema):
    """When messages leave, and whether what was said does. What is critical never waits."""

    normal: Pace = "now"
    urgent: Pace = "now"
    digest_at: str = "18:00"
    """Local time of the daily digest."""
    quiet_from: str | None = None
    quiet_until: str | None = None
    """Local; not after `quiet_from`: the next morning."""
    quiet_urgent: bool = False
    """Urgent messages wait too."""
    content: Literal["full", "link"] | None = None
    """`link`: only a link leaves; null: as the trade asks."""
    link_days: int = 14


class OnCallContactView(Schema):
    name: str = Field(max_length=100)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=20)
    """E.164: gets text messages."""
    route: str | None = Field(default=None, max_length=80)
    """One of the client's named channels."""
    push: bool = False
    """Their browsers too: those added in the portal by the account of this e-mail."""
    wait_minutes: int = 10


class OnCallShiftView(Schema):
    contacts: list[str]
    """Names, in the order of trying."""
    weekdays: list[int] = []
    """1 (Monday) to 7; empty: every day."""
    from_time: str = "00:00"
    until_time: str = "00:00"
    """Local, exclusive; not after `from_time`: the next day."""


class OnCallExceptionView(Schema):
    contacts: list[str]
    first: date
    last: date
    """Included."""


class OnCallView(Schema):
    """Whom urgent messages are taken to until somebody acknowledges."""

    contacts: list[OnCallContactView] = []
    shifts: list[OnCallShiftView] = []
    exceptions: list[OnCallExceptionView] = []
    urgencies: list[str] = ["critique"]
    rounds: int = 2


class DeliveryEdit(Schema):
    """What is left out stays as it is. With the version of what was read, a change that somebody
    made meanwhile is not overwritten (409)."""

    recipients: list[str] | None = None
    policy: PolicyView | None = None
    on_call: OnCallView | None = None
    version: str | None = Field(None, max_length=64)
    """Of the recipients and the policy."""
    on_call_version: str | None = Field(None, max_length=64)


class DeliverySettings(Schema):
    recipients: list[str]
    policy: PolicyView
    on_call: OnCallView
    version: str
    on_call_version: str
    time_zone: str
    content: Literal["full", "link"]
    """What leaves, the trade's usage included."""
    on_call_now: list[str]
    """Who would be tried now, in order."""
    channels: list[ChannelName]
    """Those that this house can send by."""
    notified: list[str]
    """E-mails of the client's accounts with a browser that is notified, in lower case."""


class TrialRequest(Schema):
    """A trial note to one of the client's own recipients, routes or contacts."""

    channel: ChannelName
    to: str


class TrialResult(Schema):
    delivered: bool
    detail: str
    """Why not, in French; empty when delivered."""


class TryView(Schema):
    """One intention to send a message, as it stands."""

    channel: str
    recipient: str
    state: Literal["pending", "sending", "delivered", "dead", "cancelled"]
    attempts: int
    pace: Pace
    step: int
    """The rung of the escalation; 0: the client's recipients."""
    next_attempt_at: datetime | None
    last_error: str | None
    delivered_at: datetime | None
    read_at: datetime | None
    acknowledged_at: datetime | None
    revoked: bool


class RungView(Schema):
    step: int
    name: str
    round: int
    channels: list[str]
    wait_s: float


class EscalationView(Schema):
    state: Literal["running", "acknowledged", "exhausted", "stopped"]
    step: int
    """Rungs tried so far, the present one included."""
    rungs: list[RungView]
    started_at: datetime
    next_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None


class ReplyView(Schema):
    """What somebody answered to the letter, which acknowledged it."""

    sender: str
    text: str
    at: datetime


class DeliveryView(Schema):
    """What became of a message."""

    message: MessageView
    tries: list[TryView]
    escalation: EscalationView | None
    replies: list[ReplyView] = []
    """Oldest first."""


class AttentionItem(Schema):
    """A message that somebody should look at, and why."""

    message: MessageView
    client_name: str
    why: Literal["unacknowledged", "exhausted", "failed"]
    escalation: EscalationView | None


class ReceiptToken(Schema):
    token: str = Field(max_length=200)


class OpenReceipt(ReceiptToken):
    code: str | None = Field(default=None, max_length=20)
    """Needed unless somebody who may see the message is signed in."""


class ReceiptView(Schema):
    """What a link says to whoever holds it: nothing of what was said."""

    client_name: str
    urgency: str
    at: datetime
    """When the message was taken."""
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    code_to: str | None
    """Where a code can be sent, masked; null: only signing in opens it."""


class ReceiptRow(Schema):
    label: str
    value: str


class OpenedReceipt(Schema):
    """The message itself."""

    receipt: ReceiptView
    rows: list[ReceiptRow]
    note: str
    taken_by: str
