"""What readers are told of a rule's origin: its title, the document it cites and what that document may be."""

import pytest

from orchestrator.why import THE_ACT
from tests.unit.standards.test_published_standards import BOOK, OWN

ODENSE = "Kvalitetsstandard for Krisecenter Odense 2023-2025"
KOBENHAVN = "Kvalitetsstandard for Københavns Kommunes krisecentre 2023-2024"
HELLERUP = "Hellerup Krisecenter: ydelseskatalog 2025"
LOKK = "Grundpakke for Kvindekrisecentre under LOKK"

HEADERS = {
    "serviceloven": (
        "Serviceloven § 109",
        "Lov om social service (serviceloven), § 109, as the shelters' own standards restate it",
    ),
    "odense": ("Krisecenter Odense", ODENSE),
    "kobenhavn": ("Københavns Kommunes krisecentre", KOBENHAVN),
    "hellerup": ("Hellerup Krisecenter", HELLERUP),
    "lokk": ("LOKK's grundpakke", LOKK),
}

MAY_CITE = {
    "serviceloven": {"Lov om social service", ODENSE},
    "odense": {ODENSE},
    "kobenhavn": {KOBENHAVN},
    "hellerup": {HELLERUP},
    "lokk": {LOKK},
}
"""The documents a standard's own rules may cite. Where the act is silent, the national rules restate Odense."""

