"""Serving the page, with everything else the same port answers."""

from __future__ import annotations

import time
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import gradio as gr
from fastapi.exceptions import RequestValidationError
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Mount, Route

from assistant.api.asgi import AsgiApp, Receive, Scope, Send
from assistant.api.cross_site import CrossSite, is_local
from assistant.api.draining import CountRequests, Traffic
from assistant.api.guard import UPLOAD, Guard
from assistant.api.http import Gate, build_api
from assistant.api.limits import LimitBody, RateLimit
from assistant.api.login import login_routes
from assistant.api.logs import USER, RequestLog
from assistant.api.mcp import PATH as MCP_PATH
from assistant.api.mcp import McpEndpoint
from assistant.api.observing import Metrics, Observed, metrics_route, probe_routes
from assistant.errors import AssistantError
from assistant.web.endpoints import RefuseMisfits, refuse_body
from assistant.web.page import build_page
from assistant.web.sessions import OwnSessions
from assistant.web.team import current_call
from assistant.web.theme import page_theme

if TYPE_CHECKING:
    from assistant.engine import Assistant
    from assistant.web.services import Services

_ASSETS = Path(__file__).parent / "assets"
# Answers in progress at once; further ones wait in the queue. Most of an answer's time is spent
# in native code or waiting for a language model's server.
_ANSWERS_AT_ONCE = 8
_LONGEST_QUEUE = 200
_LARGEST_UPLOAD = "500mb"
# Nothing from elsewhere is loaded or called, whatever a corpus or a language model writes.
# Gradio's page needs its inline scripts, and its HTML templates need eval.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; "
    "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'"
)


def serve(
    assistant: Assistant, services: Services, host: str, port: int, announce: Callable[[str], None]
) -> None:
    """Serve the page at `host`:`port` until interrupted; `announce` gets its address once it answers.

    Answers under way are finished first, unless it is interrupted once more.

    Raises:
        AssistantError: the port cannot be opened.
    """
    traffic = Traffic()
    page = launch(assistant, services, host, port, traffic)
    announce(page.local_url or f"http://{host}:{port}/")
    try:
        while page.is_running:
            time.sleep(0.2)
    finally:
        end(page, traffic)


def end(page: gr.Blocks, traffic: Traffic) -> None:
    """Close a page once the requests that `traffic` knows of are done; it takes no more of them."""
    try:
        page.server.should_exit = True
        traffic.drain()
    finally:  # papers that are being added are taken in to the end
        page.close(verbose=False)


def launch(
    assistant: Assistant, services: Services, host: str, port: int, traffic: Traffic | None = None
) -> gr.Blocks:
    """Serve the page from threads of its own and return at once; `.close()` ends it.

    `traffic` is told of the requests under way.
    """
    probes = probe_routes(assistant)
    metrics = Metrics()
    observed = Observed(assistant, metrics, current_call, log_questions=services.log_questions)
    assistant = cast("Assistant", observed)
    page = build_page(assistant, services)
    gate = Gate()
    v1 = build_api(assistant, gate=gate)
    if services.metrics:
        probes.append(metrics_route(metrics, lambda: gate.waiting + len(page._queue)))
    mcp = McpEndpoint(assistant, host)
    team = services.team
    guard = [Middleware(Guard, team.accounts, RateLimit(team.per_minute))] if team else []
    own_sessions = [Middleware(OwnSessions)] if team else []
    login = login_routes(team.accounts) if team else []
    # No event that waits its turn for others is run at once for who calls it by hand.
    page.queue(api_open=False, max_size=_LONGEST_QUEUE, default_concurrency_limit=_ANSWERS_AT_ONCE)
    try:
        page.launch(
            server_name=host,
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            # Else the start fails when a busy machine takes 3 s for the first page.
            _frontend=False,
            show_error=True,
            share=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            run_history=False,
            enable_monitoring=False,
            footer_links=[],
            max_file_size=_LARGEST_UPLOAD,
            auth_dependency=_name_of if team else None,
            theme=page_theme(),
            css_paths=[_ASSETS / "page.css"],
            head=f"<script>{(_ASSETS / 'page.js').read_text('utf-8')}</script>",
            app_kwargs={
                "middleware": [
                    Middleware(CountRequests, traffic or Traffic()),
                    Middleware(RequestLog),
                    Middleware(SecurityHeaders),
                    Middleware(CrossSite, local_only=team is None and is_local(host)),
                    *guard,
                    Middleware(LimitBody, unlimited=UPLOAD),
                    *own_sessions,
                    Middleware(RefuseMisfits),
                ],
                "routes": [
                    *probes,
                    *login,
                    Mount("/v1", app=v1),
                    Route(MCP_PATH, mcp),
                ],
                "exception_handlers": {RequestValidationError: refuse_body},
                "lifespan": mcp.lifespan,
            },
        )
    except OSError as error:  # Gradio's word for a port that is taken, and for a start of more than 5 s
        raise AssistantError(
            f"port {port} of {host} has been taken meanwhile, or this machine is too busy to serve a page"
            " within 5 s; run the command again"
        ) from error
    return page


def _name_of(request: Request) -> str | None:
    """Who the guard has found out asks; Gradio refuses nobody's request once more by itself."""
    user = request.scope.get(USER)
    return user.name if user else None


class SecurityHeaders:
    """ASGI middleware that tells the browser to load nothing from elsewhere."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"content-security-policy", _POLICY.encode()),
                    (b"referrer-policy", b"no-referrer"),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers)
