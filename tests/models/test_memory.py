"""Memory goes back to the machine once a model is done with it."""

from __future__ import annotations

import subprocess
import sys

# A process of its own: heaps are limited before threads start, and sizes are its own.
PROGRAM = """
import threading, psutil
from models.memory import give_back, share_heaps
share_heaps()
def load():
    # Small blocks, freed but for the last: the heap keeps them until told.
    blocks = [bytes(600) for _ in range(200_000)]
    kept.append(blocks[-1])
kept = []
threads = [threading.Thread(target=load) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
before = psutil.Process().memory_info().rss
give_back()
after = psutil.Process().memory_info().rss
print(before - after)
"""


def test_what_loading_left_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    assert int(done.stdout) > 20_000_000
