"""What a first start would compute, computed beforehand: learnt from the packaged texts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from copilot.settings import Settings


def prepare(settings: Settings) -> None:
    """Learn all that is kept in the data folder; minutes, the first time.

    The two halves take about as long and share nothing but the packaged embedding model, so each
    has a process, and a core, of its own. Raises what either raises (EmbeddingError, OSError).
    """
    halves: tuple[Callable[[Settings], None], ...] = (_prepare_search, _prepare_drafts)
    with ProcessPoolExecutor(len(halves), mp_context=get_context("spawn")) as pool:
        for half in [pool.submit(half, settings) for half in halves]:
            half.result()


def _prepare_search(settings: Settings) -> None:
    from web.composition.searching import prepare_semantics

    prepare_semantics(settings)


def _prepare_drafts(settings: Settings) -> None:
    import torch

    from copilot.drafting.houses.reader import learn_houses
    from copilot.drafting.people.reader import learn_people
    from copilot.drafting.situations.meaning import learn_situations

    # A second thread would wait for its turn by spinning, on the core of the other half.
    torch.set_num_threads(1)
    kept = settings.data_dir / "models"
    learn_people(kept)
    learn_houses(kept)
    learn_situations(cache=kept)
