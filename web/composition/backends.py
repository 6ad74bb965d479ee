"""The models behind the parts, each loaded when first used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from copilot.drafting.draft import OpenDrafter
from copilot.settings import Settings
from knowledge.passages import BuildPrompter
from knowledge.rewording import WordingWriter
from models.recogniser import Recogniser
from web.composition.loading import Loading
from web.composition.recognition import load_recogniser, test_machine
from web.composition.searching import load_packaged, load_universal, prompter_builder


@dataclass(frozen=True, kw_only=True)
class Backends:
    """The models, each loaded when first used; tests give scripted ones."""

    recogniser: Callable[[], Recogniser]
    build_prompter: BuildPrompter
    open_drafter: OpenDrafter
    likeness: Callable[[str, Sequence[str]], Sequence[float]] = lambda _, known: [0.0] * len(known)
    """How far each known question says the same as a new one."""
    give_up: Callable[[], None] = lambda: None
    """The service stops: whoever waits for a model to load is let go."""
    wording_writer: WordingWriter | None = None
    """Writes other wordings for entries; none: only callers' are proposed."""
    prepare_drafting: Callable[[], object] = lambda: None
    """Learn what drafts need before the first call does; seconds, in a thread."""
    test_machine: Callable[[], Awaitable[None]] | None = None
    """Finds out, once the service runs, how recognition is best laid out here."""


def packaged_backends(settings: Settings) -> Backends:
    """The real models of the settings."""
    from copilot.drafting.draft import ClientProfile
    from copilot.drafting.drafter import drafting_with
    from copilot.drafting.houses.reader import learn_houses
    from copilot.drafting.people.reader import learn_people
    from copilot.drafting.situations.meaning import learn_situations

    universal = Loading(load_universal, name="load-universal")
    packaged = Loading(lambda: load_packaged(settings), name="load-packaged")
    prompters = prompter_builder(settings, packaged.get, universal.get)
    kept = settings.data_dir / "models"
    situations = Loading(
        lambda: learn_situations((packaged.get(), universal.get()), kept),
        name="learn-situations",
    )
    people = Loading(lambda: learn_people(kept), name="learn-people")
    houses = Loading(lambda: learn_houses(kept), name="learn-houses")
    open_drafter = drafting_with(situations.get, people.get, houses.get)

    def prepare_drafting() -> None:
        """All that the first drafter reads, which holds up the answers of calls for half a second
        when it is read in the midst of them."""
        open_drafter(client=ClientProfile(name=""), at=datetime.now(UTC))

    def give_up() -> None:
        prompters.give_up()
        situations.give_up()
        people.give_up()
        houses.give_up()
        packaged.give_up()
        universal.give_up()

    return Backends(
        recogniser=lambda: load_recogniser(settings),
        build_prompter=prompters.build,
        likeness=prompters.likeness,
        open_drafter=open_drafter,
        give_up=give_up,
        prepare_drafting=prepare_drafting,
        test_machine=None if settings.asr_workers else lambda: test_machine(settings),
    )
