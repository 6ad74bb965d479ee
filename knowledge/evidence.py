"""What speaks for each entry, gathered by `knowledge.index`, weighed by `knowledge.confidence`."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.postings import Rows, Scores

EVIDENCE = (
    "first_asked",
    "first_whole",
    "second_asked",
    "second_answer",
    "second_whole",
    "bm25",
    "question_cover",
    "entry_cover",
    "asked_cover",
    "sounds",
    "sounds_anywhere",
    "kinship",
    "kinship_back",
    "kinship_anywhere",
    "synonyms",
    "synonyms_anywhere",
    "intent",
    "subjects",
    "read_intent",
    "read_subjects",
    "matched_question",
    "matched_whole",
    "thorough",
)
"""Columns of the evidence for an entry, each growing with the likelihood that it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for each candidate, for one wording."""

    rows: Rows
    """Positions of the candidates in the client's entries."""
    table: Scores
    """Shape (candidates, len(EVIDENCE))."""
    read_silence: float
    """The same by the learnt reading, 0 to 1."""
    silence: float
    """Share of the wording's profile that points to acts deserving silence, 0 to 1."""
    asking: float
    """Log-odds that the wording asks something, by its meaning."""
    foreign: float
    """Share of the wording that is kin to nothing this client answers about, 0 to 1."""
    focus: float
    """Largest share of a single subject in the profile, 0 to 1."""
