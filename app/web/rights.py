"""What each route asks of whoever comes: declared here for every route, checked when the application is made,
and enforced from here for the API. A route that is not declared keeps the application from starting.
"""

import enum
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

from app.access.token import Scope
from app.errors import NotReady

WHY = ("/placements/{id}/why", "/verdicts/why")
WHY_FILES = tuple(f"{path}{part}{ending}" for path in WHY for part in ("", "/inputs") for ending in (".csv", ".xlsx"))

UNANSWERED = frozenset({"HEAD", "OPTIONS"})
"""Methods that the edge answers from another's."""


class Visitor(enum.StrEnum):
    """What a route for people asks of them."""

    ANYONE = "anyone"
    READER = "reader"
    ADMINISTRATOR = "administrator"


class Counts(enum.StrEnum):
    """What a route shows of counts of applicants."""

    NONE = "none"
    EXACT = "exact"
    PROTECTED = "protected"


Right: TypeAlias = Scope | Visitor
"""The least that opens a route: a scope of a machine's token, or what a person is."""

PLAN = (
    "personas", "claims", "campaigns", "assets", "channels", "placements", "jobs", "source-aliases", "naming-presets",
)  # fmt: skip


def _plan(noun: str) -> Iterator[tuple[str, dict[str, Right]]]:
    row = f"{noun.replace('-', '_').removesuffix('es' if noun.endswith('ases') else 's')}_id"
    yield f"/api/v1/{noun}", {"GET": Scope.PLAN_READ, "POST": Scope.PLAN_WRITE}
    changes = dict.fromkeys(("PUT", "PATCH", "DELETE"), Scope.PLAN_WRITE)
    yield f"/api/v1/{noun}/{{{row}}}", {"GET": Scope.PLAN_READ, **changes}


