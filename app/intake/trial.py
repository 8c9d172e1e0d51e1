"""Trying an account: whether it answers, takes the key and shows what Kutsu reads, each with what is wrong and the
remedy. Nothing is stored.
"""

import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.database import Database
from app.errors import KutsuError, Problem, TryLater, Unadmitted, Unpermitted, VendorError
from app.funnel.pseudonym import Pseudonyms
from app.funnel.stage import Stage
from app.i18n import _, join, ngettext
from app.intake.connection import Connection
from app.intake.connection_changes import ConnectionChange, require_key
from app.intake.connectors.page import CompanySeen, Connector, Probe, Probed, StageSeen
from app.intake.familiar import Familiar, find_company, load_familiar
from app.intake.sealing import Sealer
from app.intake.stage_proposal import fold_name, propose_stage
from app.intake.sync import ClientFor, describe_failure
from app.intake.vendors import VENDORS, check_account, get_connection, open_secrets

QUESTIONS: tuple[Probed, ...] = ("stages", "jobs", "applications")
MOST_TITLES = 5
"""How many jobs are named, so that a person knows the account by them."""


class Aspect(enum.StrEnum):
    """What a check is of."""

    ACCESS = "access"
    STAGES = "stages"
    JOBS = "jobs"
    APPLICATIONS = "applications"
    RIGHTS = "rights"
    SAME = "same"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried: whether it is well, and in a sentence how it is or what to do about it."""

    aspect: Aspect
    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class ProposedStage:
    """A stage of the account, and what Kutsu makes of it; None where a person has to say."""

    name: str
    vendor_type: str | None
    stage: Stage | None


@dataclass(frozen=True, slots=True)
class Trial:
    """How an account can be read. `region` is where its key is of, if it is another than was said; by `company` and
    the `titles` of some jobs a person knows whose account it is."""

    checks: tuple[Check, ...]
    seen: tuple[StageSeen, ...] = ()
    region: str | None = None
    company: CompanySeen | None = None
    titles: tuple[str, ...] = ()
    jobs: int | None = None

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)

    @property
    def told(self) -> tuple[Check, ...]:
        """The checks, each thing that is wrong once: one cause fails what is tried after it, too."""
        return tuple({check.text: check for check in self.checks}.values())

    @property
    def stages(self) -> tuple[ProposedStage, ...]:
        """Each stage name once, in the order of our stages, those first of which a person has to say it."""
        named = {fold_name(one.name): one for one in reversed(self.seen) if one.name}
        found = [
            ProposedStage(one.name, one.vendor_type, propose_stage(one.vendor_type, one.name)) for one in named.values()
        ]
        return tuple(sorted(found, key=lambda one: (-1 if one.stage is None else int(one.stage), one.name)))


def try_account(
    connection: Connection, secrets: Mapping[str, str], client_for: ClientFor, familiar: Familiar | None = None
) -> Trial:
    """Ask the account once for each thing that is read of it; the connection need not be stored. `familiar` is what
    was read of it before. An account that does not answer is asked no more: somebody waits."""
    told = _Told()
    try:
        with client_for(connection, secrets) as client:
            told.ask(VENDORS[connection.vendor].connector(client), familiar)
    except Unadmitted as error:
        return _unadmitted(connection, secrets, client_for, error)
    except TryLater as error:
        return Trial((*told.checks, Check(Aspect.ACCESS, False, _no_answer(connection, error))))
    except VendorError as error:
        return Trial((Check(Aspect.ACCESS, False, describe_failure(error)),))
    except KutsuError as error:
        return Trial((Check(Aspect.ACCESS, False, str(error)),))
    return Trial((*_access(told.checks), *told.checks), told.stages, None, told.company, told.titles, told.jobs)


@dataclass(slots=True)
class _Told:
    """What an account has told so far."""

    checks: list[Check] = field(default_factory=list)
    stages: tuple[StageSeen, ...] = ()
    titles: tuple[str, ...] = ()
    jobs: int | None = None
    company: CompanySeen | None = None

    def ask(self, connector: Connector, familiar: Familiar | None) -> None:
        """Ask for all of it; raises what ends a trial."""
        unpermitted = [refused for question in QUESTIONS if (refused := self._probe(connector, question)) is not None]
        rights = _check_rights(connector)
        # What the key lacks is named there, all of it in one answer.
        self.checks += [*(unpermitted if rights.ok else ()), rights]
        if all(check.ok for check in self.checks):
            self.company = find_company(connector)
            self.checks += _check_account(self.company, self.titles, self.jobs)
            self.checks += _check_same(connector, self.company, familiar)

    def _probe(self, connector: Connector, question: Probed) -> Check | None:
        """Ask one question; what comes of it is for a right that the key may lack."""
        aspect = Aspect(question)
        try:
            probe = connector.probe(question)
        except (Unadmitted, TryLater):
            raise
        except Unpermitted as error:
            return Check(aspect, False, str(error))
        except VendorError as error:
            self.checks.append(Check(aspect, False, describe_failure(error)))
            return None
        self.stages, self.titles = self.stages or probe.stages, self.titles or probe.titles[:MOST_TITLES]
        self.jobs = probe.count if question == "jobs" else self.jobs
        self.checks.append(Check(aspect, True, _found(question, probe)))
        return None


def try_stored(
    database: Database,
    organisation_id: uuid.UUID,
    connection_id: uuid.UUID,
    sealer: Sealer,
    client_for: ClientFor,
    secret: bytes,
) -> Trial:
    """Try an account that is stored; no transaction waits for its answers. `secret` keys the pseudonyms."""
    with database.reading(organisation_id) as session:
        connection = get_connection(session, connection_id)
        require_key(connection)
        familiar = load_familiar(session, connection, Pseudonyms(secret, organisation_id))
        session.expunge(connection)
    return try_account(connection, open_secrets(connection, sealer), client_for, familiar)


def try_change(
    database: Database,
    organisation_id: uuid.UUID,
    connection_id: uuid.UUID,
    given: ConnectionChange,
    sealer: Sealer,
    client_for: ClientFor,
    secret: bytes,
) -> Trial | None:
    """What the account says to another key or region before it takes the place of one that may work; None where
    neither is another, or where it is refused anyway."""
    with database.reading(organisation_id) as session:
        connection = get_connection(session, connection_id)
        region = given.region or connection.region
        if not VENDORS[connection.vendor].secrets or any(check_account(connection.vendor, region, given.credentials)):
            return None
        if given.credentials is None and (region == connection.region or not connection.credentials):
            return None
        secrets = open_secrets(connection, sealer) if given.credentials is None else given.credentials
        familiar = load_familiar(session, connection, Pseudonyms(secret, organisation_id))
        draft = Connection(
            vendor=connection.vendor, name=connection.name, region=region, base_url=connection.base_url, credentials=b""
        )  # fmt: skip
    return try_account(draft, {name: one.strip() for name, one in secrets.items()}, client_for, familiar)


def find_problems(trial: Trial, given: ConnectionChange) -> list[Problem]:
    """What speaks against a change, each with the field that it is about."""
    field = "region" if trial.region is not None or given.credentials is None else "credentials"
    if field == "credentials" and given.credentials is not None and len(given.credentials) == 1:
        field = f"credentials.{next(iter(given.credentials))}"
    return [Problem(field, check.text) for check in trial.told if not check.ok]


def _no_answer(connection: Connection, error: TryLater) -> str:
    """What to do where nothing answers. What the vendor's words add for runs is none of who waits here."""
    return _(
        "%(host)s does not answer at the moment (%(detail)s). Try again in a few minutes; if it stays so, ask whoever "
        "runs this server whether it may reach that address.",
        host=urlsplit(connection.base_url or VENDORS[connection.vendor].regions[connection.region]).netloc,
        detail=error.__cause__ or error,
    )


