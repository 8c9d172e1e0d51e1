"""Which of our stages one of an ATS's is: a proposal from its type and name, until a person decides."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import chunks
from app.funnel.stage import Stage, StageMapping
from app.intake.connectors.page import StageSeen

PROPOSAL = "proposal"

TYPES = {
    "inbox": Stage.APPLIED,
    "applied": Stage.APPLIED,
    "screening": Stage.SCREENED,
    "interview": Stage.INTERVIEW,
    "offer": Stage.OFFER,
    "hired": Stage.HIRED,
}
"""Types that say by themselves what a stage is; *In process* says nothing, so the name has to."""

WORDS = {
    Stage.STARTED: r"aloittanut|aloittaneet|tyo alkanut|borjat|tilltratt|startet i jobb|tiltradt|started"
    r"|onboarded",
    Stage.HIRED: r"palkat\w*|rekrytoitu|valittu|valitut|anstallda?|rekryterad|ansatt|ansatte|hired"
    r"|sopimus allekirjoitettu|contract signed|avtal underskrivet|kontrakt signert",
    Stage.OFFER: r"tarjou\w*|tyotarjou\w*|erbjuda\w*|anbud|tilbud\w*|jobbtilbud|offer\w*"
    r"|palkkaneuvottelu\w*|sopimusneuvottelu\w*|loneforhandling|lonnsforhandling",
    Stage.INTERVIEW: r"\w*haastattelu\w*|\w*haastateltava\w*|\w*intervju\w*|\w*interview\w*",
    Stage.SCREENED: r"\w*esikarsin\w*|karsinta|esivali\w*|\w*seulo\w*|kelpoisuus\w*|arvioin\w*"
    r"|forsta urval|urval|\w*gallring\w*|granskning\w*|kvalificer\w*|utvelgelse|\w*vurdering\w*|siling"
    r"|screen\w*|review\w*|shortlist\w*|short list|qualif\w*|assessment\w*",
    Stage.APPLIED: r"saapune\w*|uude[tn]?|uusi|hakenut|hakeneet|hakemukset|inkom\w*|nya|ny|ansokning\w*"
    r"|innkom\w*|soknad\w*|nye|inbox|new|applied|applications?|received",
}
"""Words of stage names in Finnish, Swedish, Norwegian and English, without accents."""
NEGATION = re.compile(r"\b(?:ei|inte|ej|ikke|not|no)\b")
_PATTERNS = {stage: re.compile(rf"\b(?:{words})\b") for stage, words in WORDS.items()}


def propose_stage(vendor_type: str | None, name: str) -> Stage | None:
    """Our stage for one of the vendor's, or None where neither its type nor its name tells.

    A name that speaks of two stages tells nothing: *chosen for interview* is no hire.
    """
    if vendor_type is not None and (stage := TYPES.get(vendor_type.strip().lower())) is not None:
        return stage
    plain = _plain(name)
    if NEGATION.search(plain):
        return None
    spoken_of = [stage for stage, pattern in _PATTERNS.items() if pattern.search(plain)]
    return spoken_of[0] if len(spoken_of) == 1 else None


def _plain(name: str) -> str:
    letters = name.casefold().replace("ø", "o").replace("æ", "ae")
    return unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()


def store_proposals(session: Session, system: str, stages: Iterable[StageSeen]) -> set[str]:
    """Keep the stages that were seen, each with a proposal; what a person decided stays as it is.

    A stage without a name is only known to exist: it is kept for a person to map it.

    Returns the stages whose meaning changed by this, so that what stands in them can be projected again.
    """
    seen = {stage.ref: stage for stage in stages}
    known = _load_known(session, system, list(seen))
    changed = set()
    for ref, stage in seen.items():
        if ref in known and not stage.name:
            continue
        proposed = propose_stage(stage.vendor_type, stage.name)
        mapping = known.get(ref)
        if mapping is None:
            mapping = StageMapping(system=system, stage_ref=ref, stage=None, decided_by=PROPOSAL)
            session.add(mapping)
        if mapping.decided_by == PROPOSAL and mapping.stage != proposed:
            mapping.stage = proposed
            changed.add(ref)
        mapping.name, mapping.vendor_type, mapping.position = stage.name, stage.vendor_type, stage.position
    session.flush()
    return changed


def _load_known(session: Session, system: str, refs: Sequence[str]) -> dict[str, StageMapping]:
    known: dict[str, StageMapping] = {}
    for some in chunks(refs):
        criteria = (StageMapping.system == system, StageMapping.stage_ref.in_(some))
        known.update((row.stage_ref, row) for row in session.scalars(select(StageMapping).where(*criteria)))
    return known