TABLES = (
    "funnel", "funnel/split", "funnel/shares", "funnel/beside", "verdicts", "verdicts/beside", "monthly", "paths",
    "paths/ways", "applications", "forecasts", "unknown",
)  # fmt: skip
OF_PLAN = (
    "campaigns/{campaign_id}/expected", "campaigns/{campaign_id}/ads", "channels/{channel_id}/ads",
    "assets/{asset_id}/ads", "personas/{slug}/ads",
)  # fmt: skip
KINDS = ("csv", "xlsx")
RIGHTS: Mapping[str, Mapping[str, Right]] = {
    "/healthz": {"GET": Visitor.ANYONE},
    "/readyz": {"GET": Visitor.ANYONE},
    "/metrics": {"GET": Visitor.ANYONE},
    "/openapi.json": {"GET": Visitor.ANYONE},
    "/hooks/{connection_id}": {"POST": Visitor.ANYONE},
    "/k/{code}": {"GET": Visitor.ANYONE},
    "/static/{name}": {"GET": Visitor.ANYONE},
    "/favicon.ico": {"GET": Visitor.ANYONE},
    **dict(pair for noun in PLAN for pair in _plan(noun)),
    "/api/v1/assets/{asset_id}/files": {"GET": Scope.PLAN_READ, "POST": Scope.PLAN_WRITE},
    "/api/v1/assets/{asset_id}/files/{file_id}": {"GET": Scope.PLAN_READ, "DELETE": Scope.PLAN_WRITE},
    "/api/v1/assets/{asset_id}/files/{file_id}/content": {"GET": Scope.PLAN_READ},
    "/api/v1/assets/{asset_id}/files/{file_id}/put-back": {"POST": Scope.PLAN_WRITE},
    "/api/v1/personas/{persona_id}/differences": {"GET": Scope.PLAN_READ},
    "/api/v1/placements/{placement_id}/target": {"GET": Scope.PLAN_READ, "PUT": Scope.PLAN_WRITE},
    "/api/v1/placements/{placement_id}/clicks": {"GET": Scope.PLAN_READ},
    "/api/v1/placements/{placement_id}/repeat": {"POST": Scope.PLAN_WRITE},
    "/api/v1/placements/{placement_id}/print-kit": {"GET": Scope.PLAN_READ},
    "/api/v1/campaigns/{campaign_id}/print-kit": {"GET": Scope.PLAN_READ},
    "/api/v1/campaigns/{campaign_id}/copy": {"POST": Scope.PLAN_WRITE},
    "/api/v1/campaigns/{campaign_id}/placements": {"POST": Scope.PLAN_WRITE},
    "/api/v1/campaigns/{campaign_id}/invoices": {"GET": Scope.PLAN_READ},
    "/api/v1/campaigns/{campaign_id}/weeks": {"GET": Scope.PLAN_READ},
    "/api/v1/invoices": {"POST": Scope.PLAN_WRITE},
    "/api/v1/invoices/{invoice_id}": {"GET": Scope.PLAN_READ, "DELETE": Scope.PLAN_WRITE},
    "/api/v1/naming-presets/{naming_preset_id}/proposal": {"GET": Scope.PLAN_READ},
    "/api/v1/calendar": {"GET": Scope.PLAN_READ},
    "/api/v1/calendar/shares": {"GET": Scope.PLAN_READ, "POST": Scope.PLAN_WRITE},
    "/api/v1/calendar/shares/{share_id}": {"DELETE": Scope.PLAN_WRITE},
    "/api/v1/observations": {"POST": Scope.OBSERVATIONS_WRITE},
    "/api/v1/ad-totals": {"GET": Scope.PLAN_READ, "POST": Scope.OBSERVATIONS_WRITE},
    "/api/v1/ad-totals/{import_id}/undo": {"POST": Scope.OBSERVATIONS_WRITE},
    "/api/v1/messages": {"GET": Scope.PLAN_READ},
    "/api/v1/observed-jobs": {"GET": Scope.REPORTS_READ},
    "/api/v1/plan": {"GET": Scope.PLAN_READ, "POST": Scope.PLAN_WRITE},
    "/api/v1/reports/effectiveness": {"GET": Scope.REPORTS_READ},
    **{
        f"/api/v1/reports/explain{row}{ending}": {"GET": Scope.REPORTS_READ}
        for row in ("/{placement_id}", "")
        for ending in (".csv", "")
    },
    "/api/v1/reports/funnel": {"GET": Scope.REPORTS_READ},
    "/api/v1/reports/paths": {"GET": Scope.REPORTS_READ},
    "/api/v1/reports/comparison": {"GET": Scope.REPORTS_READ},
    "/api/v1/reports/monthly": {"GET": Scope.REPORTS_READ},
    "/api/v1/reports/unmatched": {"GET": Scope.REPORTS_READ},
    "/api/v1/reports/unknown": {"GET": Scope.REPORTS_READ},
    "/api/v1/reports/forecasts": {"GET": Scope.REPORTS_READ},
    "/api/v1/reports/plan": {"GET": Scope.REPORTS_READ},
    "/api/v1/urgent-requests": {"POST": Scope.PLAN_WRITE},
    "/api/v1/campaigns-by-pattern": {"POST": Scope.PLAN_WRITE},
    "/api/v1/checks": {"GET": Scope.REPORTS_READ},
    "/api/v1/checks/{check}/aside": {"PUT": Scope.PLAN_WRITE, "DELETE": Scope.PLAN_WRITE},
    "/api/v1/connections": {"GET": Scope.ADMIN, "POST": Scope.ADMIN},
    "/api/v1/connections/{connection_id}": dict.fromkeys(("GET", "PUT", "PATCH", "DELETE"), Scope.ADMIN),
    "/api/v1/connections/{connection_id}/test": {"POST": Scope.ADMIN},
    "/api/v1/connections/{connection_id}/webhooks": {"GET": Scope.ADMIN, "DELETE": Scope.ADMIN},
    "/api/v1/connections/{connection_id}/webhooks/secrets": {"POST": Scope.ADMIN},
    "/api/v1/connections/{connection_id}/webhooks/secrets/{which}": {"DELETE": Scope.ADMIN},
    "/api/v1/connections/{connection_id}/webhooks/waiting": {"GET": Scope.ADMIN},
    "/api/v1/connections/{connection_id}/webhooks/retry": {"POST": Scope.ADMIN},
    "/api/v1/connections/{connection_id}/counts": {"GET": Scope.REPORTS_READ},
    "/api/v1/connections/{connection_id}/counts/bring": {"POST": Scope.ADMIN},
    "/api/v1/connections/{connection_id}/sources": {"GET": Scope.PLAN_READ},
    "/api/v1/connections/{connection_id}/sources/{placement_id}": dict.fromkeys(("PUT", "DELETE"), Scope.PLAN_WRITE),
    "/api/v1/connections/{connection_id}/stages": {"GET": Scope.ADMIN, "PATCH": Scope.ADMIN},
    "/api/v1/connections/{connection_id}/stages/undo": {"POST": Scope.ADMIN},
    "/api/v1/tasks": {"GET": Scope.ADMIN},
    "/api/v1/tasks/{task_id}": {"GET": Scope.ADMIN},
    "/api/v1/tasks/{task_id}/cancel": {"POST": Scope.ADMIN},
    "/api/v1/tasks/{task_id}/retry": {"POST": Scope.ADMIN},
    "/api/v1/tokens": {"GET": Scope.ADMIN, "POST": Scope.ADMIN},
    "/api/v1/tokens/{token_id}": {"DELETE": Scope.ADMIN},
    "/api/v1/organisations": {"GET": Scope.ADMIN, "POST": Scope.ADMIN},
    "/api/v1/organisations/departments": {"GET": Scope.ADMIN, "PUT": Scope.ADMIN},
    "/api/v1/organisations/{organisation_id}": {"GET": Scope.ADMIN, "PATCH": Scope.ADMIN},
    "/shared/calendar/{secret}": {"GET": Visitor.ANYONE},
    "/shared/calendar/{secret}/feed.ics": {"GET": Visitor.ANYONE},
    "/accessibility": {"GET": Visitor.ANYONE, "POST": Visitor.ANYONE},
    "/accessibility/{report_id}/settled": {"POST": Visitor.ADMINISTRATOR},
    "/sign-in": {"GET": Visitor.ANYONE, "POST": Visitor.ANYONE},
    "/sign-in/code": {"GET": Visitor.ANYONE, "POST": Visitor.ANYONE},
    "/sign-in/link/{secret}": {"GET": Visitor.ANYONE, "POST": Visitor.ANYONE},
    "/sign-in/oidc": {"GET": Visitor.ANYONE},
    "/sign-in/oidc/callback": {"GET": Visitor.ANYONE},
    "/sign-out": {"POST": Visitor.ANYONE},
    "/organisation": {"POST": Visitor.ANYONE},
    "/invitation/{secret}": {"GET": Visitor.ANYONE, "POST": Visitor.ANYONE},
    "/reset/{secret}": {"GET": Visitor.ANYONE, "POST": Visitor.ANYONE},
    "/account": {"GET": Visitor.READER},
    "/account/name": {"POST": Visitor.READER},
    "/account/password": {"POST": Visitor.READER},
    "/account/second-step": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/account/second-step/off": {"POST": Visitor.READER},
    "/account/sessions/end": {"POST": Visitor.READER},
    "/people": {"GET": Visitor.ADMINISTRATOR},
    **{
        f"/people/{verb}": {"POST": Visitor.ADMINISTRATOR} for verb in ("invite", "remove", "renew", "role", "withdraw")
    },
    "/": {"GET": Visitor.READER},
    "/funnel": {"GET": Visitor.READER},
    **{f"/{one}.{kind}": {"GET": Visitor.READER} for one in (*TABLES, *OF_PLAN) for kind in KINDS},
    "/monthly": {"GET": Visitor.READER},
    "/verdicts": {"GET": Visitor.READER},
    "/applications": {"GET": Visitor.READER},
    "/paths": {"GET": Visitor.READER},
    "/forecasts": {"GET": Visitor.READER},
    "/unknown": {"GET": Visitor.READER},
    "/placements/{id}": {"GET": Visitor.READER},
    "/placements/{id}/target": {"POST": Visitor.READER},
    "/placements/{id}/repeat": {"POST": Visitor.READER},
    "/placements/{id}/booking": {"POST": Visitor.READER},
    "/placements/{id}/status": {"POST": Visitor.READER},
    "/placements/{placement_id}/print-kit": {"GET": Visitor.READER},
    **{path: {"GET": Visitor.READER} for path in (*WHY, *WHY_FILES)},
    "/campaigns": {"GET": Visitor.READER},
    "/campaigns/new": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/campaigns/urgent": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/campaigns/{campaign_id}": {"GET": Visitor.READER},
    "/campaigns/{campaign_id}/print-kit": {"GET": Visitor.READER},
    "/campaigns/{campaign_id}/edit": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/campaigns/{campaign_id}/delete": {"POST": Visitor.READER},
    "/campaigns/{campaign_id}/status": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/campaigns/{campaign_id}/copy": {"POST": Visitor.READER},
    "/campaigns/{campaign_id}/placements/live": {"POST": Visitor.READER},
    "/campaigns/{campaign_id}/placements": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/campaigns/{campaign_id}/placements/paste": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/campaigns/{campaign_id}/costs": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/campaigns/{campaign_id}/costs/{invoice_id}/back": {"POST": Visitor.READER},
    **{key: {"GET": Visitor.READER, "POST": Visitor.READER} for key in ("/assets", "/assets/new", "/assets/describe")},
    "/assets/{asset_id}": {"GET": Visitor.READER},
    "/assets/{asset_id}/edit": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/assets/{asset_id}/delete": {"POST": Visitor.READER},
    "/assets/{asset_id}/status": {"POST": Visitor.READER},
    "/assets/{asset_id}/files": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/assets/{asset_id}/files/{file_id}": {"GET": Visitor.READER},
    **{f"/assets/{{asset_id}}/files/{{file_id}}/{verb}": {"POST": Visitor.READER} for verb in ("remove", "put-back")},
    **{path: {"GET": Visitor.READER} for path in ("/channels", "/claims", "/naming-presets", "/jobs")},
    **{
        f"/{noun}/{verb}": {"GET": Visitor.READER, "POST": Visitor.READER}
        for noun in ("channels", "claims", "naming-presets", "jobs")
        for verb in ("new", "{id}/edit")
    },
    **{f"/{noun}/{{id}}/delete": {"POST": Visitor.READER} for noun in ("channels", "claims", "naming-presets", "jobs")},
    "/channels/{channel_id}": {"GET": Visitor.READER},
    **{f"/jobs/{part}": {"POST": Visitor.READER} for part in ("match", "{job_id}/match", "{job_id}/unmatch")},
    "/jobs/{job_id}": {"GET": Visitor.READER},
    **{f"/calendar{one}": {"GET": Visitor.READER} for one in ("", ".csv", ".xlsx", "/weeks.csv", "/weeks.xlsx")},
    "/calendar/shares": {"POST": Visitor.READER},
    "/calendar/shares/{share_id}/revoke": {"POST": Visitor.READER},
    "/views": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/views/{word}": {"GET": Visitor.READER},
    "/views/{view_id}/share": {"POST": Visitor.READER},
    "/views/{view_id}/forget": {"POST": Visitor.READER},
    "/search": {"GET": Visitor.READER},
    "/help": {"GET": Visitor.READER},
    "/styleguide": {"GET": Visitor.READER},
    "/start": {"GET": Visitor.READER},
    "/start/personas": {"POST": Visitor.READER},
    "/start/campaign": {"POST": Visitor.READER},
    "/plan/file": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/plan/file.{format}": {"GET": Visitor.READER},
    "/messages": {"GET": Visitor.READER},
    "/messages.csv": {"GET": Visitor.READER},
    "/messages.xlsx": {"GET": Visitor.READER},
    "/personas": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/personas.zip": {"GET": Visitor.READER},
    "/personas/new": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/personas/{slug}.toml": {"GET": Visitor.READER},
    "/personas/{slug}": {"GET": Visitor.READER},
    "/personas/{slug}/edit": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/personas/{slug}/versions/delete": {"POST": Visitor.READER},
    "/personas/{slug}/versions": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/checks": {"GET": Visitor.READER},
    **{f"/checks/{{check}}/{verb}": {"POST": Visitor.READER} for verb in ("aside", "again")},
    "/data": {"GET": Visitor.READER},
    "/data/sources": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/data/sources/{source_alias_id}/forget": {"POST": Visitor.READER},
    "/data/ad-totals": {"GET": Visitor.READER, "POST": Visitor.READER},
    "/data/ad-totals.csv": {"GET": Visitor.READER},
    "/data/ad-totals.xlsx": {"GET": Visitor.READER},
    "/data/ad-totals/match": {"POST": Visitor.READER},
    "/data/ad-totals/{source_alias_id}/forget": {"POST": Visitor.READER},
    "/data/ad-totals/{import_id}": {"GET": Visitor.READER},
    **{f"/data/ad-totals/{{import_id}}/{verb}": {"POST": Visitor.READER} for verb in ("keep", "undo", "discard")},
    "/data/observations": {"GET": Visitor.ADMINISTRATOR, "POST": Visitor.ADMINISTRATOR},
    **{f"/data/observations/example.{kind}": {"GET": Visitor.ADMINISTRATOR} for kind in ("csv", "ndjson")},
    "/data/connect": {"GET": Visitor.ADMINISTRATOR, "POST": Visitor.ADMINISTRATOR},
    **{f"/data/work/{{task_id}}/{verb}": {"POST": Visitor.ADMINISTRATOR} for verb in ("stop", "again")},
    "/data/{connection_id}": {"GET": Visitor.READER},
    **{
        f"/data/{{connection_id}}/{verb}": {"POST": Visitor.ADMINISTRATOR}
        for verb in ("sync", "compare", "stop", "pause", "resume", "name", "key", "units", "disconnect", "test")
    },
    **{f"/data/{{connection_id}}/counts{ending}": {"GET": Visitor.READER} for ending in ("", ".csv", ".xlsx")},
    "/data/{connection_id}/counts/bring": {"POST": Visitor.ADMINISTRATOR},
    "/data/{connection_id}/stages": {"GET": Visitor.READER, "POST": Visitor.ADMINISTRATOR},
    "/data/{connection_id}/stages/undo": {"POST": Visitor.ADMINISTRATOR},
    "/data/{connection_id}/sources": {"GET": Visitor.READER},
    **{f"/data/{{connection_id}}/sources/{verb}": {"POST": Visitor.READER} for verb in ("made", "unmade")},
    "/data/{connection_id}/webhooks": {"GET": Visitor.READER},
    **{
        f"/data/{{connection_id}}/webhooks/{verb}": {"POST": Visitor.ADMINISTRATOR}
        for verb in ("secret", "settings", "drop", "drop-newer", "close", "retry")
    },
    "/tokens": {"GET": Visitor.ADMINISTRATOR, "POST": Visitor.ADMINISTRATOR},
    "/tokens/{token_id}/revoke": {"POST": Visitor.ADMINISTRATOR},
    "/units": {"GET": Visitor.ADMINISTRATOR, "POST": Visitor.ADMINISTRATOR},
    "/units/departments": {"POST": Visitor.ADMINISTRATOR},
    "/units/{organisation_id}": {"GET": Visitor.ADMINISTRATOR},
    **{
        f"/units/{{organisation_id}}/{verb}": {"POST": Visitor.ADMINISTRATOR}
        for verb in ("name", "shares", "hosts", "tracking", "zone")
    },
    "/audit": {"GET": Visitor.ADMINISTRATOR},
    "/audit.csv": {"GET": Visitor.ADMINISTRATOR},
}
"""The right of every route, by its path and method; of two paths that fit, the one declared first counts."""

