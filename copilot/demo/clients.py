"""The two demonstration clients. Every name is invented; numbers are kept for fiction by ARCEP."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.agenda.rules import AgendaRules, Practitioner, VisitType
from copilot.store.records.clients import Client, ClientNumber, ClientSettings, Contact
from copilot.store.records.consignes import Consigne
from copilot.waiting.hours import OpeningHours


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoClient:
    """All that is known of one demonstration client."""

    client: Client
    numbers: tuple[ClientNumber, ...]
    contacts: tuple[Contact, ...]
    consignes: tuple[Consigne, ...]
    faq: str
    """Name of the CSV file beside this module."""
    agenda: AgendaRules | None = None


DELORME = DemoClient(
    client=Client(
        id="demo-delorme",
        name="Plomberie Delorme",
        sector="plomberie et chauffage",
        colour="#1f6f8b",
        greeting="Plomberie Delorme, bonjour ! Que puis-je faire pour vous ?",
        settings=ClientSettings(
            recipients=("messages@plomberie-delorme.example.fr",),
            required_fields=("caller_name", "phone", "address", "reason"),
            urgent_rules=(
                "Odeur de gaz : critique, faire sortir les personnes et appeler Urgence Sécurité "
                "Gaz",
                "Fuite d'eau qu'on ne peut pas arrêter : critique",
                "Dégât des eaux en cours, plafond qui coule : critique",
                "Panne de chauffage avec un nourrisson ou une personne âgée : urgent",
                "Plus d'eau dans tout le logement : urgent",
                "WC unique bouché : urgent",
            ),
            never=(
                "Ne jamais promettre une heure de passage précise",
                "Ne jamais donner le portable des techniciens",
                "Ne jamais annoncer un prix de travaux par téléphone",
            ),
            vocabulary=(
                "Delorme", "Valmont-sur-Loire", "Bastien Roque", "Maud Delorme", "Yannick Perrot",
                "chauffe-eau", "cumulus", "siphon", "mitigeur", "vase d'expansion",
            ),
        ),
    ),
    numbers=(
        ClientNumber(number="+33199001234", kind="did"),
        ClientNumber(number="+33261911234", kind="forwarding"),
    ),
    contacts=(
        Contact(
            id="maud", name="Maud Delorme", role="gérante",
            email="maud@plomberie-delorme.example.fr", phone="+33639980101", vip=True,
        ),
        Contact(
            id="bastien", name="Bastien Roque", role="chef d'atelier",
            email="atelier@plomberie-delorme.example.fr", phone="+33639980102",
        ),
        Contact(
            id="yannick", name="Yannick Perrot", role="technicien d'astreinte",
            phone="+33639980103",
        ),
        Contact(
            id="solene", name="Solène Guérin", role="comptable",
            email="compta@plomberie-delorme.example.fr", phone="+33199001236",
        ),
    ),
    consignes=(
        Consigne(
            id="adresse", title="Toujours demander l'adresse",
            body="Adresse complète du chantier, étage, code de la porte.",
        ),
        Consigne(
            id="urgence", title="Fuite ou gaz", kind="transfert",
            body="Après avoir fait couper l'eau ou sortir les personnes : transférer à Yannick "
            "Perrot (astreinte).",
        ),
        Consigne(
            id="compta", title="Factures et règlements", kind="transfert",
            body="Prendre un message pour Solène Guérin, absente le mercredi.",
        ),
        Consigne(
            id="prix", title="Pas de prix de travaux", kind="interdit",
            body="Seuls les tarifs de la FAQ se donnent ; pour le reste, proposer la visite et le "
            "devis gratuits.",
        ),
        Consigne(
            id="portables", title="Pas de portable de technicien", kind="interdit",
            body="Ne jamais donner un numéro personnel, même si l'appelant insiste.",
        ),
    ),
    faq="delorme.csv",
)  # fmt: skip

VASSEUR = DemoClient(
    client=Client(
        id="demo-vasseur",
        name="Cabinet dentaire Vasseur",
        sector="cabinet dentaire",
        colour="#6a4c93",
        greeting="Cabinet dentaire du docteur Vasseur, bonjour !",
        settings=ClientSettings(
            recipients=("secretariat@cabinet-vasseur.example.fr",),
            required_fields=("caller_name", "phone", "date_of_birth", "reason"),
            urgent_rules=(
                "Gêne pour respirer ou avaler : critique, faire appeler le 15",
                "Gonflement du visage avec fièvre : urgent",
                "Dent cassée ou arrachée : urgent",
                "Saignement qui ne s'arrête pas : critique",
            ),
            never=(
                "Ne jamais donner d'avis médical ni de nom de médicament",
                "Ne jamais confirmer à un tiers qu'une personne est patiente du cabinet",
            ),
            vocabulary=("Vasseur", "Hélène Vasseur", "Karim Benali", "détartrage", "orthodontie"),
        ),
    ),
    numbers=(
        ClientNumber(number="+33199005678", kind="did"),
        ClientNumber(number="+33465711234", kind="forwarding"),
    ),
    contacts=(
        Contact(id="vasseur", name="Hélène Vasseur", role="chirurgien-dentiste", vip=True),
        Contact(
            id="karim", name="Karim Benali", role="assistant dentaire",
            email="assistant@cabinet-vasseur.example.fr",
        ),
    ),
    consignes=(
        Consigne(
            id="identite", title="Identité du patient",
            body="Nom, prénom, date de naissance, et le nom de la personne qui appelle.",
        ),
        Consigne(
            id="secret", title="Secret médical", kind="interdit",
            body="Ne rien dire d'un patient à un tiers, pas même qu'il vient au cabinet.",
        ),
    ),
    faq="vasseur.csv",
    agenda=AgendaRules(
        hours=OpeningHours(week=(((540, 720), (840, 1110)),) * 5 + (((540, 720),), ())),
        practitioners=(
            Practitioner(id="vasseur", name="Dr Hélène Vasseur"),
            Practitioner(id="karim", name="Karim Benali"),
        ),
        visits=(
            VisitType(
                id="controle", name="Contrôle et détartrage", duration_min=30, after_min=5
            ),
            VisitType(
                id="premier", name="Premier rendez-vous", duration_min=45,
                practitioners=("vasseur",),
            ),
            VisitType(id="soin", name="Soin", duration_min=60, practitioners=("vasseur",)),
        ),
    ),
)  # fmt: skip

CLIENTS = (DELORME, VASSEUR)
