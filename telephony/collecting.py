"""Python's garbage collector, kept from stopping voices.

Going through everything a process has loaded stops its event loop for as long as that takes: a
quarter of a second for half a million objects, and no packet is carried meanwhile. What is there
once a service is ready stays until it ends, and need not be gone through.
"""

from __future__ import annotations

import gc
import logging

log = logging.getLogger(__name__)


def settle() -> None:
    """Leave what is loaded by now out of every later collection.

    Takes no time itself; call it when loading is over, again after loading more. Little that is
    no longer needed is kept with it.
    """
    gc.freeze()
    log.info("%d objects are no longer looked through by the collector", gc.get_freeze_count())
