"""What is understood from what was said around it: `python -m tests.knowledge.bench_context`.

Follow-ups ("et le samedi ?"), two questions in one breath and silence after a turn, each kind on
its own, over every third written company, as `eval knowledge` prints it. Matching is learnt without
them; the decision was fitted on none of the written ones.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from unittest.mock import patch

from rich.console import Console

from knowledge import evaluation
from knowledge.corpus import read_companies
from knowledge.evaluation import Outcome, Query
from knowledge.search import ClientPrompter
from tests.knowledge.conftest import CACHE

LEFT_OUT = slice(1, None, 3)


def about_context(query: Query) -> Query | None:
    """Named by what is asked of it: silence after a turn is a kind of its own."""
    if query.kind == "two_questions" or query.kind == "follow_up":
        return query
    return replace(query, kind="silence_after_a_turn") if query.previous else None


def heard() -> list[Outcome]:
    """Every one of them, heard as in a call."""
    from knowledge import semantics

    companies = read_companies()
    left_out = companies[LEFT_OUT]
    names = {company.name for company in left_out}
    learnt_from = [company for company in companies if company.name not in names]
    with patch.object(semantics, "read_companies", lambda: learnt_from):
        shared = semantics.load_semantics(cache=CACHE)
    outcomes = []
    for company in left_out:
        prompter = ClientPrompter(company.entries, shared)
        queries = filter(None, map(about_context, company.queries))
        outcomes += [evaluation._hear(company.name, prompter, query) for query in queries]
    return outcomes


def main() -> None:
    outcomes = heard()
    report = evaluation.score(outcomes)
    Console().print(report.table())
    both = [o for o in outcomes if o.query.kind == "two_questions"]
    answered = Counter(len(o.query.expected & {*o.shown}) for o in both)
    print("two questions in one breath, by how many of them were answered:", dict(answered))


if __name__ == "__main__":
    main()
