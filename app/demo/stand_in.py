"""What every stand-in ATS has: a real socket, a rate limit that is really counted, and ways to go wrong."""

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.demo.faults import Fault

DRIP_SECONDS = 0.02
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
STATUS_OF_FAULT: Mapping[Fault, int] = {
    Fault.TOO_MANY: 429,
    Fault.BROKEN: 500,
    Fault.UNAVAILABLE: 503,
    Fault.REFUSED: 401,
}
"""The faults that are an error of the vendor's own form."""
ELSEWHERE = "http://169.254.169.254/latest/meta-data/"


@dataclass(slots=True)
class RateLimit:
    """So many requests in so many seconds, really counted."""

    requests: int = 50
    seconds: float = 10.0
    clock: Callable[[], float] = time.monotonic
    prefix: str = "X-Rate-Limit"
    _taken: deque[float] = field(default_factory=deque)

    def take(self) -> bool:
        """Count a request; False if it is one too many."""
        now = self.clock()
        while self._taken and self._taken[0] <= now - self.seconds:
            self._taken.popleft()
        if len(self._taken) >= self.requests:
            return False
        self._taken.append(now)
        return True

    @property
    def reset(self) -> int:
        """How many seconds until the first of the requests counts no longer, rounded up."""
        return int(self._taken[0] + self.seconds - self.clock() if self._taken else 0.0) + 1

    @property
    def headers(self) -> Mapping[str, str]:
        return {
            f"{self.prefix}-Limit": str(self.requests),
            f"{self.prefix}-Remaining": str(self.requests - len(self._taken)),
            f"{self.prefix}-Reset": str(self.reset),
        }


async def answer_instead(fault: Fault | None) -> Response | None:
    """What comes in the place of an answer where a fault leaves nothing of it, and is no error of the vendor's."""
    if fault is Fault.SILENCE:
        await anyio.sleep_forever()
    if fault is Fault.HTML:
        return Response("<html><body>Scheduled maintenance</body></html>", media_type="text/html")
    if fault is Fault.REDIRECT:
        return Response(status_code=302, headers={"Location": ELSEWHERE})
    return None


def deliver(body: bytes, headers: Mapping[str, str], media_type: str, fault: Fault | None) -> Response:
    """The answer, as far as a fault lets it come."""
    if fault is Fault.DRIP:
        return StreamingResponse(_drip(), headers=headers, media_type=media_type)
    if fault is Fault.HALF:
        body = body[: len(body) // 2]
    return Response(body, headers=dict(headers), media_type=media_type)


async def _drip() -> AsyncIterator[bytes]:
    yield b"{"
    while True:
        await anyio.sleep(DRIP_SECONDS)
        yield b" "


@contextlib.contextmanager
def listening(routes: Sequence[Route]) -> Iterator[str]:
    """Serve routes on a free port of this machine, and yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = uvicorn.Config(
            Starlette(routes=routes),
            log_level="critical",
            lifespan="off",
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
