"""The peer-to-peer side of a call (RFC 3261 section 12): tags, numbers, routes."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from aiosipua.message import SipMessage, SipRequest
from aiosipua.utils import bracket_ipv6, generate_branch, generate_tag

from telephony.sip.headers import split_values
from telephony.sip.message import Address, is_address, sequence_of, tag_of
from telephony.sip.uri import parse_uri, uri_in


@dataclass(slots=True, kw_only=True)
class Dialog:
    """One dialog, whoever began it."""

    call_id: str
    local_tag: str
    remote_tag: str
    local_address: str
    """We in From or To, without the tag."""
    remote_address: str
    """The peer in From or To, without the tag."""
    remote_target: str
    """URI of the peer's Contact."""
    route_set: tuple[str, ...]
    """Record-Route in the order that is ours to send: as received where we were called (12.1.1),
    turned round where we call (12.1.2)."""
    remote_sequence: int
    local_sequence: int = 0
    source: Address
    """Where the INVITE came from, or went to."""
    contact: str = field(default="")

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.call_id, self.local_tag, self.remote_tag)

    def accepts(self, request: SipRequest) -> bool:
        """Record a request's number; False when it is out of order (section 12.2.2)."""
        number, _ = sequence_of(request)
        if number <= self.remote_sequence:
            return False
        self.remote_sequence = number
        return True

    def refresh_target(self, request: SipRequest) -> None:
        """A re-INVITE or UPDATE may move the peer's Contact (section 12.2.1.2)."""
        target = contact_uri(request)
        if target:
            self.remote_target = target

    def request(
        self, method: str, *, via: Address, transport: str = "UDP", number: int | None = None
    ) -> SipRequest:
        """Build a request of ours within the dialog, routed by section 12.2.1.1.

        `number` is that of the INVITE an ACK belongs to; others get the next one.
        """
        if number is None:
            self.local_sequence += 1
            number = self.local_sequence
        uri, routes = self.remote_target, list(self.route_set)
        first = parse_uri(uri_in(routes[0])) if routes else None
        if first is not None and "lr" not in first.parameters:
            # A strict router: its URI is the Request-URI, the target goes last.
            uri, routes = uri_in(routes[0]), [*routes[1:], f"<{self.remote_target}>"]
        request = SipRequest(method=method, uri=uri)
        sent_by = f"{bracket_ipv6(via[0])}:{via[1]}"
        request.headers.append(
            "Via", f"SIP/2.0/{transport} {sent_by};branch={generate_branch()};rport"
        )
        request.headers.set_single("Max-Forwards", "70")
        for route in routes:
            request.headers.append("Route", route)
        request.headers.set_single("From", f"{self.local_address};tag={self.local_tag}")
        tag = f";tag={self.remote_tag}" if self.remote_tag else ""
        request.headers.set_single("To", f"{self.remote_address}{tag}")
        request.headers.set_single("Call-ID", self.call_id)
        request.headers.set_single("CSeq", f"{number} {method}")
        request.headers.set_single("Contact", self.contact)
        return request

    def next_hop(self) -> Address:
        """Where our requests go: the first route, else the peer's Contact, when an IP address.

        A name would have to be looked up, and a phone behind a translator writes a private
        address we cannot reach: then it is where the INVITE came from.
        """
        uri = parse_uri(uri_in(self.route_set[0]) if self.route_set else self.remote_target)
        if uri is None or not is_address(uri.host):
            return self.source
        host, port = uri.host.strip("[]"), uri.port or 5060
        behind_translator = _is_private(host) and not _is_private(self.source[0])
        return self.source if behind_translator else (host, port)


def _is_private(host: str) -> bool:
    return ipaddress.ip_address(host).is_private


def dialog_of(invite: SipRequest, source: Address) -> Dialog:
    """The dialog an INVITE from outside any dialog would create."""
    return Dialog(
        call_id=invite.call_id or "",
        local_tag=generate_tag(),
        remote_tag=tag_of(invite, "from"),
        local_address=_without_tag(invite.headers.get_first("to") or ""),
        remote_address=_without_tag(invite.headers.get_first("from") or ""),
        remote_target=contact_uri(invite) or uri_in(invite.headers.get_first("from") or ""),
        route_set=tuple(split_values(invite.headers.get("record-route"))),
        remote_sequence=sequence_of(invite)[0],
        source=source,
    )


def contact_toward(invite: SipRequest, local: Address, transport: str) -> str:
    """Our Contact: by the transport the INVITE came by, `sips` where it was asked for (12.1.1)."""
    routes = split_values(invite.headers.get("record-route"))
    asked = (invite.uri, uri_in(routes[0]) if routes else contact_uri(invite))
    host, port = local
    place = f"{bracket_ipv6(host)}:{port}"
    if any(uri.lower().startswith("sips:") for uri in asked):
        return f"<sips:{place}>"
    suffix = "" if transport == "UDP" else f";transport={transport.lower()}"
    return f"<sip:{place}{suffix}>"


def dialog_key(request: SipRequest) -> tuple[str, str, str]:
    """The dialog a request from the peer says it belongs to."""
    return (request.call_id or "", tag_of(request, "to"), tag_of(request, "from"))


def contact_uri(message: SipMessage) -> str:
    """URI of the first Contact, "" without one."""
    contacts = split_values(message.headers.get("contact"))
    return uri_in(contacts[0]) if contacts else ""


def _without_tag(name_address: str) -> str:
    if "<" not in name_address:
        name_address = f"<{name_address.partition(';')[0].strip()}>"
    return re.sub(r";\s*tag\s*=[^;>]*(?=;|$)", "", name_address)
