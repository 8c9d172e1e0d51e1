"""Serving: one process that also does what is due, or several beside PostgreSQL that share one address."""

import gc
import logging
import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from socket import socket
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from app.cli.runtime import Runtime
from app.errors import NotReady
from app.i18n import _
from app.web.listening import Listening, collect_seldom
from app.web.opening import Doors, Opening

if TYPE_CHECKING:
    from uvicorn import Config

    from app.web.working import Working


log = logging.getLogger("kutsu.serving")

RETRY_SECONDS = 1.0
TURN_SECONDS = 0.0005
"""How long a thread that reckons goes on while the one that answers waits: a tenth of Python's own, for each time that
one sends a few bytes it gives its turn away."""


def application(runtime: Runtime | None = None, loaded: Callable[[], None] = lambda: None) -> Opening:
    """What one server process serves; without a runtime, that of the environment. `loaded` is called when all of it
    is there and the store lets us write."""
    gc.disable()  # until all is loaded, in processes that begin here too
    sys.setswitchinterval(TURN_SECONDS)
    runtime = runtime or Runtime(None, None, "serve")
    apart = (os.cpu_count() or 1) > 1  # one core would only have two processes to turn between
    doors = Doors(runtime.database, runtime.sealer, runtime.clock, files=runtime.files, apart=apart)
    return Opening(doors, partial(_load, runtime, loaded))


def _load(runtime: Runtime, loaded: Callable[[], None], doors: Doors) -> "Working":
    """The pages, the API, and what does tasks beside them."""
    from app.intake.vendors import open_account
    from app.outbound import ONCE
    from app.web.application import build_app
    from app.web.working import Working
    from app.worker.loop import Worker

    settings = runtime.settings
    app = build_app(
        doors, runtime.pseudonym_key, provider=settings.provider(), public_url=settings.chosen_public_url,
        client_for=partial(runtime.open_account or open_account, limits=ONCE),
    )  # fmt: skip
    worker = Worker(runtime.work)
    collect_seldom()
    has_begun = threading.Event()
    app.state.has_begun = has_begun.is_set
    _begin(loaded, has_begun)
    if not has_begun.is_set():
        threading.Thread(target=_go_on_trying, args=(loaded, has_begun), name="beginning", daemon=True).start()
    return Working(app, worker)


def _begin(loaded: Callable[[], None], has_begun: threading.Event) -> None:
    """What a server does once at its start: while the store does not let it, it serves what it can."""
    try:
        loaded()
    except OperationalError as error:
        log.warning("The store does not let us begin, which is tried again: %s", error.orig)
    else:
        has_begun.set()


def _go_on_trying(loaded: Callable[[], None], has_begun: threading.Event) -> None:
    while not has_begun.wait(RETRY_SECONDS):
        _begin(loaded, has_begun)


def configure(runtime: Runtime, host: str, port: int, workers: int, loaded: Callable[[], None]) -> "Config":
    """How the server is to listen, in so many processes; `loaded` is called when a single one has all loaded."""
    import uvicorn

    if workers > 1 and runtime.database.is_sqlite:
        raise NotReady(
            _("Several server processes need PostgreSQL; give its address with --database, or leave --workers away.")
        )
    return uvicorn.Config(
        "app.cli.serving:application" if workers > 1 else application(runtime, loaded),
        factory=workers > 1, workers=workers, host=host, port=port, log_level="warning", access_log=False,
        http=Listening,
    )  # fmt: skip


def run_servers(runtime: Runtime, config: "Config", listener: socket) -> None:
    """Serve until told to stop."""
    if config.workers == 1:
        import uvicorn

        uvicorn.Server(config).run(sockets=[listener])
        return
    from uvicorn.supervisors import Multiprocess

    # The processes build what they need by themselves, from the environment.
    os.environ["KUTSU_DATABASE_URL"] = runtime.settings.database_url
    runtime.database.close()
    Multiprocess(config, sockets=[listener]).run()