# What residents, shelters and municipalities read; a changed title is a changed promise.
TITLES = """
serviceloven/admission-notice | Orientering til hjemkommunen om indskrivning | Notice of admission to the home municipality
serviceloven/child-notice | Underretning om barnet til hjemkommunen | Child notification to the home municipality
serviceloven/action-plan | Kommunens handleplan (§ 141) | The municipality's action plan (§ 141)
serviceloven/payment-decision | Afgørelse om egenbetaling | Decision on her own payment
serviceloven/psychology-woman | Psykologbehandling til kvinden, 10 timer | Psychological treatment of the woman, 10 hours
serviceloven/psychology-child | Psykologbehandling til barnet, 4 til 10 timer | Psychological treatment of the child, 4 to 10 hours
serviceloven/psychology-woman-offer | Tilbud om psykologbehandling til kvinden | Offer of psychological treatment to the woman
serviceloven/psychology-child-offer | Tilbud om psykologbehandling til barnet | Offer of psychological treatment to the child
serviceloven/psychology-woman-start | Psykologbehandling af kvinden påbegyndt | Psychological treatment of the woman begun
serviceloven/psychology-child-start | Psykologbehandling af barnet påbegyndt | Psychological treatment of the child begun
serviceloven/psychologist-agreement | Svar om krisecentrets egen psykolog | Answer about the shelter's own psychologist
serviceloven/initial-advice | Indledende rådgivning | Initial advice
serviceloven/advice-start | Koordinerende rådgivning påbegyndt | Coordinating advice started
serviceloven/advice-offer | Tilbud om koordinerende rådgivning | Offer of coordinating advice
serviceloven/advice-window | Koordinerende rådgivning efter fraflytning | Coordinating advice after the move
serviceloven/discharge-notice | Orientering til hjemkommunen om udskrivning | Notice of discharge to the home municipality
serviceloven/complaint-answer | Svar på klage over afslag eller udskrivning | Answer to a complaint about refusal or discharge
hellerup/admission-decision | Afgørelse om indskrivning | Decision on admission
hellerup/admission-notice | Orientering til hjemkommunen om indskrivning | Notice of admission to the home municipality
hellerup/child-notice | Underretning om barnet til hjemkommunen | Child notification to the home municipality
hellerup/contact-persons | Kontaktpersonteam til kvinden | Team of contact persons for the woman
hellerup/contact-persons-child | Kontaktpersonteam til barnet | Team of contact persons for the child
hellerup/stay-plan | Opholdsplan | Stay plan
hellerup/plan-review | Opfølgning på opholdsplanen | Review of the stay plan
hellerup/aftercare-offer | Tilbud om efterværn | Offer of aftercare
hellerup/aftercare-course | Efterværnsforløb med tre besøg over mindst tre måneder | Aftercare of three visits over at least three months
hellerup/cafe-invitation | Invitation til efterværnscafé | Invitation to the aftercare café
odense/admission-notice | Orientering til hjemkommunen om indskrivning | Notice of admission to the home municipality
odense/child-notice | Underretning om barnet til hjemkommunen | Child notification to the home municipality
odense/contact-persons | Primær og sekundær kontaktperson til kvinden | Primary and secondary contact person for the woman
odense/contact-persons-child | Kontaktperson til barnet | Contact person for the child
odense/risk-assessment | Risikovurdering | Risk assessment
odense/needs-clarification | Afklaring af kvindens behov | Clarification of the woman's needs
odense/stay-plan | Opholdsplan | Stay plan
odense/advice-window | Koordinerende rådgivning efter fraflytning | Coordinating advice after the move
odense/discharge-notice | Orientering til hjemkommunen om udskrivning | Notice of discharge to the home municipality
odense/complaint-answer | Svar på klage over afslag eller udskrivning | Answer to a complaint about refusal or discharge
kobenhavn/admission-notice | Orientering til hjemkommunen om indskrivning | Notice of admission to the home municipality
kobenhavn/contact-persons | Kontaktperson til kvinden | Contact person for the woman
kobenhavn/risk-assessment | Risikovurdering | Risk assessment
kobenhavn/stay-plan | Borgerens Plan | Stay plan
kobenhavn/action-plan | Kommunens handleplan (§ 141) | The municipality's action plan (§ 141)
kobenhavn/plan-review | Opfølgning på Borgerens Plan | Review of the plan
kobenhavn/action-plan-review | Revision af kommunens handleplan (§ 141) | Review of the municipality's action plan (§ 141)
kobenhavn/psychology-woman | Psykologsamtaler til kvinden, op til 10 | Psychological treatment of the woman, up to 10 sessions
kobenhavn/psychology-child | Psykologsamtaler til barnet, 4 til 10 | Psychological treatment of the child, 4 to 10 sessions
kobenhavn/advice-window | Koordinerende rådgivning efter fraflytning | Coordinating advice after the move
kobenhavn/discharge-notice | Orientering til hjemkommunen om udskrivning | Notice of discharge to the home municipality
kobenhavn/complaint-answer | Svar på klage over afslag eller udskrivning | Answer to a complaint about refusal or discharge
lokk/admission-notice | Orientering til hjemkommunen om indskrivning | Notice of admission to the home municipality
lokk/admission-notice-anonymous | Orientering til hjemkommunen om anonym indskrivning | Notice of an anonymous admission to the home municipality
lokk/risk-assessment | Sikkerhedsvurdering | Risk assessment
lokk/risk-assessment-child | Sikkerhedsvurdering af barnet | Risk assessment of the child
lokk/stay-plan | Opholdsplan | Stay plan
lokk/aftercare-offer | Tilbud om efterværn | Offer of aftercare
"""  # noqa: E501

TOLD = {name: (danish, english) for name, danish, english in (line.split(" | ") for line in TITLES.strip().splitlines())}


def test_each_standard_has_the_title_and_the_document_it_was_published_with() -> None:
    assert {standard.id: (standard.title, standard.document) for standard in BOOK.standards} == HEADERS


@pytest.mark.parametrize("name", OWN)
def test_a_rule_cites_a_document_that_its_standard_may_cite(name: str) -> None:
    standard, rule = OWN[name]

    assert rule.source.document in MAY_CITE[standard.id]
    if rule.source.basis == "statute":
        assert rule.source.document == THE_ACT
    if rule.source.basis == "standard":
        assert rule.source.document == standard.document


def test_every_rule_has_the_titles_that_readers_know() -> None:
    assert {name: (rule.title_da, rule.title_en) for name, (_, rule) in OWN.items()} == TOLD


@pytest.mark.parametrize("name", OWN)
def test_what_is_read_into_a_rule_is_told_in_danish_and_in_english(name: str) -> None:
    source = OWN[name][1].source

    assert (source.basis == "assumed") <= (source.note is not None)
    assert (source.note is None) is (source.note_da is None)
    if source.note is not None and source.note_da is not None:
        assert ("our reading" in source.note.lower()) is ("vores læsning" in source.note_da.lower())
