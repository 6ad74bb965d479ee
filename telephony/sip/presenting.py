"""Who an outgoing INVITE says is calling, and where it goes (RFC 3261 section 8.1.1)."""

from __future__ import annotations

from aiosipua.utils import bracket_ipv6, generate_tag

from telephony.call import Presented
from telephony.dialplan import DialPlan
from telephony.sip.channel import Channel
from telephony.sip.dialog import Dialog
from telephony.sip.gateway import Way


def identity_headers(presented: Presented, plan: DialPlan, way: Way) -> dict[str, str]:
    """Who we say is calling, beside From (RFC 3323, RFC 3325, RFC 5806)."""
    form, headers = way.gateway.number_form, dict[str, str]()
    asserted = presented.asserted or presented.number
    if asserted and way.gateway.showing != "from":
        headers["P-Asserted-Identity"] = f"<sip:{plan.written(asserted, form)}@{way.domain}>"
    if presented.diverted_from:
        number = plan.written(presented.diverted_from, form)
        headers["Diversion"] = f"<sip:{number}@{way.domain}>;reason=deflection;privacy=off"
    if presented.number is None:
        headers["Privacy"] = "id"
    return headers


def _from_address(presented: Presented, plan: DialPlan, way: Way) -> str:
    number = plan.written(presented.number, way.gateway.number_form) if presented.number else ""
    if way.gateway.showing == "asserted" and (way.user or way.gateway.user):
        return f"<sip:{way.user or way.gateway.user}@{way.domain}>"
    if not number:
        return '"Anonymous" <sip:anonymous@anonymous.invalid>'
    name = "".join(sign for sign in presented.name if sign.isprintable() and sign not in '"\\')
    return f'"{name}" <sip:{number}@{way.domain}>' if name else f"<sip:{number}@{way.domain}>"


def dialog_toward(
    way: Way, uri: str, presented: Presented, plan: DialPlan, channel: Channel
) -> Dialog:
    """What the INVITE to this URI is written from."""
    host, port = channel.contact_toward(way.target.address)
    transport = channel.transport_name
    suffix = "" if transport == "UDP" else f";transport={transport.lower()}"
    user = f"{way.user}@" if way.user else ""
    return Dialog(
        call_id=generate_tag() + generate_tag(),
        local_tag=generate_tag(),
        remote_tag="",
        local_address=_from_address(presented, plan, way),
        remote_address=f"<{uri}>",
        remote_target=uri,
        route_set=way.route,
        remote_sequence=-1,
        source=way.target.address,
        contact=f"<sip:{user}{bracket_ipv6(host)}:{port}{suffix}>",
    )
