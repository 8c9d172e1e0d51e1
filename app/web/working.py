"""A server that does tasks beside what it serves."""

import threading

from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.worker.loop import Worker


class Working:
    """An application that begins to do tasks when its server has started, and gives them back before it ends."""

    def __init__(self, app: ASGIApp, worker: Worker) -> None:
        self._app, self._worker = app, worker
        self._thread = threading.Thread(target=worker.run, name="worker")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def told() -> Message:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._thread.start()
            else:
                await self._stop()
            return message

        await self._app(scope, told, send)

    async def _stop(self) -> None:
        self._worker.stop()
        await run_sync(self._thread.join)
