"""Who comes in when login is required: everything but a few paths wants a session or an API token."""

from __future__ import annotations

import math
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response

from assistant.api.limits import RateLimit
from assistant.api.logs import USER, remember
from assistant.api.mcp import PATH as MCP_PATH
from assistant.api.messages import refusal
from assistant.errors import StoreError

if TYPE_CHECKING:
    from assistant.accounts.store import Accounts, User
    from assistant.api.asgi import AsgiApp, Receive, Scope, Send

COOKIE = "paper_assistant_session"
LOGIN = "/login"
# What shows nothing of the corpus or of anybody: the form, the probes, and Gradio's own start.
_OPEN = frozenset((LOGIN, "/logout", "/healthz", "/readyz", "/gradio_api/startup-events"))
UPLOAD = "/gradio_api/upload"
_QUESTIONS = ("/v1/chat/completions", MCP_PATH, "/gradio_api/queue/join", "/gradio_api/call/")
_HOW = "send Authorization: Bearer TOKEN; a token comes from: python -m assistant users token NAME"


class Guard:
    """ASGI middleware: finds out who asks, and turns away who may not (401, 403) or asks too often (429)."""

    def __init__(self, app: AsgiApp, accounts: Accounts, rate: RateLimit) -> None:
        self._app = app
        self._accounts = accounts
        self._rate = rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (scope["type"] == "http" and scope["path"] in _OPEN):
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # nothing here speaks WebSocket
            await send({"type": "websocket.close", "code": 1008})
            return
        path, headers = scope["path"], Headers(scope=scope)
        try:
            user = await to_thread.run_sync(self._user, headers)
        except StoreError as failure:
            await refusal(path, 503, str(failure))(scope, receive, send)
            return
        if user is None:
            await _stranger(scope, headers)(scope, receive, send)
            return
        if path.startswith(UPLOAD) and scope["method"] == "POST" and not user.may_add:
            command = f"python -m assistant users role {user.name} add"
            said = f"{user.name} may ask but not add papers; to change that, run: {command}"
            await refusal(path, 403, said)(scope, receive, send)
            return
        if scope["method"] == "POST" and path.startswith(_QUESTIONS) and (wait := self._rate.take(user.name)):
            seconds = math.ceil(wait)
            said = f"too many questions in a minute; ask again in {seconds} s"
            await refusal(path, 429, said, {"retry-after": str(seconds)})(scope, receive, send)
            return
        scope[USER] = user
        remember(scope)
        await self._app(scope, receive, send)

    def _user(self, headers: Headers) -> User | None:
        """A token that is sent decides, be there a cookie or not."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._accounts.of_token(token.strip())
        cookie = session_of(headers)
        return self._accounts.of_session(cookie) if cookie else None


def session_of(headers: Headers) -> str:
    """The session's secret among the cookies; "" when there is none."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _stranger(scope: Scope, headers: Headers) -> Response:
    is_page = scope["path"] == "/" or "text/html" in headers.get("accept", "")
    if is_page and scope["method"] in ("GET", "HEAD"):
        return RedirectResponse(LOGIN, 303)
    wrong = "authorization" in headers
    said = f"this token is not, or no longer, known; {_HOW}" if wrong else f"who asks is not known; {_HOW}"
    return refusal(scope["path"], 401, said, {"www-authenticate": "Bearer"})
