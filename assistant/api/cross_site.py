"""What a page from elsewhere, open in a browser on this machine, cannot do here."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from assistant.api.asgi import AsgiApp, Receive, Scope, Send

_READS = frozenset(("GET", "HEAD", "OPTIONS"))


class CrossSite:
    """ASGI middleware: no writing for pages of other sites, and on loopback no name but a local one.

    A form on any page may send a POST here, an upload too, without asking: it is told by
    `Sec-Fetch-Site`, or by an `Origin` that is not this server (as Go's CrossOriginProtection does it).
    A request with a token is let through, for no browser adds one by itself. A name of elsewhere that
    was made to point to 127.0.0.1 (DNS rebinding) makes any page one of this site's: hence `local_only`.
    """

    def __init__(self, app: AsgiApp, local_only: bool) -> None:
        self._app = app
        self._local_only = local_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if self._local_only and not is_local(headers.get("host", "")):
                said = "only local names are answered to; to use another, set ASSISTANT_LOGIN=required"
                await JSONResponse({"detail": said}, 421)(scope, receive, send)
                return
            if scope["method"] not in _READS and _from_elsewhere(headers):
                said = "a page of another site may not do this here; send a token, or ask from a program"
                await JSONResponse({"detail": said}, 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_local(host: str) -> bool:
    """Whether a `Host` header, port and all, names this machine for itself."""
    if not host.isascii() or "@" in host:
        return False
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if name == "localhost" or name.endswith(".localhost"):
            return True
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _from_elsewhere(headers: Headers) -> bool:
    if "authorization" in headers:
        return False
    if (site := headers.get("sec-fetch-site")) is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:  # no browser
        return False
    own = (headers.get("x-forwarded-host") or headers.get("host") or "").lower()
    return origin.lower().partition("://")[2] != own
