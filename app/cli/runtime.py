"""What every verb is started with: which database, whose rows, what time it is."""

import datetime as dt
import uuid
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from app.access.organisation import Organisation
    from app.database import Database
    from app.files.store import FileStore
    from app.intake.connectors.page import Client
    from app.intake.sealing import Sealer
    from app.settings import Settings
    from app.worker.handlers import Work


class Runtime:
    """Opens what a verb needs when it first asks for it."""

    def __init__(
        self,
        database_url: str | None,
        organisation_name: str | None,
        verb: str = "",
        enter: "Callable[[AbstractContextManager[None]], object] | None" = None,
    ) -> None:
        """`enter` holds something until the verb has ended: the language of the organisation, once that is known."""
        self._database_url = database_url
        self._enter = enter
        self.verb = verb
        self.organisation_name = organisation_name
        self.open_account: Callable[..., AbstractContextManager[Client]] | None = None
        """What opens accounts at vendors, if not what always does."""

    @cached_property
    def settings(self) -> "Settings":
        from app.settings import Settings

        return Settings(database_url=self._database_url) if self._database_url else Settings()

    @cached_property
    def database(self) -> "Database":
        """The database, with the schema that this version needs."""
        from app.access.audit import Actor, ActorKind, acting
        from app.database import Database
        from app.migration import require_current

        acting.set(Actor(ActorKind.COMMAND, f"kutsu {self.verb}"))
        database = Database(self.settings.database_url)
        require_current(database)
        return database

    @cached_property
    def pseudonym_key(self) -> bytes:
        """What people's references are made with."""
        from app.settings import derive_key

        return derive_key(self.settings.secret(), "pseudonyms")

    @cached_property
    def sealer(self) -> "Sealer":
        """What credentials are sealed with."""
        from app.intake.sealing import Sealer
        from app.settings import derive_key

        return Sealer([derive_key(self.settings.secret(), "credentials")])

    @cached_property
    def files(self) -> "FileStore":
        """Where files of assets are kept."""
        return self.settings.file_store()

    @cached_property
    def organisation_id(self) -> uuid.UUID:
        return self.organisation.id

    @cached_property
    def organisation(self) -> "Organisation":
        """The organisation named on the command line, or the only one there is."""
        from app.access.organisation import choose_organisation
        from app.i18n import speaking

        with self.database.reading() as session:
            organisation = choose_organisation(session, self.organisation_name)
            session.expunge(organisation)
        if self._enter is not None:
            self._enter(speaking(organisation.locale))
        return organisation

    def language(self, asked: str | None) -> str:
        """The language that a verb is asked for, else the organisation's; that is entered first, so that it is left
        last."""
        organisation = self.organisation
        return asked or organisation.locale

    @cached_property
    def work(self) -> "Work":
        """What tasks are done with."""
        from app.intake.vendors import open_account
        from app.worker.handlers import Work

        client_for = self.open_account or open_account
        return Work(self.database, self.pseudonym_key, self.sealer, self.clock, client_for, self.files)

    @property
    def clock(self) -> Callable[[], dt.datetime]:
        return now

    def now(self) -> dt.datetime:
        return now()


def now() -> dt.datetime:
    """This moment."""
    return dt.datetime.now(dt.UTC)
