"""The people of a call joined: their voices cross here, and others may listen.

A packet goes out the moment it comes in. Nothing on the way waits, and nothing a listener does can
reach it: listeners read bounded queues that drop their oldest frame. Only whoever hears more than
one voice is sent a mix (`telephony.conference`); who hears whom is `telephony.floor`.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

from telephony.announcement import Piece, Playing
from telephony.call import Endpoint, EndpointStats, VoicePacket
from telephony.codec import CODECS
from telephony.conference import Conference
from telephony.floor import PEOPLE, Floor, Part, Person
from telephony.leg import Leg, LegRole
from telephony.relay import TICK_S, Relay
from telephony.voice import Voice


class Bridge:
    """Joins a caller and an operator, who may come, go and come back during the call, and up to
    two more: a guest whom the operator brings in, and a supervisor.

    `caller` and `operator` are the legs to listen to, both on one clock that starts with the
    bridge; they end with `close`. The bridge closes the endpoints it was given.
    """

    def __init__(self, caller: Endpoint) -> None:
        self._loop = asyncio.get_running_loop()
        now_s = self._loop.time()
        self._voices: dict[Person, Voice] = {
            "caller": Voice("caller", started_s=now_s),
            "operator": Voice("operator", started_s=now_s),
        }
        self._relays = {person: Relay(now_s=now_s) for person in PEOPLE}
        self._endpoints: dict[Person, Endpoint] = {}
        self._floor = Floor(present=frozenset({"caller", "operator"}))
        self._sources: dict[Person, frozenset[Person]] = {}
        """Whose voice each relay carries now."""
        self._direct: dict[Person, tuple[Relay, ...]] = {}
        """Whom each person's packets go to as they are."""
        self._transcribed: dict[Person, tuple[Voice, Relay]] = {}
        """Who is listened to, and the way of what they say to the one it is said to."""
        self._conference: Conference | None = None
        self._closed = False
        self._last_came_s: dict[Person, float] = {}
        """When each person's last packet came, whether it was let through or not."""
        self._foreign_before = 0
        self._attach("caller", caller)
        self._ticking = asyncio.create_task(self._tick(), name="bridge clock")

    @property
    def caller(self) -> Leg:
        """What the caller says."""
        return self._voices["caller"]

    @property
    def operator(self) -> Leg:
        """What the operator says, whichever endpoint carries it."""
        return self._voices["operator"]

    @property
    def operator_endpoint(self) -> Endpoint | None:
        """The operator's endpoint now; its `ended` tells that the browser has gone."""
        return self._endpoints.get("operator")

    @property
    def present(self) -> frozenset[Person]:
        """Who takes part now; the operator also while their page is loading anew."""
        return self._floor.present

    @property
    def mixing(self) -> bool:
        """Whether somebody is sent a mix rather than another's packets."""
        return self._conference is not None

    @property
    def packets_foreign(self) -> int:
        """Packets refused because they came from somebody else than the people of the call."""
        now = sum(endpoint.stats.packets_foreign for endpoint in self._endpoints.values())
        return self._foreign_before + now

    def begin(self) -> None:
        """The conversation starts now: both legs begin anew, and what was said before is heard
        by no listener. For a bridge that was there before the answer, to be played to."""
        now_s = self._loop.time()
        for role in ("caller", "operator"):
            self._voices[role].end()
            self._voices[role] = Voice(role, started_s=now_s)
        self._change(self._floor)

    async def connect_operator(self, endpoint: Endpoint) -> None:
        """Give the call to this endpoint; the one before, if any, is closed."""
        await self._connect("operator", endpoint)

    async def connect_caller(self, endpoint: Endpoint) -> None:
        """Another endpoint takes the caller's place; the one before is closed."""
        await self._connect("caller", endpoint)

    async def connect_guest(self, endpoint: Endpoint, *, held: bool = False) -> None:
        """Let a third person in, heard and hearing unless `held`; one before is closed."""
        self._set_held("guest", held)
        await self._connect("guest", endpoint)

    async def connect_supervisor(self, endpoint: Endpoint, part: Part = "listen") -> None:
        """Let a supervisor in, or in again with another endpoint."""
        self._floor = replace(self._floor, part=part)
        await self._connect("supervisor", endpoint)

    def supervise(self, part: Part) -> None:
        """What the supervisor takes in the call from now on."""
        self._change(replace(self._floor, part=part))

    async def drop(self, person: Person) -> None:
        """Let somebody go and close their endpoint; the others stay joined. Idempotent.

        Without the operator, caller and guest talk among themselves: nothing is transcribed.
        """
        endpoint = self._leave(person)
        if endpoint is not None:
            await endpoint.close()

    async def hand_over(self) -> None:
        """The guest takes the operator's place, whose endpoint is closed: what caller and guest
        say goes on being transcribed, where with `drop("operator")` it does not."""
        guest = self._leave("guest")
        if guest is not None:
            await self.connect_operator(guest)

    def mute(self, muted: bool) -> None:
        """The others no longer hear the operator; neither do listeners."""
        self._change(replace(self._floor, muted=muted))

    def hold(self, held: bool, *, person: Person = "caller") -> None:
        """Somebody waits apart: hears and is heard by nobody, listeners included. With two people
        in the call both are sent silence."""
        if person in self._floor.held and not held:
            # A telephone on hold sends nothing: count from now.
            self._last_came_s = dict.fromkeys(self._last_came_s, self._loop.time())
        self._set_held(person, held)

    def play(self, person: Person, piece: Piece) -> Playing:
        """Let this person hear a piece, from now to its end, in place of the others' voices.

        It takes the place of what is being played to them; over when the bridge closes.
        """
        playing = Playing(piece)
        if self._closed:
            playing.stop()
        else:
            self._relays[person].play(playing)
        return playing

    async def send_keys(self, keys: str, *, to: Person = "caller") -> None:
        """Press keys toward somebody's telephone. Raises KeysRefused."""
        await self._endpoints[to].send_keys(keys)

    def silent_s(self, role: Person) -> float | None:
        """Seconds since this person's last packet; None before the first; 0 of who has left, is
        on hold, or has nobody to talk to: none is waited for."""
        talking = self._floor.present - self._floor.held
        if role not in talking or len(talking) < 2:
            return 0.0
        came_s = self._last_came_s.get(role)
        return None if came_s is None else self._loop.time() - came_s

    def stats(self, person: Person) -> EndpointStats:
        """Counters of somebody's endpoint now; zeros without one."""
        endpoint = self._endpoints.get(person)
        return EndpointStats() if endpoint is None else endpoint.stats

    async def close(self) -> None:
        """Part the people, end both legs, close the endpoints. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self._ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._ticking
        for relay in self._relays.values():
            relay.stop_playing()
        for endpoint in self._endpoints.values():
            endpoint.on_packet = None
        for voice in self._voices.values():
            voice.end()
        for endpoint in self._endpoints.values():
            await endpoint.close()

    # Who is there

    async def _connect(self, person: Person, endpoint: Endpoint) -> None:
        if self._closed:
            await endpoint.close()
            return
        before = self._endpoints.get(person)
        if before is not None and before is not endpoint:
            self._detach(before)
        self._attach(person, endpoint)
        if before is not None and before is not endpoint:
            await before.close()

    def _attach(self, person: Person, endpoint: Endpoint) -> None:
        def carry(packet: VoicePacket) -> None:
            self._last_came_s[person] = packet.arrived_s
            for direct in self._direct.get(person, ()):
                direct.take(packet)
            voice, relay = self._transcribed.get(person, (None, None))
            if voice is not None and relay is not None and relay.passes:
                voice.hear(packet)
            if self._conference is not None:
                self._conference.take(person, packet)

        self._endpoints[person] = endpoint
        self._relays[person].sink = endpoint
        self._change(replace(self._floor, present=self._floor.present | {person}))
        endpoint.on_packet = carry

    def _detach(self, endpoint: Endpoint) -> None:
        endpoint.on_packet = None
        self._foreign_before += endpoint.stats.packets_foreign

    def _leave(self, person: Person) -> Endpoint | None:
        endpoint = self._endpoints.pop(person, None)
        if endpoint is not None:
            self._detach(endpoint)
        self._relays[person].sink = None
        self._relays[person].stop_playing()
        self._last_came_s.pop(person, None)
        floor = self._floor
        self._change(replace(floor, present=floor.present - {person}, held=floor.held - {person}))
        return endpoint

    def _set_held(self, person: Person, held: bool) -> None:
        before = self._floor.held
        self._change(replace(self._floor, held=before | {person} if held else before - {person}))

    # Who hears whom

    def _change(self, floor: Floor) -> None:
        """Lay the ways of the voices anew."""
        self._floor = floor
        hearing = {person: floor.heard_by(person) for person in PEOPLE}
        for person, relay in self._relays.items():
            # Shut, the far end is sent silence at once rather than left to conceal the last word.
            relay.open = bool(hearing[person])
            if self._sources.get(person) != hearing[person]:
                relay.change_source()
        self._sources = hearing
        self._direct = {
            speaker: tuple(
                self._relays[listener] for listener, heard in hearing.items() if heard == {speaker}
            )
            for speaker in PEOPLE
        }
        ways: tuple[tuple[LegRole, LegRole], ...] = (("caller", "operator"), ("operator", "caller"))
        self._transcribed = {
            role: (self._voices[role], self._relays[other])
            for role, other in ways
            if floor.transcribed(role)
        }
        self._mix({person: heard for person, heard in hearing.items() if len(heard) > 1})

    def _mix(self, hearing: dict[Person, frozenset[Person]]) -> None:
        """Have these mixed for, or nobody."""
        if not hearing:
            self._conference = None
            return
        rate_hz = max(CODECS[one.codec].sample_rate_hz for one in self._endpoints.values())
        if self._conference is None or self._conference.sample_rate_hz < rate_hz:
            self._conference = Conference(sample_rate_hz=rate_hz)
        self._conference.arrange(hearing, self._relays)

    # The clock

    async def _tick(self) -> None:
        due_s = self._loop.time()
        while True:
            due_s += TICK_S
            await asyncio.sleep(due_s - self._loop.time())
            now_s = self._loop.time()
            self._let_go()
            if self._conference is not None:
                self._conference.tick(now_s)
            if now_s - due_s < TICK_S:
                # Otherwise it is we who stalled: what the sockets hold comes first.
                for relay in self._relays.values():
                    relay.tick(due_s)
            for voice in self._voices.values():
                voice.tick(now_s)
            # After a long stall, carry on from now rather than tick for the past.
            due_s = max(due_s, now_s - TICK_S)

    def _let_go(self) -> None:
        """A guest or supervisor whose media is gone is not waited for; the operator is."""
        people: tuple[Person, Person] = ("guest", "supervisor")
        for person in people:
            endpoint = self._endpoints.get(person)
            if endpoint is not None and endpoint.ended.is_set():
                self._leave(person)
