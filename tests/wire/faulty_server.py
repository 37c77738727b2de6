"""A server that speaks the chat protocol wrongly, one way for each path: a fake of faults."""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def _chunk(text: str = "", finish: str | None = None) -> str:
    delta = {"content": text} if text else {}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return json.dumps(
        {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    )


HTML = "<html><body>Welcome to nginx</body></html>"


class FaultyServer(ThreadingHTTPServer):
    """`address(fault)` is a base URL whose chat requests fail that way; `requests` counts them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: Counter[str] = Counter()
        self.released = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def address(self, fault: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{fault}/v1"

    def stop(self) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: FaultyServer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        fault = self.path.split("/")[1]
        self.server.requests[fault] += 1
        getattr(self, fault.replace("-", "_"))()

    def wrong_key(self) -> None:
        key = self.headers["Authorization"].removeprefix("Bearer ")
        self._error(401, f"Incorrect API key provided: {key}.")

    def no_model(self) -> None:
        self._error(404, "The model `nope` does not exist")

    def busy(self) -> None:
        self._error(429, "Rate limit reached", {"Retry-After": "20"})

    def busy_once(self) -> None:
        if self.server.requests["busy-once"] == 1:
            self._error(429, "Rate limit reached", {"Retry-After": "0.01"})
        else:
            self._stream(_chunk("Fine."), _chunk(finish="stop"), "[DONE]")

    def no_credit(self) -> None:
        self._error(429, "You exceeded your quota", code="insufficient_quota")

    def too_long(self) -> None:
        self._error(400, "This model's maximum context length is 4096 tokens.")

    def broken(self) -> None:
        self._send(500, HTML, "text/html")

    def html(self) -> None:
        self._send(200, HTML, "text/html")

    def other_json(self) -> None:
        self._send(200, '{"hello": "world"}', "application/json")

    def garbage(self) -> None:
        self._stream("{not json", "[DONE]")

    def wrong_shape(self) -> None:
        self._stream('{"choices": "none"}', "[DONE]")

    def nothing(self) -> None:
        self._stream("[DONE]")

    def empty(self) -> None:
        self._stream(_chunk(finish="stop"), "[DONE]")

    def error_inside(self) -> None:
        self._stream(_chunk("Half an "), '{"error": {"message": "slot unavailable", "code": 500}}')

    def cut(self) -> None:
        self._stream(_chunk("Half an "))

    def dies(self) -> None:
        self._headers(200, "text/event-stream", {"Transfer-Encoding": "chunked"})
        self.wfile.write(b"5\r\ndata:\r\n")
        self.close_connection = True

    def hangs(self) -> None:
        self.server.released.wait(10)
        self.close_connection = True

    def stalls(self) -> None:
        self._headers(200, "text/event-stream", {})
        self.wfile.write(f"data: {_chunk('Half an ')}\n\n".encode())
        self.wfile.flush()
        self.server.released.wait(10)
        self.close_connection = True

    def slow(self) -> None:
        """Streams until the reader goes away; counts the words it could send."""
        self._headers(200, "text/event-stream", {})
        try:
            for _ in range(500):
                self.wfile.write(f"data: {_chunk('word ')}\n\n".encode())
                self.wfile.flush()
                self.server.requests["slow-words"] += 1
                time.sleep(0.01)
        except OSError:
            self.server.requests["slow-left"] += 1
        self.close_connection = True

    def endless(self) -> None:
        """Words without end, as fast as they are read: a model that never stops, a server that lets it."""
        self._pour(f"data: {_chunk('word ')}\n\n".encode() * 100)

    def huge_line(self) -> None:
        """One event that never ends."""
        self._headers(200, "text/event-stream", {})
        self._write(b'data: {"choices": [{"index": 0, "delta": {"content": "')
        self._pour(b"x" * 65_536, begun=True)

    def packed_bomb(self) -> None:
        """An event of 1 GB that travels as 1 MB."""
        self._headers(200, "text/event-stream", {"Content-Encoding": "gzip"})
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        self._write(packer.compress(b'data: {"choices": [{"index": 0, "delta": {"content": "'))
        for _ in range(1024):
            if self.server.released.is_set() or not self._write(packer.compress(b"x" * (1 << 20))):
                break
        self.close_connection = True

    def binary(self) -> None:
        self._headers(200, "text/event-stream", {"Content-Length": "4096"})
        self._write(bytes(range(256)) * 16)

    def elsewhere(self) -> None:
        """Sends the request, and what it hopes the client sends along, to another address."""
        to = self.server.address("caught").replace("127.0.0.1", "localhost")
        self._send(307, "", "text/plain", {"Location": f"{to}/chat/completions"})

    def caught(self) -> None:
        if "Authorization" in self.headers:
            self.server.requests["caught-key"] += 1
        self._stream(_chunk("Fine."), _chunk(finish="stop"), "[DONE]")

    def _pour(self, block: bytes, *, begun: bool = False) -> None:
        """The block again and again until nobody reads; `requests["poured"]` counts the bytes."""
        if not begun:
            self._headers(200, "text/event-stream", {})
        while self._write(block) and not self.server.released.is_set():
            self.server.requests["poured"] += len(block)

    def _write(self, block: bytes) -> bool:
        try:
            self.wfile.write(block)
            self.wfile.flush()
        except OSError:
            self.close_connection = True
            return False
        return True

    def _stream(self, *events: str) -> None:
        self._send(200, "".join(f"data: {event}\n\n" for event in events), "text/event-stream")

    def _error(
        self, status: int, message: str, headers: dict[str, str] | None = None, code: str | None = None
    ) -> None:
        body = json.dumps({"error": {"message": message, "type": "x", "code": code}})
        self._send(status, body, "application/json", headers)

    def _send(self, status: int, body: str, kind: str, headers: dict[str, str] | None = None) -> None:
        self._headers(status, kind, {"Content-Length": str(len(body)), **(headers or {})})
        self.wfile.write(body.encode())

    def _headers(self, status: int, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass
