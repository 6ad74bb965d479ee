"""SIP transactions (RFC 3261 section 17, with the Accepted state of RFC 6026). No I/O, no clock.

Messages and the time go in; effects come out in order, for the shell to carry out. A repeated
request never reaches the caller of this layer: it is absorbed and the last answer is sent again.
"""

from __future__ import annotations

from aiosipua.message import SipRequest, SipResponse

from telephony.sip.alarms import Alarm, Alarms
from telephony.sip.message import (
    Address,
    respond,
    response_destination,
    sequence_of,
    tag_of,
    top_via,
)
from telephony.sip.transaction import (
    AckArrived,
    ClientTransaction,
    Effect,
    Forgotten,
    Key,
    RequestArrived,
    ResponseArrived,
    Send,
    ServerTransaction,
    Spent,
    State,
    TimedOut,
    Timers,
    Transaction,
)

MAGIC_COOKIE = "z9hG4bK"


class TransactionLayer:
    """Every transaction of one transport.

    `reliable` transports (TCP, TLS) retransmit nothing but the 2xx of an INVITE. `capacity` bounds
    the server transactions remembered: a flood beyond it is dropped unanswered.
    """

    def __init__(
        self, *, timers: Timers | None = None, reliable: bool = False, capacity: int = 50_000
    ) -> None:
        self._timers = timers or Timers()
        self._reliable = reliable
        self._capacity = capacity
        self._servers: dict[Key, ServerTransaction | Spent] = {}
        self._clients: dict[Key, ClientTransaction] = {}
        self._alarms: Alarms[Transaction] = Alarms()
        self.requests_absorbed = 0
        self.requests_dropped = 0

    def __len__(self) -> int:
        return len(self._servers) + len(self._clients)

    # Server side

    def receive_request(self, request: SipRequest, source: Address, now_s: float) -> list[Effect]:
        """Take a request off the wire, already checked and stamped with its source."""
        key = server_key(request)
        known = self._servers.get(key)
        if request.method == "ACK":
            return self._receive_ack(request, source, known, now_s)
        if known is not None:
            self.requests_absorbed += 1
            return self._replay(known)
        if len(self._servers) >= self._capacity:
            self.requests_dropped += 1
            return []
        transaction = ServerTransaction(
            key=key,
            request=request,
            source=source,
            destination=source if self._reliable else response_destination(request, source),
            state=State.PROCEEDING if request.method == "INVITE" else State.TRYING,
        )
        self._servers[key] = transaction
        return [RequestArrived(transaction)]

    def respond(
        self, transaction: ServerTransaction, response: SipResponse, now_s: float
    ) -> list[Effect]:
        """Answer. A second final answer, or anything after one, is ignored."""
        if transaction.state not in (State.TRYING, State.PROCEEDING):
            return []
        transaction.last_response = bytes(response)
        status = response.status_code
        if status < 200:
            transaction.state = State.PROCEEDING
        elif transaction.request.method != "INVITE":
            transaction.state = State.COMPLETED
            delay_s = 0 if self._reliable else self._timers.give_up
            self._alarms.set(self._spent(transaction), "J", delay_s, now_s)
        elif status < 300:
            # RFC 6026: the transaction outlives its 2xx, so that a late copy of the INVITE is
            # not taken for a new call. The 2xx is repeated on every transport.
            transaction.state = State.ACCEPTED
            self._alarms.set(transaction, "2xx", self._timers.t1, now_s)
            self._alarms.set(transaction, "L", self._timers.give_up, now_s)
        else:
            transaction.state = State.COMPLETED
            spent = self._spent(transaction)
            if not self._reliable:
                self._alarms.set(spent, "G", self._timers.t1, now_s)
            self._alarms.set(spent, "H", self._timers.give_up, now_s)
        return [Send(transaction.last_response, transaction.destination)]

    def _spent(self, transaction: ServerTransaction) -> Spent:
        """What stays of it here; the transaction itself is its user's to drop."""
        spent = Spent(
            key=transaction.key,
            destination=transaction.destination,
            state=transaction.state,
            last_response=transaction.last_response,
            token=transaction.token,
        )
        self._servers[transaction.key] = spent
        return spent

    def forget(self, transaction: ServerTransaction) -> None:
        """Know nothing of a request that was not answered here: a copy is a new one."""
        self._servers.pop(transaction.key, None)
        transaction.state = State.TERMINATED

    def acknowledge(self, transaction: ServerTransaction) -> None:
        """The ACK of a 2xx reached its dialog: stop repeating the 2xx."""
        transaction.acknowledged = True

    def invite_cancelled_by(self, cancel: SipRequest) -> ServerTransaction | Spent | None:
        """The INVITE a CANCEL is about (RFC 3261 section 9.2)."""
        return self._servers.get(server_key(cancel, method="INVITE"))

    def _receive_ack(
        self,
        request: SipRequest,
        source: Address,
        known: ServerTransaction | Spent | None,
        now_s: float,
    ) -> list[Effect]:
        if known is None or known.state is State.ACCEPTED:
            return [AckArrived(request, source)]
        if known.state is State.COMPLETED:
            known.state = State.CONFIRMED
            self._alarms.cancel(known)
            self._alarms.set(known, "I", 0 if self._reliable else self._timers.t4, now_s)
        return []

    def _replay(self, transaction: ServerTransaction | Spent) -> list[Effect]:
        if transaction.state in (State.CONFIRMED, State.TERMINATED):
            return []
        if isinstance(transaction, ServerTransaction) and transaction.acknowledged:
            return []
        if not transaction.last_response:
            return []
        return [Send(transaction.last_response, transaction.destination)]

    # Client side

    def send_request(
        self, request: SipRequest, destination: Address, now_s: float
    ) -> tuple[ClientTransaction, list[Effect]]:
        """Send a request (not ACK) and answer for its retransmission."""
        via = top_via(request)
        invite = request.method == "INVITE"
        transaction = ClientTransaction(
            key=(via.branch or "", request.method),
            request=request,
            data=bytes(request),
            destination=destination,
            state=State.CALLING if invite else State.TRYING,
        )
        self._clients[transaction.key] = transaction
        if request.method == "CANCEL":
            self._await_end(via.branch or "", now_s)
        if not self._reliable:
            self._alarms.set(transaction, "A" if invite else "E", self._timers.t1, now_s)
        self._alarms.set(transaction, "B" if invite else "F", self._timers.give_up, now_s)
        return transaction, [Send(transaction.data, destination)]

    def _await_end(self, branch: str, now_s: float) -> None:
        """A cancelled INVITE without a final answer is given up (RFC 3261 section 9.1)."""
        invite = self._clients.get((branch, "INVITE"))
        if invite is not None and invite.state is State.PROCEEDING:
            self._alarms.set(invite, "B", self._timers.give_up, now_s)

    def receive_response(self, response: SipResponse, now_s: float) -> list[Effect]:
        """Take a response off the wire; one that answers nothing of ours is dropped."""
        key = (top_via(response).branch or "", sequence_of(response)[1])
        transaction = self._clients.get(key)
        if transaction is None:
            return []
        if key[1] == "INVITE":
            return self._invite_response(transaction, response, now_s)
        return self._other_response(transaction, response, now_s)

    def _invite_response(
        self, transaction: ClientTransaction, response: SipResponse, now_s: float
    ) -> list[Effect]:
        status = response.status_code
        if transaction.state in (State.CALLING, State.PROCEEDING):
            if status >= 200 or transaction.state is State.CALLING:
                self._alarms.cancel(transaction)  # timers A and B
            if status < 200:
                transaction.state = State.PROCEEDING
            elif status < 300:
                transaction.state = State.ACCEPTED
                self._alarms.set(transaction, "M", self._timers.give_up, now_s)
            else:
                transaction.state = State.COMPLETED
                transaction.ack = bytes(_acknowledge(transaction.request, response))
                delay_s = 0 if self._reliable else self._timers.give_up
                self._alarms.set(transaction, "D", delay_s, now_s)
                return [
                    Send(transaction.ack, transaction.destination),
                    ResponseArrived(transaction, response),
                ]
            return [ResponseArrived(transaction, response)]
        if transaction.state is State.COMPLETED and status >= 300:
            return [Send(transaction.ack, transaction.destination)]
        if transaction.state is State.ACCEPTED and 200 <= status < 300:
            return [ResponseArrived(transaction, response)]
        return []

    def _other_response(
        self, transaction: ClientTransaction, response: SipResponse, now_s: float
    ) -> list[Effect]:
        if transaction.state not in (State.TRYING, State.PROCEEDING):
            return []
        if response.status_code < 200:
            transaction.state = State.PROCEEDING
        else:
            transaction.state = State.COMPLETED
            self._alarms.cancel(transaction)  # timers E and F
            self._alarms.set(transaction, "K", 0 if self._reliable else self._timers.t4, now_s)
        return [ResponseArrived(transaction, response)]

    # Time

    def next_due_s(self) -> float | None:
        """When `advance` wants to be called next."""
        return self._alarms.next_due_s()

    def advance(self, now_s: float) -> list[Effect]:
        """Fire every timer that is due."""
        effects: list[Effect] = []
        for alarm in self._alarms.due(now_s):
            if alarm.owner.state is not State.TERMINATED:
                effects += self._fire(alarm, now_s)
        return effects

    def _fire(self, alarm: Alarm[Transaction], now_s: float) -> list[Effect]:
        transaction, doubled_s = alarm.owner, min(2 * alarm.interval_s, self._timers.t2)
        match alarm.name:
            case "A":
                doubled_s = 2 * alarm.interval_s  # without a ceiling (section 17.1.1.2)
            case "E" if transaction.state is State.PROCEEDING:
                doubled_s = self._timers.t2
            case "2xx" if isinstance(transaction, ServerTransaction) and transaction.acknowledged:
                return []
            case "E" | "G" | "2xx":
                pass
            case _:
                return self._terminate(alarm.name, transaction)
        self._alarms.set(transaction, alarm.name, doubled_s, now_s)
        if isinstance(transaction, ClientTransaction):
            return [Send(transaction.data, transaction.destination)]
        return [Send(transaction.last_response, transaction.destination)]

    def _terminate(self, timer: str, transaction: Transaction) -> list[Effect]:
        transaction.state = State.TERMINATED
        self._alarms.cancel(transaction)
        if isinstance(transaction, ClientTransaction):
            self._clients.pop(transaction.key, None)
            return [TimedOut(transaction)] if timer in ("B", "F") else []
        self._servers.pop(transaction.key, None)
        unheard = timer == "H" or (
            isinstance(transaction, ServerTransaction) and not transaction.acknowledged
        )
        ended: list[Effect] = [TimedOut(transaction)] if unheard else []
        return [*ended, Forgotten(transaction.token)]


