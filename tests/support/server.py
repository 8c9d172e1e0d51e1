"""Runs an ASGI application behind a real uvicorn on a free loopback port."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

STOP_WITHIN_SECONDS = 10


class _Server(uvicorn.Server):
    """A uvicorn that tells when it has started or given up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()
        self.failure: BaseException | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        except (Exception, SystemExit) as failure:  # noqa: BLE001 - the waiting thread raises it
            self.failure = failure
        finally:
            self.settled.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.settled.set()


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serves `app` until the block ends; the value is its base URL, without a slash at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app, log_level="warning", log_config=None, timeout_graceful_shutdown=STOP_WITHIN_SECONDS // 2
        )
        server = _Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="served application")
        thread.start()
        server.settled.wait()
        if not server.started:
            thread.join()
            raise RuntimeError("The application did not start: see its log above.") from server.failure
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(STOP_WITHIN_SECONDS)
            if thread.is_alive():
                raise RuntimeError(f"The served application did not stop within {STOP_WITHIN_SECONDS} s.")
            if server.failure:
                raise RuntimeError("The served application broke.") from server.failure
