"""What a first start would compute, computed beforehand: learnt from the packaged texts."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context

from copilot.settings import Settings

_AT_ONCE = 2
"""Processes: what is asked and what drafts need take about as long."""
_GIVES_WAY = 3
"""How much nicer whoever learns what drafts need is (`man nice`) than what callers ask: that ends
with a minute of one thread, and beside it something must be left to learn."""


class PreparingError(Exception):
    """A process that learns was ended from outside. `code` is stable."""

    code = "preparing"


def prepare(settings: Settings, told: Callable[[str], None] = lambda _: None) -> None:
    """Learn all that is kept in the data folder; minutes, the first time.

    `told` is given each part that is ready. Parts share nothing but the packaged embedding models,
    so two are learnt at the same time, each by a process of its own; what embeds nothing comes
    first, while the sentence model is made. Raises what they raise (EmbeddingError, OSError), and
    PreparingError when one is killed; the others end then.
    """
    wordless: dict[str, Callable[[Settings], None]] = {
        "how companies are named": _houses,
        "how people name themselves": _people,
    }
    embedding: dict[str, Callable[[Settings], None]] = {
        "what callers ask": _questions,
        "what calls are about, and what urgency rules mean": _situations,
    }
    others = {*active_children()}
    with ProcessPoolExecutor(_AT_ONCE, get_context("spawn"), _working) as pool:
        try:
            running = {pool.submit(learn, settings): name for name, learn in wordless.items()}
            # Fetched and made before two processes want it at the same time.
            _sentence_model(settings)
            running |= {pool.submit(learn, settings): name for name, learn in embedding.items()}
            for number, done in enumerate(as_completed(running), 1):
                done.result()
                told(f"{number} of {len(running)} learnt: {running[done]}")
        except BrokenProcessPool as problem:
            raise PreparingError(
                "a process that learns was killed: is there memory enough? Run the same command"
                " again: what is learnt already is kept"
            ) from problem
        except BaseException:
            # The pool itself would wait for what has begun: minutes before the command ends.
            for process in {*active_children()} - others:
                process.terminate()
            raise


def _working() -> None:
    """A process of the pool: it says what it does, for minutes without a word look like a fault."""
    import torch

    # A second thread would wait for its turn by spinning, on the core of the other process.
    torch.set_num_threads(1)
    steps = logging.StreamHandler()
    steps.setFormatter(logging.Formatter("  %(message)s"))
    for package in ("copilot", "knowledge", "models"):
        logging.getLogger(package).addHandler(steps)
        logging.getLogger(package).setLevel(logging.INFO)


def _sentence_model(settings: Settings) -> None:
    from web.composition.searching import load_packaged

    load_packaged(settings)


def _questions(settings: Settings) -> None:
    from web.composition.searching import prepare_semantics

    prepare_semantics(settings)


def _people(settings: Settings) -> None:
    from copilot.drafting.people.reader import learn_people

    learn_people(settings.data_dir / "models")


def _houses(settings: Settings) -> None:
    from copilot.drafting.houses.reader import learn_houses

    learn_houses(settings.data_dir / "models")


def _situations(settings: Settings) -> None:
    from copilot.drafting.situations.meaning import learn_situations
    from web.composition.searching import load_packaged, load_universal

    os.nice(_GIVES_WAY)
    learn_situations((load_packaged(settings), load_universal()), settings.data_dir / "models")
