"""Static files: our own, and the plotly that the installed package ships. Addresses carry what they are made of,
so browsers may keep them for ever."""

import hashlib
import importlib.metadata
import importlib.util
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, PlainTextResponse, Response

from app.errors import NotReady
from app.i18n import _

OWN = Path(__file__).parents[1] / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}

router = APIRouter(include_in_schema=False)


@router.get("/static/{name}")
def static_file(name: str) -> Response:
    """A file under the address that `static_address` gave."""
    path = _addresses().get(f"/static/{name}")
    if path is None:
        return PlainTextResponse("There is no such file.", 404)
    return FileResponse(path, media_type=TYPES[path.suffix], headers=FOR_EVER)


@router.get("/favicon.ico")
def favicon() -> Response:
    """The mark for browsers that ask for it by its old name."""
    return FileResponse(OWN / "favicon.svg", media_type=TYPES[".svg"])


def static_address(name: str) -> str:
    """The address of one of our files (`kutsu.css`), or of `plotly.min.js`."""
    for address, path in _addresses().items():
        if path.name == name:
            return address
    raise KeyError(name)


@cache
def _addresses() -> dict[str, Path]:
    ours = {_digest_address(path): path for path in sorted(OWN.iterdir()) if path.suffix in TYPES}
    return {**ours, f"/static/plotly-{importlib.metadata.version('plotly')}.min.js": _plotly()}


def _digest_address(path: Path) -> str:
    return f"/static/{path.stem}-{hashlib.sha256(path.read_bytes()).hexdigest()[:10]}{path.suffix}"


def _plotly() -> Path:
    # The package is found without being imported: importing it costs a good part of a second.
    package = importlib.util.find_spec("plotly")
    if package is None or package.origin is None:
        raise NotReady(_("Plotly is not installed; install Kutsu with its dependencies."))
    return Path(package.origin).parent / "package_data" / "plotly.min.js"