def _check_account(company: CompanySeen | None, titles: Sequence[str], jobs: int | None) -> list[Check]:
    """By what a person knows whose account it is."""
    text = join(" ", account_words(company, titles, jobs))
    return [Check(Aspect.ACCOUNT, True, text)] if text else []


def account_words(company: CompanySeen | None, titles: Sequence[str], jobs: int | None) -> list[str]:
    """Whose account it is, as far as the vendor says so, and some of its `jobs` by their titles."""
    words = [] if company is None else [_("It is the account of “%(company)s”.", company=company.name)]
    return words + ([_name_jobs(titles, jobs)] if titles else [])


def _name_jobs(titles: Sequence[str], jobs: int | None) -> str:
    """One title a line, for titles have commas of their own, and how many jobs are not named."""
    named, others = list(dict.fromkeys(titles)), (jobs or 0) - len(titles)
    if len(named) == 1 and others <= 0:
        return _("Jobs in it: %(titles)s.", titles=named[0])
    more = [ngettext("– and %(n)s more", "– and %(n)s more", others)] if others > 0 else []
    return join("\n", [_("Jobs in it:"), *(f"– {one}" for one in named), *more])


def _check_same(connector: Connector, company: CompanySeen | None, familiar: Familiar | None) -> list[Check]:
    """Whether it is the account that was read before, if one was."""
    if familiar is None:
        return []
    found = familiar.compare(connector, company)
    return [Check(Aspect.SAME, found.is_same, found.text)]


