"""A server that speaks the chat protocol, with answers that a test writes."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[list[dict[str, str]]], "dict[str, Any] | str"]


class ChatServer(ThreadingHTTPServer):
    """Answers a conversation with `reply(messages)`: the text, or {"content": text, further fields}.

    `requests` are the bodies it was sent. A context manager; `address` is the base URL.
    """

    daemon_threads = True

    def __init__(self, reply: Reply) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply = reply
        self.requests: list[dict[str, Any]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer

    def do_GET(self) -> None:
        self._send("application/json", json.dumps({"object": "list", "data": [{"id": "tiny"}]}))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(asked)
        found = self.server.reply(asked["messages"])
        message = found if isinstance(found, dict) else {"content": found}
        usage = {"prompt_tokens": 50, "completion_tokens": 7, "total_tokens": 57}
        frame = {"id": "x", "created": 0, "model": asked["model"], "object": "chat.completion.chunk"}
        self._send("text/event-stream", "".join(_events(frame, message, usage)))

    def _send(self, kind: str, body: str) -> None:
        data = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def _events(frame: dict[str, Any], message: dict[str, Any], usage: dict[str, int]) -> list[str]:
    more = {name: value for name, value in message.items() if name != "content"}
    words = re.findall(r"\s*\S+", message["content"])
    parts = [{"delta": {"content": word}, "finish_reason": None} for word in words]
    chunks: list[dict[str, Any]] = [{**frame, "choices": [{"index": 0, **part}]} for part in parts]
    chunks.append({**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], **more})
    chunks.append({**frame, "choices": [], "usage": usage})
    return [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + ["data: [DONE]\n\n"]
