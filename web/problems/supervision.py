"""What is refused about reports, invoices, grids and alerts, as people read it."""

from __future__ import annotations

from copilot.quality.grid import BadGridError
from copilot.quality.rules import BadAlertRulesError
from copilot.reporting.period import BadPeriodError
from copilot.reporting.tariff import BadTariffError

KINDS: tuple[type[Exception], ...] = (
    BadPeriodError,
    BadTariffError,
    BadGridError,
    BadAlertRulesError,
)

STATUS = {
    "bad_period": 422,
    "bad_tariff": 422,
    "bad_grid": 422,
    "bad_alert_rules": 422,
    "month_open": 409,
}
SENTENCES: dict[str, tuple[str, str]] = {
    "bad_period": (
        "Cette période ne peut pas être comptée : choisissez un premier jour avant le dernier, "
        "et 366 jours au plus.",
        "This period cannot be counted: choose a first day before the last one, and 366 days "
        "at most.",
    ),
    "bad_tariff": (
        "Ce tarif n'est pas gardé : un prix ou une quantité comprise est à corriger.",
        "This tariff was not kept: a price or an included quantity needs mending.",
    ),
    "bad_grid": (
        "Rien n'est gardé : chaque critère demande une réponse, et une grille de 1 à 60 critères "
        "pesant de 1 à 100.",
        "Nothing was kept: each criterion needs an answer, and a grid 1 to 60 criteria that "
        "weigh 1 to 100.",
    ),
    "bad_alert_rules": (
        "Ces alertes ne sont pas gardées : un délai est hors limites ou un mot est à corriger.",
        "These alerts were not kept: a delay is out of bounds or a word needs mending.",
    ),
    "month_open": (
        "Ce mois n'est pas terminé, ou un de ses appels est encore en cours : fermez-le ensuite.",
        "This month is not over, or one of its calls still goes on: close it afterwards.",
    ),
}