def _check_rights(connector: Connector) -> Check:
    """Whether the key opens everything that is read, and all that it lacks in one answer."""
    try:
        lacking = connector.lacking()
    except TryLater:
        raise
    except VendorError as error:
        return Check(Aspect.RIGHTS, False, describe_failure(error))
    if lacking:
        return Check(Aspect.RIGHTS, False, _("The key lacks rights. Give it: %(rights)s.", rights=", ".join(lacking)))
    return Check(Aspect.RIGHTS, True, _("The key has every right that is needed."))


def _access(checks: list[Check]) -> tuple[Check, ...]:
    """That the key was taken is known once anything was answered."""
    if not any(check.ok for check in checks):
        return ()
    return (Check(Aspect.ACCESS, True, _("The account answers and takes the key.")),)


def _unadmitted(connection: Connection, secrets: Mapping[str, str], client_for: ClientFor, error: Unadmitted) -> Trial:
    """The key is not taken: it may be another region's."""
    region = _find_region(connection, secrets, client_for)
    if region is None:
        return Trial((Check(Aspect.ACCESS, False, str(error)),))
    text = _("This key is of another region: choose %(region)s.", region=region_name(region))
    return Trial((Check(Aspect.ACCESS, False, text),), region=region)


def _find_region(connection: Connection, secrets: Mapping[str, str], client_for: ClientFor) -> str | None:
    """The other region of the vendor that takes the key, if one does."""
    others = [region for region in VENDORS[connection.vendor].regions if region != connection.region]
    for region in others if connection.base_url is None else ():
        elsewhere = Connection(vendor=connection.vendor, name=connection.name, region=region, base_url=None)
        try:
            with client_for(elsewhere, secrets) as client:
                VENDORS[connection.vendor].connector(client).probe("jobs")
        except KutsuError:
            continue
        return region
    return None


def region_name(region: str) -> str:
    """Where an account lives, in words."""
    names = {
        "eu": _("Europe"),
        "na": _("North America"),
        "ap": _("Asia and the Pacific"),
        "global": _("everywhere"),
    }
    return names.get(region, region)


def _found(question: Probed, probe: Probe) -> str:
    if probe.count is None:
        return {
            "stages": _("Its stages can be read."),
            "jobs": _("Its jobs can be read."),
            "applications": _("Its applications can be read."),
        }[question]
    if question == "stages":
        return ngettext("%(n)s stage can be read.", "%(n)s stages can be read.", probe.count)
    if question == "jobs":
        return ngettext("%(n)s job can be read.", "%(n)s jobs can be read.", probe.count)
    return ngettext(
        "%(n)s application can be read. People whom a recruiter added are counted here, and as leads later.",
        "%(n)s applications can be read. People whom a recruiter added are counted here, and as leads later.",
        probe.count,
    )
