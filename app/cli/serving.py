"""Serving: one process that also does what is due, or several beside PostgreSQL that share one address."""

import os
from socket import socket
from typing import TYPE_CHECKING

from app.cli.runtime import Runtime
from app.errors import NotReady
from app.i18n import _
from app.web.application import create_app
from app.web.listening import Listening, collect_seldom
from app.web.working import Working
from app.worker.loop import Worker

if TYPE_CHECKING:
    from uvicorn import Config


def application(runtime: Runtime | None = None) -> Working:
    """What one server process serves; without a runtime, that of the environment."""
    runtime = runtime or Runtime(None, None, "serve")
    app = create_app(
        runtime.database, runtime.pseudonym_key, clock=runtime.clock, provider=runtime.settings.provider(),
        sealer=runtime.sealer,
    )  # fmt: skip
    collect_seldom()
    return Working(app, Worker(runtime.work))


def configure(runtime: Runtime, host: str, port: int, workers: int) -> "Config":
    """How the server is to listen, in so many processes."""
    import uvicorn

    if workers > 1 and runtime.database.is_sqlite:
        raise NotReady(
            _("Several server processes need PostgreSQL; give its address with --database, or leave --workers away.")
        )
    return uvicorn.Config(
        "app.cli.serving:application" if workers > 1 else application(runtime),
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
