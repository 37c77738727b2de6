"""A tab's session, for a team: it belongs to the user who named it first.

Gradio sends what becomes of an event to whoever names the session it was asked in, and a session's name
stands in addresses, which proxies log. So nobody else may name it.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Iterator, MutableMapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

from assistant.api.guard import UPLOAD
from assistant.api.logs import USER
from assistant.api.messages import refusal
from assistant.web.endpoints import CALLS, GRADIO

if TYPE_CHECKING:
    from assistant.api.asgi import AsgiApp, Receive, Scope, Send

# An event that was asked outside of a session is one by itself, named by its id.
_IN_PATH = re.compile(r"/gradio_api/(?:heartbeat|stream|call/(?:v2/)?[^/]+)/([^/]+)")
_IN_BODY = ("session_hash", "event_id")
_MOST = 1_000
_REFUSED = "this tab was opened by another user; reload the page"


class Sessions:
    """Whose each session is, of each user's the latest `most`.

    Whoever names sessions without end has only their own forgotten. It is asked from one event
    loop, so nothing is locked.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._owners: dict[bytes, str] = {}
        self._latest: dict[str, OrderedDict[bytes, None]] = {}

    def admit(self, owner: str, name: str) -> bool:
        """Whether `owner` may use the session; one that nobody has named is theirs from now on."""
        key = sha256(name.encode("utf-8", "surrogatepass")).digest()
        if self._owners.setdefault(key, owner) != owner:
            return False
        latest = self._latest.setdefault(owner, OrderedDict())
        latest[key] = None
        latest.move_to_end(key)
        if len(latest) > self._most:
            oldest, _ = latest.popitem(last=False)
            del self._owners[oldest]
        return True


class OwnSessions:
    """ASGI middleware: 403 to a request that names another user's session or event.

    A body is looked at as the application reads it, which it does to the end before it acts;
    what is sent passes untouched. Bodies have to be limited outside of it.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self._sessions = Sessions()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or USER not in scope or not scope["path"].startswith(GRADIO):
            await self._app(scope, receive, send)
            return
        owner, body = scope[USER].owner, bytearray()

        async def watched() -> MutableMapping[str, Any]:
            message = await receive()
            if message["type"] == "http.request":
                body.extend(message.get("body", b""))
                if not message.get("more_body") and not self._all_own(owner, _named_in_body(body)):
                    raise HTTPException(403, _REFUSED)
            return message

        if not self._all_own(owner, _named_in_address(scope)):
            await refusal(scope["path"], 403, _REFUSED)(scope, receive, send)
            return
        await self._app(scope, receive if scope["path"].startswith(UPLOAD) else watched, send)

    def _all_own(self, owner: str, names: Iterator[str]) -> bool:
        return all(self._sessions.admit(owner, name) for name in names)


def _named_in_address(scope: Scope) -> Iterator[str]:
    yield from QueryParams(scope["query_string"]).getlist("session_hash")
    is_call = scope["method"] == "POST" and scope["path"].startswith(CALLS)  # ends in an endpoint's name
    if not is_call and (found := _IN_PATH.match(scope["path"])):
        yield found[1]


def _named_in_body(body: bytearray) -> Iterator[str]:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):  # nor does the application get anything from it
        return
    for field in _IN_BODY if isinstance(sent, dict) else ():
        if isinstance(sent.get(field), str):
            yield sent[field]
