"""Scenarios of SIPp, a line a step, and SIPp as somebody who is called.

A step is what is awaited (`"INVITE"`, `"200"`) or what is sent (`Say`); SIPp ends with an error
when anything else comes, or comes too late.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from xml.sax.saxutils import quoteattr

from tests.servers import free_port

OFFER = """v=0
o=- 1 {version} IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 40000 RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a={direction}
"""


@dataclass(frozen=True, kw_only=True)
class Say:
    """A message of SIPp's: an answer (`180 Ringing`) to the last request, or a request."""

    line: str
    cseq: str = ""
    """Of a request; of an answer to the INVITE that is not the last request: `1 INVITE`."""
    headers: tuple[str, ...] = ()
    sdp: str = ""
    """The direction of the session description, empty for none."""
    version: int = 1
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class Await:
    """A message that must come, with what its text must match, all of it."""

    what: str
    matching: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pause:
    milliseconds: int


Step: TypeAlias = Say | Await | Pause | str


def scenario(*steps: Step) -> str:
    """The XML that SIPp reads. Who is called is `callee`, with the tag `sipp`."""
    names = (f"v{number}" for number in range(30))
    parts, used = [], {"via", "peer"}
    for step in steps:
        if isinstance(step, Pause):
            parts.append(f'<pause milliseconds="{step.milliseconds}"/>')
        elif isinstance(step, Say):
            parts.append(_sent(step))
        else:
            awaited = step if isinstance(step, Await) else Await(what=step)
            variables = [next(names) for _ in awaited.matching]
            used.update(variables)
            parts.append(_awaited(awaited, variables))
    body, named = "\n".join(parts), ",".join(sorted(used))
    return (
        '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="called">\n'
        f'{body}\n<Reference variables="{named}"/>\n</scenario>\n'
    )


def _awaited(awaited: Await, variables: list[str]) -> str:
    kind = "response" if awaited.what.isdigit() else "request"
    actions = [
        f'<ereg regexp={quoteattr(pattern)} search_in="msg" check_it="true" assign_to="{name}"/>'
        for pattern, name in zip(awaited.matching, variables, strict=True)
    ]
    if awaited.what == "INVITE":
        for name, header, pattern in (("via", "Via:", ".*"), ("peer", "From:", "tag=[^;> ]*")):
            actions.append(
                f'<ereg regexp="{pattern}" search_in="hdr" header="{header}" '
                f'check_it="true" assign_to="{name}"/>'
            )
    route = ' rrs="true"' if awaited.what == "INVITE" else ""
    return f'<recv {kind}="{awaited.what}"{route}><action>{"".join(actions)}</action></recv>'


def _sent(say: Say) -> str:
    body = say.body or (OFFER.format(version=say.version, direction=say.sdp) if say.sdp else "")
    kind = ("Content-Type: application/sdp",) if say.sdp else ()
    us = "<sip:callee@[local_ip]>;tag=sipp"
    if say.line[0].isdigit():
        start = [f"SIP/2.0 {say.line}", "Via:[$via]" if say.cseq else "[last_Via:]"]
        people = ["[last_From:]", f"To: {us}"]
    else:
        via = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
        start = [f"{say.line} [next_url] SIP/2.0", via, "Max-Forwards: 70"]
        people = [f"From: {us}", "To: <sip:line@[local_ip]>;[$peer]"]
    lines = [
        *start, *people, "[last_Call-ID:]", f"CSeq: {say.cseq}" if say.cseq else "[last_CSeq:]",
        "Contact: <sip:callee@[local_ip]:[local_port]>",
        *say.headers, *kind, "Content-Length: [len]", "", body,
    ]  # fmt: skip
    # Of what waits for an answer: a request, a final answer to an INVITE, a reliable early one.
    answering = say.line[0].isdigit() and not (say.sdp or say.cseq)
    again = "" if say.line == "ACK" or answering else ' retrans="200"'
    return f"<send{again}><![CDATA[\n{chr(10).join(lines)}\n]]></send>"


@dataclass
class Sipp:
    """A SIPp that waits for one call."""

    port: int
    process: asyncio.subprocess.Process
    folder: Path

    async def done(self) -> None:
        """Wait for the end of its scenario; fails with its words when it went otherwise."""
        _, errors = await asyncio.wait_for(self.process.communicate(), 30)
        logs = "".join(path.read_text() for path in self.folder.glob("*_errors.log"))
        assert self.process.returncode == 0, f"{errors.decode()}{logs}"


@contextlib.asynccontextmanager
async def sipp_called(folder: Path, *steps: Step) -> AsyncIterator[Sipp]:
    """SIPp takes one call by this scenario."""
    path = folder / "called.xml"
    path.write_text(scenario(*steps))
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        "sipp", "-i", "127.0.0.1", "-p", str(port), "-sf", str(path), "-m", "1", "-nostdin",
        "-trace_err", "-timeout", "20s", "-timeout_error", "-nd", cwd=folder,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Sipp(port, process, folder)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
