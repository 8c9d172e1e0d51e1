"""How many requests each route answered, with which status, and how long they took; for Prometheus."""

import time

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

UNMATCHED = "unmatched"

router = APIRouter(tags=["operation"])


class Metrics:
    """Counts and times requests by the template of their route, never by their address."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        self._requests = Counter(
            "kutsu_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "kutsu_request_seconds", "How long an answer took.", ("method", "route"), registry=registry
        )

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
            self._requests.labels(method, route, status).inc()
            self._seconds.labels(method, route).observe(time.perf_counter() - begun)


def _template(scope: Scope) -> str:
    """The address with its parameters' names for their values: the same for all rows of a kind."""
    if "route" not in scope:
        return UNMATCHED
    names = {value: f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    return "/".join(names.get(step, step) for step in scope["path"].split("/"))


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
def read_metrics(request: Request) -> Response:
    """Requests by route, method and status, and how long they took."""
    return Response(generate_latest(request.app.state.registry), media_type=CONTENT_TYPE_LATEST)
