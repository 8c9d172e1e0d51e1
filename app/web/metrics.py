"""How many requests each route answered, with which status, and how long they took; for Prometheus."""

import datetime as dt
import time
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import DBAPIError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database import Database
from app.tasks.reading import oldest_wait, read_queues
from app.tasks.sign import list_alive

UNMATCHED = "unmatched"


class RequestFigures:
    """How many requests were answered, and how long it took."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "kutsu_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "kutsu_request_seconds", "How long an answer took.", ("method", "route"), registry=registry
        )


class Metrics:
    """Counts and times requests by the template of their route, never by their address."""

    def __init__(self, app: ASGIApp, figures: RequestFigures) -> None:
        self._app, self._figures = app, figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        begun = time.perf_counter()
        try:
            await self._app(scope, receive, watch)
        finally:
            route = _template(scope)
            method = "any" if route == UNMATCHED else scope["method"]  # methods can be made up without end
            self._figures.requests.labels(method, route, status).inc()
            self._figures.seconds.labels(method, route).observe(time.perf_counter() - begun)


class QueueFigures(Collector):
    """How long the queues of tasks are, read from the store whenever a monitor asks."""

    def __init__(self, database: Database, clock: Callable[[], dt.datetime]) -> None:
        self._database, self._clock = database, clock

    def collect(self) -> Iterator[Metric]:
        now = self._clock()
        try:
            with self._database.reading() as session:
                queues, workers = read_queues(session, now), list_alive(session, now)
        except DBAPIError:
            return  # what the store cannot say is absent, and /readyz says why
        waiting = GaugeMetricFamily("kutsu_tasks_waiting", "Tasks that wait.", labels=["kind"])
        running = GaugeMetricFamily("kutsu_tasks_running", "Tasks that run.", labels=["kind"])
        oldest = GaugeMetricFamily(
            "kutsu_task_oldest_due_seconds", "How long the task due longest has waited.", labels=["kind"]
        )
        for queue in queues:
            waiting.add_metric([queue.kind], queue.waiting)
            running.add_metric([queue.kind], queue.running)
            oldest.add_metric([queue.kind], oldest_wait([queue], now).total_seconds())
        yield from (waiting, running, oldest)
        yield GaugeMetricFamily("kutsu_workers", "Processes that do tasks.", value=len(workers))


def _template(scope: Scope) -> str:
    """The address with its parameters' names for their values: the same for all rows of a kind."""
    if "route" not in scope:
        return UNMATCHED
    names = {value: f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    return "/".join(names.get(step, step) for step in scope["path"].split("/"))
