"""What a panel is refused, as people read it."""

from __future__ import annotations

KINDS: tuple[type[Exception], ...] = ()
STATUS = {"bad_panel_session": 401, "panel_origin": 422}
SENTENCES: dict[str, tuple[str, str]] = {
    "bad_panel_session": (
        "La session du panneau est terminée : reconnectez-vous dans le logiciel qui l'affiche.",
        "The panel's session is over: sign in again in the software that shows it.",
    ),
    "panel_origin": (
        "Cette page n'a pas le droit d'afficher le panneau : l'administrateur doit ajouter "
        "{detail} à SOUFFLEUR_PANEL_ORIGINS.",
        "This page may not show the panel: the administrator has to add {detail} to "
        "SOUFFLEUR_PANEL_ORIGINS.",
    ),
}
