"""Which stage a name in four languages speaks of."""

import pytest

from app.funnel.stage import Stage
from app.intake.stage_proposal import propose_stage

NAMES = {
    Stage.APPLIED: [
        "Saapuneet", "Uudet hakemukset", "Nya ansökningar", "Inkommen", "Søknad mottatt", "Nye søknader", "New",
        "Applications received",
    ],
    Stage.SCREENED: [
        "Esikarsinta", "ESIVALINTA", "Arviointi", "Första urval", "Gallring", "Vurdering", "Siling", "Phone screen",
        "CV review", "Shortlisted",
    ],
    Stage.INTERVIEW: [
        "1. haastattelu", "Puhelinhaastattelu", "Kutsuttu haastatteluun", "Intervju 2", "Telefonintervju",
        "Førstegangsintervju", "Second interview",
    ],
    Stage.OFFER: ["Tarjous", "Työtarjous lähetetty", "Erbjudande", "Jobbtilbud", "Tilbud sendt", "Offer"],
    Stage.HIRED: ["Palkattu", "Valittu", "Anställd", "Ansatt", "Hired", "Contract signed"],
    Stage.STARTED: ["Aloittanut", "Tillträtt", "Startet i jobb", "Started"],
}  # fmt: skip


@pytest.mark.parametrize(("stage", "name"), [(stage, name) for stage, names in NAMES.items() for name in names])
def test_a_name_tells_its_stage(stage: Stage, name: str) -> None:
    assert propose_stage("In process", name) == stage
    assert propose_stage(None, name.upper()) == stage


@pytest.mark.parametrize(
    "name",
    [
        "Odottaa lupaa", "Reference check", "Talent pool", "", "???",
        "Valittu haastatteluun", "Interview or offer",
        "Ei valittu", "Inte anställd", "Ikke ansatt", "Not hired",
        "Newcomers' lunch", "Anonymised",
    ],
)  # fmt: skip
def test_a_name_that_tells_nothing_two_things_or_the_opposite_is_left_to_a_person(name: str) -> None:
    assert propose_stage("In process", name) is None


@pytest.mark.parametrize(
    ("vendor_type", "stage"),
    [
        ("Inbox", Stage.APPLIED), ("Hired", Stage.HIRED), ("Screening", Stage.SCREENED),
        ("Interview", Stage.INTERVIEW), ("Offer", Stage.OFFER), (" hired ", Stage.HIRED),
    ],
)  # fmt: skip
def test_a_type_that_says_what_a_stage_is_goes_before_its_name(vendor_type: str, stage: Stage) -> None:
    assert propose_stage(vendor_type, "Haastattelu, tarjous tai mitä vain") == stage
