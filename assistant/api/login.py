"""The form where people log in, and logging out."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import anyio
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from assistant.api.guard import COOKIE, LOGIN, session_of
from assistant.api.limits import Slowdown
from assistant.errors import StoreError

if TYPE_CHECKING:
    from assistant.accounts.store import Accounts

_LARGEST_FORM = 16_384  # bytes
_CHECKS_AT_ONCE = 2  # passwords; each takes 64 MiB and a core for a moment


def login_routes(accounts: Accounts, slowdown: Slowdown | None = None) -> list[Route]:
    """/login and /logout over `accounts`."""
    slow = slowdown or Slowdown()
    room = anyio.CapacityLimiter(_CHECKS_AT_ONCE)

    async def show(_request: Request) -> Response:
        return HTMLResponse(_page(), headers={"cache-control": "no-store"})

    async def log_in(request: Request) -> Response:
        name, password = await _given(request)
        key = f"{request.client.host if request.client else ''} {name}"
        if wait := slow.guess(key):
            seconds = math.ceil(wait)
            said = f"Too many wrong passwords; try again in {seconds} s."
            return _refused(request, 429, said, {"retry-after": str(seconds)})
        try:
            if not await to_thread.run_sync(accounts.check_password, name, password, limiter=room):
                return _refused(request, 401, "This name and password do not belong together.")
            secret = await to_thread.run_sync(accounts.open_session, name)
        except StoreError as failure:
            return _refused(request, 503, str(failure))
        slow.right(key)
        done = RedirectResponse("/", 303) if _is_browser(request) else JSONResponse({"success": True})
        # `lax`: no other site's page can act as this user.
        done.set_cookie(COOKIE, secret, httponly=True, samesite="lax", secure=request.url.scheme == "https")
        return done

    async def log_out(request: Request) -> Response:
        if secret := session_of(request.headers):
            await to_thread.run_sync(accounts.close_session, secret)
        gone = RedirectResponse(LOGIN, 303)
        gone.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return gone

    return [
        Route(LOGIN, show, methods=["GET"]),
        Route(LOGIN, log_in, methods=["POST"]),
        Route("/logout", log_out, methods=["POST"]),
    ]


async def _given(request: Request) -> tuple[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_FORM:
            raise HTTPException(413, "the form is too large")
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return fields.get("username", [""])[0].strip()[:100], fields.get("password", [""])[0]


def _is_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _refused(request: Request, status: int, said: str, headers: dict[str, str] | None = None) -> Response:
    if _is_browser(request):
        return HTMLResponse(_page(said), status, headers)
    return JSONResponse({"detail": said}, status, headers)


def _page(trouble: str = "") -> str:
    said = f'<p role="alert">{escape(trouble)}</p>' if trouble else ""
    return _PAGE.replace("{trouble}", said)


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Paper Assistant: log in</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>
body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0 }
form { width: min(20rem, 90vw); display: grid; gap: .5rem }
h1 { font-size: 1.4rem; margin: 0 0 .5rem } p { margin: 0; color: #b42318 }
@media (prefers-color-scheme: dark) { p { color: #ff9a8f } }
input, button { font: inherit; padding: .5rem .6rem; border: 1px solid #888; border-radius: .4rem }
button { margin-top: .5rem; background: #0f766e; border-color: #0f766e; color: #fff; cursor: pointer }
</style></head><body><main><form method="post" action="/login"><h1>Paper Assistant</h1>{trouble}
<label for="name">Name</label>
<input id="name" name="username" autocomplete="username" autocapitalize="none" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Log in</button></form></main></body></html>
"""
