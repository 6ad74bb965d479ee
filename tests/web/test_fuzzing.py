"""A short run of requests made up from the OpenAPI document; the long one is by command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.fuzzing import fuzz_roles
from tests.web.running import running


@pytest.mark.filterwarnings("ignore")  # of the libraries that make requests up
async def test_no_request_makes_the_service_fail_or_say_what_it_does_not_tell(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as service:
        tally = await fuzz_roles(
            service, ("administrator", "client", "operator", "supervisor"), examples=2
        )
    assert len(tally.operations) > 90
    assert sum(tally.statuses[code] for code in (200, 201, 202, 204)) > 50
    assert not tally.failures, "\n".join(tally.failures.values())
