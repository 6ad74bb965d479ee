"""The written trades can be read, and are what their README says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from copilot.drafting.rules import rule_sentences
from copilot.drafting.trades.corpus import TRADES as FOLDER
from copilot.drafting.trades.corpus import Trade, TradeError, read_trade, read_trades

TRADES = read_trades()


def test_every_file_of_the_folder_is_read() -> None:
    assert len(TRADES) == len([*FOLDER.glob("*.txt")])


@pytest.mark.parametrize("trade", TRADES, ids=lambda trade: trade.name)
def test_every_rule_has_cases_and_what_only_comes_near(trade: Trade) -> None:
    assert 1 <= len(trade.rules) <= 8
    for place, rule in enumerate(trade.rules):
        cases = [said for said in trade.said if place in said.cases]
        near = [said for said in trade.said if said.near and said.near[0] == place]
        assert len(near) >= 2, rule
        if not rule_sentences(rule):  # "Aucune urgence", "tout le reste attend"
            assert not cases, rule
        else:
            assert len(cases) >= 3, rule


@pytest.mark.parametrize("trade", TRADES, ids=lambda trade: trade.name)
def test_a_trade_has_calm_callers_of_several_kinds(trade: Trade) -> None:
    assert len(trade.calm) >= 15
    assert len({category for _, category in trade.calm}) >= 5


def test_nothing_is_said_twice() -> None:
    said = Counter(
        text.casefold()
        for trade in TRADES
        for text in [*(said.text for said in trade.said), *(text for text, _ in trade.calm)]
    )
    assert [text for text, times in said.items() if times > 1] == []


def test_the_format_is_the_readme_s(tmp_path: Path) -> None:
    path = tmp_path / "gouttes.fr.txt"
    path.write_text(
        "= Goutte à Goutte | plombier\n# note\n? Fuite\n? Inondation : critique\n"
        "d +1 j'ai les pieds dans l'eau\no c'est réparé\n- calme\nrien merci\n",
        encoding="utf-8",
    )
    trade = read_trade(path)
    assert (trade.name, trade.sector) == ("Goutte à Goutte", "plombier")
    assert trade.rules == ("Fuite", "Inondation : critique")
    flooded, over = trade.said
    assert flooded.text == "j'ai les pieds dans l'eau"
    assert flooded.cases == frozenset({0, 1})
    assert flooded.danger
    assert (over.cases, over.near) == (frozenset(), (1, "over"))
    assert trade.calm == (("merci", "rien"),)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("c trop tôt\n", "ligne 1"),
        ("= A | b\n? R\nk quoi\n- calme\nrien oui\n", "ligne 3 : « k »"),
        ("= A | b\n? R\no +1 fini\n- calme\nrien oui\n", "ligne 3"),
        ("= A | b\n? R\nc +4 cas\n- calme\nrien oui\n", "règle n° 4"),
        ("= A | b\n? R\nc cas\n", "il manque"),
        ("= A | b\n? R\nc\n- calme\nrien oui\n", "ligne 3 : une marque"),
    ],
)
def test_what_is_not_the_format_names_its_line(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "faux.fr.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TradeError, match=fault):
        read_trade(path)
