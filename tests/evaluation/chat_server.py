"""A server that speaks the chat protocol, with answers that a test writes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[list[dict[str, str]]], "dict[str, Any] | str"]


class ChatServer(ThreadingHTTPServer):
    """Answers a conversation with `reply(messages)`: the text, or a message with further fields.

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

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(asked)
        found = self.server.reply(asked["messages"])
        message = {"role": "assistant", **({"content": found} if isinstance(found, str) else found)}
        usage = {"prompt_tokens": 50, "completion_tokens": 7, "total_tokens": 57}
        frame = {"id": "x", "created": 0, "model": asked["model"]}
        if asked.get("stream"):
            self._send("text/event-stream", "".join(_events(frame, message["content"], usage)))
        else:
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            body = {**frame, "object": "chat.completion", "choices": [choice], "usage": usage}
            self._send("application/json", json.dumps(body))

    def _send(self, kind: str, body: str) -> None:
        data = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def _events(frame: dict[str, Any], text: str, usage: dict[str, int]) -> list[str]:
    parts = [{"delta": {"content": word + " "}, "finish_reason": None} for word in text.split(" ")]
    chunks: list[dict[str, Any]] = [
        {**frame, "object": "chat.completion.chunk", "choices": [{"index": 0, **part}]}
        for part in [*parts, {"delta": {}, "finish_reason": "stop"}]
    ]
    chunks.append({**frame, "object": "chat.completion.chunk", "choices": [], "usage": usage})
    return [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + ["data: [DONE]\n\n"]
