"""The MCP server's two transports: standard input and output, and HTTP beside the web chat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
from anyio import to_thread
from starlette.responses import JSONResponse

from assistant.errors import ConfigurationError

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

    from assistant.api.asgi import AsgiApp, Receive, Scope, Send
    from assistant.engine import Assistant

PATH = "/mcp"
_ONLY_POST = {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "only POST is served here"}}


def serve_stdio(assistant: Assistant) -> None:
    """Serve one client on standard input and output until it goes.

    Raises:
        ConfigurationError: the SDK is not installed.
    """
    _server(assistant).run("stdio")


class McpEndpoint:
    """An ASGI app at `PATH`; the SDK, whose import takes a second, is loaded by the first request.

    Stateless: a request stands for itself, so that nothing is kept of a client that has gone.
    """

    def __init__(self, assistant: Assistant, host: str) -> None:
        """`host` is what the server listens on; on loopback only local names are answered to."""
        self._assistant = assistant
        self._host = host
        self._asked = anyio.Event()
        self._ready = anyio.Event()
        self._app: AsgiApp | None = None
        self._missing = ""

    @asynccontextmanager
    async def lifespan(self, _app: object) -> AsyncIterator[None]:
        """For the server that this is a part of: the endpoint lives inside."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._run)
            yield
            tasks.cancel_scope.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            # A GET asks for a stream of what the server has to say by itself: nothing, for ever.
            await JSONResponse(_ONLY_POST, 405, {"allow": "POST"})(scope, receive, send)
            return
        self._asked.set()
        await self._ready.wait()
        if self._app is None:
            await JSONResponse({"error": self._missing}, 501)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _run(self) -> None:
        await self._asked.wait()
        try:
            server = await to_thread.run_sync(_server, self._assistant)
        except ConfigurationError as error:
            self._missing = str(error)
            self._ready.set()
            return
        app = server.streamable_http_app(
            streamable_http_path=PATH, json_response=True, stateless_http=True, host=self._host
        )
        async with server.session_manager.run():
            self._app = app
            self._ready.set()
            await anyio.sleep_forever()


def _server(assistant: Assistant) -> MCPServer[Any]:
    try:
        from assistant.api.tools import build_mcp
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("mcp"):
            raise
        raise ConfigurationError("the MCP server needs its extra; run: pip install -e '.[mcp]'") from error
    return build_mcp(assistant)