def server_key(request: SipRequest, *, method: str | None = None) -> Key:
    """What makes two requests the same one (RFC 3261 section 17.2.3).

    ACK belongs to its INVITE. Without the magic cookie in the branch (RFC 2543 peers), the
    request's own headers tell.
    """
    via = top_via(request)
    of = method or ("INVITE" if request.method == "ACK" else request.method)
    branch = via.branch or ""
    if branch.lower().startswith(MAGIC_COOKIE.lower()) and len(branch) > len(MAGIC_COOKIE):
        return (branch.lower(), via.host.lower(), str(via.port or 5060), of)
    number, _ = sequence_of(request)
    call_id = request.call_id or ""
    sent_by = f"{via.host}:{via.port};{branch}"
    return ("rfc2543", call_id, tag_of(request, "from"), str(number), sent_by, request.uri, of)


def _acknowledge(request: SipRequest, response: SipResponse) -> SipRequest:
    """The ACK of a refusal: same branch, To of the refusal (RFC 3261 section 17.1.1.3)."""
    ack = SipRequest(method="ACK", uri=request.uri)
    ack.headers.append("Via", request.headers.get("via")[0])
    for name in ("From", "Call-ID"):
        ack.headers.set_single(name, request.headers.get_first(name) or "")
    ack.headers.set_single("To", response.headers.get_first("to") or "")
    ack.headers.set_single("CSeq", f"{sequence_of(request)[0]} ACK")
    ack.headers.set_single("Max-Forwards", "70")
    for route in request.headers.get("route"):
        ack.headers.append("Route", route)
    return ack


def trying(transaction: ServerTransaction) -> SipResponse:
    """100 Trying, with the Timestamp it must echo (RFC 3261 section 8.2.6.1)."""
    response = respond(transaction.request, 100, "Trying")
    timestamp = transaction.request.get_header("timestamp")
    if timestamp:
        response.headers.set_single("Timestamp", timestamp)
    return response
