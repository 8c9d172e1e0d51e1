"""Which of our stages one of an ATS's is: a proposal from its type and name, until a person decides."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import chunks
from app.funnel.stage import STAGES, DecidedBy, Stage, StageMapping
from app.intake.connectors.page import StageSeen

LONGEST_STAGE_NAME = 200
TYPES = {
    "inbox": Stage.APPLIED,
    "applied": Stage.APPLIED,
    "screening": Stage.SCREENED,
    "interview": Stage.INTERVIEW,
    "offer": Stage.OFFER,
    "hired": Stage.HIRED,
    "started": Stage.STARTED,
}
"""Types that say by themselves what a stage is; *In process* says nothing, so the name has to."""

WORDS = {
    Stage.STARTED: r"aloitt\w+|tyo\w* alkanut|perehdyty\w*|borja[td]e?|tilltra\w+|paborja\w+|startet|begynt"
    r"|tiltra\w+|started|onboarded",
    Stage.HIRED: r"palkat\w*|rekrytoi(?:tu|dut)|valittu|valitut|valituksi|nimitet\w+|anstallda?|rekrytera(?:d|de|ts)"
    r"|tillsat[ts]\w*|utsed[dt]\w*|ansat\w*|tilsat\w*|tilset\w*|rekruttert|hired?|hires|appointed",
    Stage.OFFER: r"\w*tarjou\w*|\w*erbjuda\w*|anbud|\w*tilbud\w*|offer\w*|\w*palkkaneuvottelu\w*"
    r"|\w*sopimusneuvottelu\w*|\w*loneforhandling\w*|\w*lonnsforhandling\w*|\w*kontraktsforhandling\w*"
    r"|\w*avtalsforhandling\w*|negotiation\w*",
    Stage.INTERVIEW: r"\w*haastattel\w*|\w*haastatelt\w*|\w*intervju\w*|\w*interview\w*|face to face|on ?site",
    Stage.SCREENED: r"\w*esikarsi\w*|\w*karsinta|\w*karsinnassa|\w*esivali\w*|\w*seulo\w*|\w*seulassa"
    r"|\w*kelpoisuu\w*|arvioin\w*|arvioitav\w*|\w*kasittely\w*|lapikay\w*|tarkastel\w*|tarkistet\w*|lyhytlist\w*"
    r"|lyhyt lista|jatkoon|urval\w*|forstaurval\w*|\w*gallring\w*|\w*granska?[sd]?|\w*granskning\w*|granskade"
    r"|kvalificer\w*|bedomning\w*|bedoms|kortlist\w*|utvelg\w*|\w*vurdering\w*|vurderes|\w*siling|silt|grovsorter\w*"
    r"|kvalifiser\w*|aktuelle|under behandling|\w*screen\w*|review\w*|shortlist\w*|short list\w*|longlist\w*"
    r"|qualif\w*|assessment\w*",
    Stage.APPLIED: r"saapune\w*|uude[tn]?|uusi|hakenut|hakeneet|hakija[t]?|\w*hakemu\w*|vastaanotet\w*|inkom\w*"
    r"|nya|ny|ansok\w*|sokande|mottag\w*|innkom\w*|\w*soknad\w*|nye|mottatt\w*|sokere|inbox|new"
    r"|applied|applicants?|applications?|received",
}
"""Words of stage names in Finnish, Swedish, Norwegian and English, without accents."""
PHRASES = {
    Stage.HIRED: r"(?:offer|tarjous|\w*erbjudande|\w*tilbud) (?:accepted|hyvaksytty|accepterat|akseptert)"
    r"|accepted offer|tackat ja|takket ja|(?:\w*sopimus|\w*avtale?|\w*kontrakt|contract) "
    r"(?:allekirjoitettu|tehty|signerat|paskrivet|underskrivet|underskrevet|signert|signed)",
    Stage.OFFER: r"(?:\w*sopimus|\w*avtale?|\w*kontrakt|contract) "
    r"(?:lahetetty|skickat|sendt|sent|allekirjoitettavana|for signering|out)",
    Stage.INTERVIEW: r"(?:valittu|valitut|kutsuttu|kutsutut) \w*haastatteluun",
    Stage.SCREENED: r"haastatteluun valittavat",
}
"""What says one stage with the word of another: an offer that was accepted is a hire."""
NEGATION = re.compile(
    r"\b(?:ei|eivat|ilman|inte|ej|utan|ikke|ikkje|uten|not|no|non|without|ennen|innan|before|after|jalkeen|efter|etter"
    r"|hylat\w+|perut\w+|peru\w*nut|vetayty\w+|keskeyty\w+|avslag\w*|avslatt\w*|avbojt?\w*|avvis\w*|avbrut\w*"
    r"|tackat nej|takket nei|trukket|trakk|reject\w*|declin\w*|withdr\w+|cancel\w*|fail\w*|disqualif\w*|unqualif\w*"
    r"|okvalific\w*|ukvalifis\w*)\b"
)
"""Words with which a name says that somebody did not come to a stage, or went out of it."""
_PATTERNS, _PHRASES = (
    {stage: re.compile(rf"\b(?:{words})\b") for stage, words in said.items()} for said in (WORDS, PHRASES)
)


def propose_stage(vendor_type: str | None, name: str) -> Stage | None:
    """Our stage for one of the vendor's, or None where neither its type nor its name tells.

    A name that speaks of two stages tells nothing: *interview or offer*. Only what was applied may be spoken of
    beside another, since that is what is reviewed: *application review*.
    """
    if vendor_type is not None and (stage := TYPES.get(vendor_type.strip().lower())) is not None:
        return stage
    plain = plain_name(name)
    if NEGATION.search(plain):
        return None
    spoken_of = _spoken_of(plain, _PHRASES) or _spoken_of(plain, _PATTERNS)
    further = [stage for stage in spoken_of if stage is not Stage.APPLIED] or spoken_of
    return further[0] if len(further) == 1 else None


def _spoken_of(plain: str, patterns: Mapping[Stage, re.Pattern[str]]) -> list[Stage]:
    return [stage for stage, pattern in patterns.items() if pattern.search(plain)]


def plain_name(name: str) -> str:
    """A name in small letters without accents; what joins words is a blank."""
    letters = name.casefold().replace("ø", "o").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[-_/.]", " ", plain).split())


def store_proposals(session: Session, system: str, stages: Iterable[StageSeen]) -> set[str]:
    """Keep the stages that were seen, each with a proposal; what a person decided stays as it is, and holds for
    further stages of that name: a vendor may give every job stages of its own.

    A stage without a name is only known to exist: it is kept for a person to map it.

    Returns the stages whose meaning changed by this, so that what stands in them can be projected again.
    """
    seen = {stage.ref: stage for stage in stages}
    known = _load_known(session, system, list(seen))
    decided = _load_decided(session, system) if seen.keys() - known.keys() else {}
    changed = set()
    for ref, stage in seen.items():
        if ref in known and not stage.name:
            continue
        mapping = known.get(ref)
        if mapping is None:
            mapping = StageMapping(system=system, stage_ref=ref, stage=None, decided_by=DecidedBy.PROPOSAL)
            session.add(mapping)
        if mapping.decided_by == DecidedBy.PROPOSAL and _propose(mapping, stage, decided):
            changed.add(ref)
        mapping.name, mapping.vendor_type, mapping.position = stage.name, stage.vendor_type, stage.position
    session.flush()
    return changed


def note_own_stages(session: Session, system: str, names: Mapping[str, str]) -> None:
    """Keep which of our own stages a system records, and what it calls them, whether or not anybody came there yet: of
    the others it will never tell."""
    known = _load_known(session, system, list(names))
    for slug, name in names.items():
        if slug not in known:
            session.add(StageMapping(system=system, stage_ref=slug, name=name[:LONGEST_STAGE_NAME],
                                     stage=STAGES[slug], decided_by=DecidedBy.PROPOSAL))  # fmt: skip
    session.flush()


def _propose(mapping: StageMapping, stage: StageSeen, decided: Mapping[str, int | None]) -> bool:
    """Say what a stage nobody has decided means; whether that is another meaning than it had."""
    before = mapping.stage
    if stage.name and fold_name(stage.name) in decided:
        mapping.stage, mapping.decided_by = decided[fold_name(stage.name)], DecidedBy.PERSON
    else:
        mapping.stage = propose_stage(stage.vendor_type, stage.name)
    return mapping.stage != before or mapping.decided_by == DecidedBy.PERSON


def fold_name(name: str) -> str:
    """A stage's name as it is compared."""
    return " ".join(name.split()).casefold()


def _load_decided(session: Session, system: str) -> dict[str, int | None]:
    by_people = (StageMapping.system == system, StageMapping.decided_by == DecidedBy.PERSON, StageMapping.name != "")
    rows = session.scalars(select(StageMapping).where(*by_people).order_by(StageMapping.stage_ref))
    return {fold_name(row.name): row.stage for row in rows}


def _load_known(session: Session, system: str, refs: Sequence[str]) -> dict[str, StageMapping]:
    known: dict[str, StageMapping] = {}
    for some in chunks(refs):
        criteria = (StageMapping.system == system, StageMapping.stage_ref.in_(some))
        known.update((row.stage_ref, row) for row in session.scalars(select(StageMapping).where(*criteria)))
    return known
