"""Static files: our own, and what is kept of others in `vendor`. Addresses carry a digest of what they give, so
browsers may keep it for ever."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response

STATIC = Path(__file__).parents[1] / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_EVER = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter(include_in_schema=False)


@router.get("/static/{name}")
def static_file(name: str, request: Request) -> Response:
    """A file under the address that `static_address` gave, compressed for who reads that."""
    path = _addresses().get(f"/static/{name}")
    if path is None:
        return PlainTextResponse("There is no such file.", 404)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            _compressed(path), media_type=TYPES[path.suffix], headers=FOR_EVER | {"Content-Encoding": "gzip"}
        )
    return FileResponse(path, media_type=TYPES[path.suffix], headers=FOR_EVER)


@router.get("/favicon.ico")
def favicon() -> Response:
    """The mark for browsers that ask for it by its old name."""
    return FileResponse(STATIC / "favicon.svg", media_type=TYPES[".svg"])


def static_address(name: str) -> str:
    """The address of one of the files (`kutsu.css`)."""
    for address, path in _addresses().items():
        if path.name == name:
            return address
    raise KeyError(name)


@cache
def _addresses() -> dict[str, Path]:
    return {_digest_address(path): path for path in sorted(STATIC.rglob("*")) if path.suffix in TYPES}


def _digest_address(path: Path) -> str:
    return f"/static/{path.stem}-{hashlib.sha256(path.read_bytes()).hexdigest()[:10]}{path.suffix}"


@cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes())
