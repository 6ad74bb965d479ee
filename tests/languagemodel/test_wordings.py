"""Wordings by a language model: proposals that bring no fact of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from copilot.languagemodel.wordings import ModelWordingWriter, plain_wordings
from knowledge.rewording import WordingWriter, WritingError
from models.languagemodel.chat import ChatModel
from models.languagemodel.endpoint import ChatEndpoint
from tests.languagemodel.scripted import Behaviour, ScriptedServer, answers, scripted_server

QUESTION = "Quels sont vos horaires d'ouverture ?"
ANSWER = "Du lundi au vendredi de 8 h à 18 h."


@asynccontextmanager
async def writing(behaviour: Behaviour) -> AsyncIterator[tuple[WordingWriter, ScriptedServer]]:
    async with scripted_server(behaviour) as server:
        endpoint = ChatEndpoint(url=server.url, model="scripted", timeout_s=5)
        async with ChatModel(endpoint).running() as model:
            yield ModelWordingWriter(model), server


async def test_what_brings_a_fact_of_its_own_is_left_out() -> None:
    written = [
        "Vous êtes ouverts à quelle heure ?",
        "Je peux passer jusqu'à quelle heure le vendredi ?",
        "C'est ouvert le samedi ?",
        "Vous fermez bien à 20 h ?",
        "Le cabinet de Madame Tartempion est ouvert ?",
        "What are your opening hours and are you open at lunch?",
        "Voir https://example.com pour les horaires ?",
        "<b>Vos horaires ?</b>",
    ]
    async with writing(answers({"wordings": written})) as (writer, server):
        assert tuple(await writer.write(QUESTION, ANSWER, count=5)) == tuple(written[:2])
        assert writer.name == "scripted"
    (asked,) = server.asked
    assert QUESTION in asked.data and '"count": 5' in asked.data


@pytest.mark.parametrize("content", ["{}", '{"wordings": "une"}', "non"])
async def test_a_model_that_cannot_says_so(content: str) -> None:
    async with writing(answers(content)) as (writer, _):
        with pytest.raises(WritingError):
            await writer.write(QUESTION, ANSWER, count=5)


def test_an_english_entry_is_put_in_english() -> None:
    kept = plain_wordings(
        ["When are you open during the week?", "Quand est-ce que vous êtes ouverts ?"],
        question="What are your opening hours?",
        answer="We are open from 8 to 18 during the week.",
        language="en",
    )
    assert kept == ("When are you open during the week?",)