COUNTS: Mapping[str, Counts] = {
    **{path: Counts.NONE for path in RIGHTS if path.startswith("/account")},
    **{
        path: Counts.NONE
        for path in RIGHTS
        if path.startswith(("/views", "/data/ad-totals", "/data/observations", "/calendar"))
    },
    **dict.fromkeys(("/assets", "/assets/new", "/assets/describe", "/assets/{asset_id}/edit"), Counts.NONE),
    "/assets/{asset_id}/status": Counts.PROTECTED,
    "/assets/{asset_id}/delete": Counts.NONE,
    **{path: Counts.NONE for path in RIGHTS if path.startswith("/assets/{asset_id}/files")},
    "/campaigns": Counts.NONE,
    "/campaigns/new": Counts.PROTECTED,
    "/campaigns/urgent": Counts.NONE,
    **{f"/campaigns/{{campaign_id}}/{verb}": Counts.PROTECTED for verb in ("edit", "delete", "status", "copy")},
    **{
        path: Counts.NONE
        for path in RIGHTS
        if path.startswith(tuple(f"/campaigns/{{campaign_id}}/{part}" for part in ("placements", "costs")))
    },
    "/search": Counts.NONE,
    "/help": Counts.NONE,
    "/styleguide": Counts.NONE,
    **{path: Counts.NONE for path in RIGHTS if path.startswith(("/claims", "/naming-presets"))},
    **{path: Counts.PROTECTED for path in RIGHTS if path.startswith(("/jobs", "/api/v1/observed-jobs"))},
    **dict.fromkeys(("/channels", "/channels/new", "/channels/{id}/edit", "/channels/{id}/delete"), Counts.NONE),
    **{path: Counts.NONE for path in RIGHTS if path.startswith(("/personas", "/messages", "/plan/", "/start"))},
    "/": Counts.EXACT,
    **{
        f"/{page}{ending}": Counts.EXACT
        for page in ("funnel", "verdicts", "applications", "paths", "forecasts", "unknown")
        for ending in ("", ".csv", ".xlsx")
    },
    **{f"/{table}.{kind}": Counts.EXACT for table in TABLES if "/" in table for kind in KINDS},
    **{f"/{table}.{kind}": Counts.PROTECTED for table in OF_PLAN for kind in KINDS},
    "/placements/{id}": Counts.PROTECTED,
    "/placements/{id}/target": Counts.PROTECTED,
    "/placements/{id}/repeat": Counts.PROTECTED,
    "/placements/{id}/booking": Counts.PROTECTED,
    "/placements/{id}/status": Counts.PROTECTED,
    "/campaigns/{campaign_id}": Counts.PROTECTED,
    "/campaigns/{campaign_id}/print-kit": Counts.NONE,
    "/placements/{placement_id}/print-kit": Counts.NONE,
    "/assets/{asset_id}": Counts.PROTECTED,
    "/channels/{channel_id}": Counts.PROTECTED,
    **dict.fromkeys(WHY, Counts.PROTECTED),
    **dict.fromkeys(WHY_FILES, Counts.EXACT),
    "/checks": Counts.EXACT,
    "/checks/{check}/aside": Counts.EXACT,
    "/checks/{check}/again": Counts.EXACT,
    "/api/v1/checks": Counts.EXACT,
    "/api/v1/checks/{check}/aside": Counts.EXACT,
    "/data": Counts.EXACT,
    "/data/sources": Counts.EXACT,
    "/data/sources/{source_alias_id}/forget": Counts.EXACT,
    "/data/{connection_id}": Counts.EXACT,
    **{f"/data/{{connection_id}}/counts{ending}": Counts.EXACT for ending in ("", ".csv", ".xlsx")},
    "/data/{connection_id}/stages": Counts.EXACT,
    **dict.fromkeys((f"/data/{{connection_id}}/sources{one}" for one in ("", "/made", "/unmade")), Counts.NONE),
    "/data/{connection_id}/webhooks": Counts.EXACT,
    "/units": Counts.PROTECTED,
    "/units/departments": Counts.PROTECTED,
    **{
        f"/api/v1/reports/{one}": Counts.EXACT
        for one in ("effectiveness", "funnel", "paths", "comparison", "unmatched", "unknown", "forecasts", "plan")
    },
    **dict.fromkeys((f"/api/v1/reports/explain{row}.csv" for row in ("/{placement_id}", "")), Counts.EXACT),
    **dict.fromkeys((f"/api/v1/reports/explain{row}" for row in ("/{placement_id}", "")), Counts.PROTECTED),
    "/api/v1/organisations/departments": Counts.PROTECTED,
    **{
        f"/api/v1/connections/{{connection_id}}/{one}": Counts.EXACT
        for one in ("webhooks", "webhooks/waiting", "counts", "stages", "stages/undo")
    },
    **dict.fromkeys(("/monthly", "/monthly.csv", "/monthly.xlsx", "/api/v1/reports/monthly"), Counts.PROTECTED),
}
"""What each route shows of counts. Whoever may not see small ones gets nothing from those that show exact ones; one
that protects them sees to it itself. Every page of readers and every report says which it is."""

