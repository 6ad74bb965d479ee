"""The servers that the tests start."""

from __future__ import annotations

import asyncio
import socket

import pytest
from starlette.applications import Starlette

from tests.servers import StartError, free_port, listens, served


async def test_a_server_that_cannot_start_fails_its_test_and_leaves_the_others() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port: int = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"nothing was served on port {port}"):
            async with served(Starlette(), port=port, lifespan="off", log_level="critical"):
                pass


async def test_what_binds_to_port_0_does_not_take_a_port_that_was_found_free() -> None:
    found = {free_port() for _ in range(20)}
    taken = [await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) for _ in range(200)]
    try:
        assert found.isdisjoint(server.sockets[0].getsockname()[1] for server in taken)
    finally:
        for server in taken:
            server.close()


async def test_a_server_is_gone_once_left() -> None:
    async with served(Starlette(), lifespan="off") as port:
        assert await asyncio.to_thread(listens, port)
    assert not await asyncio.to_thread(listens, port)
