"""Where this installation is reached from outside: what is printed must lead there for years."""

from fastapi import Request


def public_url(request: Request) -> str:
    """The address that was set, else the one that whoever asks came by."""
    chosen: str | None = request.app.state.public_url
    return chosen or f"{request.url.scheme}://{request.url.netloc}"