_PATTERNS = tuple((compile_path(path)[0], methods) for path, methods in RIGHTS.items())


_PATHS = tuple((path, compile_path(path)[0]) for path in RIGHTS)


def right_of(method: str, path: str) -> Right | None:
    """What this address asks with this method, or None where nothing is declared and nobody may pass."""
    return next((methods[method] for pattern, methods in _PATTERNS if method in methods and pattern.match(path)), None)


def shows_exact_counts(path: str) -> bool:
    """Whether this address opens only for those who may see small counts."""
    fitting = (COUNTS.get(declared, Counts.NONE) for declared, pattern in _PATHS if pattern.match(path))
    return next(fitting, Counts.NONE) is Counts.EXACT


def routes_of(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and path that the application answers."""
    for context in iter_route_contexts(app.routes):
        for method in sorted((context.methods or {"ANY"}) - UNANSWERED):
            yield method, context.path or ""


def require_rights(app: FastAPI) -> None:
    """Refuse to make an application with a route that nobody has said who may use."""
    routes = set(routes_of(app))
    bare = sorted(f"{method} {path}" for method, path in routes if method not in RIGHTS.get(path, {}))
    if bare:
        raise NotReady(f"No right is declared for {', '.join(bare)}; say in app/web/rights.py who may use it.")
    silent = sorted({path for method, path in routes if _may_count(RIGHTS[path][method]) and path not in COUNTS})
    if silent:
        raise NotReady(f"Whether {', '.join(silent)} shows small counts is not declared; say so in app/web/rights.py.")


def _may_count(right: Right) -> bool:
    return right in (Scope.REPORTS_READ, Visitor.READER)
