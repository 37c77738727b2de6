"""Requests of every shape to every door of the HTTP interface: none may bring it to a 500.

    python tests/benchmarks/fuzz_api.py [--requests 2000] [--data DIR] [--seed 0]

Hypothesis makes the requests: of each door's right body parts are replaced, left out, doubled or put in
another's place, questions are patched together from what the question reader lives by, and some bodies
are no JSON at all. Starts `app.py` (over the seeds without `--data`) with metrics and sends so many
requests to each door, one at a time. A status of 500 or more, a traceback in the server's log, or an
error without a message is a fault; the smallest request that brings it about is printed. Exit code 1
when there is one.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.serving import commit, running_app

QUESTION = "How much of the model weights can SAFARI prune?"
JSON_HEADERS = {"content-type": "application/json"}
_MCP_HEADERS = JSON_HEADERS | {"accept": "application/json, text/event-stream"}
_PIECES = (
    *("papers", "since 2024", "since 99999", "before 0", "from 0 to 9" * 9, "by Lao", "by", "with code"),
    *("SAFARI", "DoctorGLM vs ChatCAD", "vs", "who wrote", "how many", "list the first", "10" * 40, "top -1"),
    *(
        "and the second one?",
        "other than",
        "not",
        '"',
        "[1][2]",
        "\\[3\\]",
        "(((",
        "a* OR b^2 AND -c:[1 TO 2]",
    ),
    *(
        "\0",
        "\ud800",
        "\u202e",
        "\U0001f600",
        "é" * 9,
        "<script>",
        "${x}",
        "%s",
        "{0}",
        "\n\n",
        "\r",
        "?" * 99,
    ),
    *("the first five of them from May to 31 February 2023 in cs.LG", "doi:10.1/x", "arxiv:2204.02321"),
)
_QUESTIONS = st.lists(st.sampled_from(_PIECES) | st.text(max_size=20), max_size=6).map(" ".join)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from((10**400, -(10**30), float("nan"), float("inf"), -0.0, "x" * 30_000))
    | st.floats()
    | st.text(max_size=30)
)
_VALUES = st.recursive(
    _QUESTIONS | _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)
_NO_JSON = st.sampled_from(
    (b"", b"null", b"[" * 100_000, b'{"a":' * 50_000, b'"\\ud800"', b"\xff\xfe\0", b"{'a': 1}", b"1" * 5_000)
) | st.binary(max_size=60)
_HEADERS = st.dictionaries(
    st.sampled_from(
        ("accept", "authorization", "content-type", "cookie", "origin", "x-request-id", "mcp-session-id",
         "mcp-protocol-version", "content-encoding", "range", "x-forwarded-for", "x-gradio-user")
    ),
    st.sampled_from(("", "*/*", "text/html", "Bearer", "Bearer x", "gzip", "a=b; c", "multipart/form-data",
                     "application/json; charset=utf-16", "bytes=0-", "=;=", "[]"))
    | st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=20),
    max_size=2,
)  # fmt: skip


@dataclass(frozen=True)
class Door:
    """One way in: a request that is right, of which others are made."""

    name: str
    path: str
    body: Any = None
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=lambda: JSON_HEADERS)
    is_queued: bool = False  # the reply names an event, whose outcome is fetched


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    content: bytes
    headers: dict[str, str]


def _tool(name: str, **arguments: Any) -> Door:
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": name, "arguments": arguments},
    }
    return Door(f"mcp {name}", "/mcp", body, headers=_MCP_HEADERS)


def _named(name: str, *data: Any) -> Door:
    return Door(f"gradio {name}", f"/gradio_api/call/{name}", {"data": list(data)}, is_queued=True)


def _by_names(name: str, **values: Any) -> Door:
    return Door(f"gradio {name} by names", f"/gradio_api/call/v2/{name}", values, is_queued=True)


def _gets(*paths: str) -> tuple[Door, ...]:
    return tuple(Door(path, path, method="GET") for path in paths)


_COMPLETION = {
    "model": "paper-assistant",
    "messages": [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "What is SAFARI?"},
        {"role": "assistant", "content": None},
        {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
    ],
    "n": 1,
}
DOORS = (
    Door("completions", "/v1/chat/completions", {**_COMPLETION, "stream": False}),
    Door("streamed completions", "/v1/chat/completions",
         {**_COMPLETION, "stream": True, "stream_options": {"include_usage": True}}),
    _tool("ask_papers", question=QUESTION, history=["What is SAFARI?"]),
    _tool("search_papers", query="federated learning", top=5),
    _tool("summarize_topic", topic="model pruning"),
    _tool("get_paper", paper_id="arxiv:2204.02321"),
    Door("mcp", "/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=_MCP_HEADERS),
    _named("ask", QUESTION, ["What is SAFARI?"]),
    _named("search", "federated learning", 5),
    _named("summarize", "model pruning"),
    _named("papers"),
    _named("unknown", QUESTION),
    _by_names("ask", question=QUESTION, history=[]),
    _by_names("search", query="federated learning", top=5),
    *_gets("/v1/models", "/v1/models/paper-assistant", "/v1/openapi.json", "/healthz", "/readyz", "/metrics"),
    *_gets("/gradio_api/call/ask/unknown", "/gradio_api/queue/data?session_hash=unknown"),
)  # fmt: skip
LOGIN = Door("login", "/login", b"username=mara&password=correct+horse+battery",
             headers={"content-type": "application/x-www-form-urlencoded"})  # fmt: skip
"""Only where people log in."""


@st.composite
def requests_to(draw: st.DrawFn, door: Door) -> Request:
    """Requests to a door, near to right ones and far from them."""
    method = draw(st.sampled_from((*[door.method] * 60, "GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD")))
    path = door.path + draw(
        st.sampled_from((*[""] * 60, "/", "//", "/%00", "/..", "?a=b&a", "?%ff=%", "/%ff"))
    )
    if isinstance(door.body, bytes):
        content = draw(_NO_JSON | _QUESTIONS.map(lambda text: door.body + text.encode("utf-8", "replace")))
    elif door.body is None or draw(st.integers(0, 9)) == 9:
        content = draw(_NO_JSON | _VALUES.map(_written))
    else:
        content = _written(_mutated(draw, door.body))
    return Request(method, path, content, door.headers | draw(_HEADERS))


def _mutated(draw: st.DrawFn, body: Any) -> Any:
    """A copy of a JSON value in which one to three places are changed."""
    whole = [deepcopy(body)]
    for _ in range(draw(st.integers(1, 3))):
        places = _places(whole)
        holder, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(("value", "value", "question", "question", "drop", "double", "swap"))):
            case "value":
                holder[key] = draw(_VALUES)
            case "question":
                holder[key] = draw(_QUESTIONS)
            case "drop" if holder is not whole:
                del holder[key]
            case "double" if isinstance(holder, list) and holder is not whole:
                holder.append(deepcopy(holder[key]))
            case _:
                other, there = draw(st.sampled_from(places))
                holder[key] = deepcopy(other[there])
    return whole[0]


def _places(holder: Any) -> list[tuple[Any, Any]]:
    """Every place inside, as the object or list that holds it and its key there."""
    keys = (
        list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
    )
    return [place for key in keys for place in ((holder, key), *_places(holder[key]))]


def _written(value: Any) -> bytes:
    return json.dumps(value).encode()


def sent(client: httpx.Client, request: Request, *, is_queued: bool = False) -> tuple[int, str]:
    """The status and the body that a request brings; of a queued one the outcome of its event."""
    # As bytes, because header values are; the URL is given as it stands.
    headers = [(name.encode(), value.encode("latin-1")) for name, value in request.headers.items()]
    reply = client.request(request.method, request.path, content=request.content, headers=headers)
    if is_queued and reply.status_code == 200 and "event_id" in reply.text and request.method == "POST":
        path = request.path.partition("?")[0].replace("/call/v2/", "/call/")
        reply = client.get(f"{path}/{reply.json()['event_id']}")
    return reply.status_code, reply.text


def fault_of(status: int, body: str) -> str:
    """What is wrong with a reply; "" when nothing is."""
    if status >= 500:
        return f"status {status}"
    if "Traceback (most recent" in body:
        return "a traceback in the reply"
    if "event: error\ndata: null" in body:
        return "an error without a message"
    return ""


def fuzz(client: httpx.Client, door: Door, count: int, start: int, logged: Callable[[], str]) -> Counter[int]:
    """Send `count` requests to a door; `logged` gives what the server has logged since it was last asked.

    Returns how often each status came. Raises AssertionError when there is a fault, with the smallest
    request that brings it about.
    """
    statuses: Counter[int] = Counter()

    @seed(start)
    @settings(
        max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink), report_multiple_bugs=False,
    )  # fmt: skip
    @given(requests_to(door))
    def each(request: Request) -> None:
        status, body = sent(client, request, is_queued=door.is_queued)
        statuses[status] += 1
        fault = fault_of(status, body)
        assert not fault, f"{door.name}: {fault}\n{request}\n{body[:500]}"

    each()
    time.sleep(0.2)  # a traceback is written after the reply
    said = logged()
    assert "Traceback (most recent" not in said, f"{door.name}: a traceback in the log\n{said[-3000:]}"
    return statuses


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=2000, help="to each door (default: %(default)s)")
    parser.add_argument("--data", type=Path, help="folder of the stores (default: the seeds)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    faults = 0
    with running_app(options.data, ASSISTANT_METRICS="true") as app, app.errors.open("rb") as log:
        print(f"{options.requests} requests to each door, seed {options.seed}, commit {commit()}")
        with httpx.Client(base_url=app.url, timeout=60) as client:
            for door in DOORS:
                began = time.perf_counter()
                try:
                    statuses = fuzz(
                        client,
                        door,
                        options.requests,
                        options.seed,
                        lambda: log.read().decode("utf-8", "replace"),
                    )
                except Exception as error:  # the next door is tried all the same
                    faults += 1
                    print(f"{door.name}: FAULT {type(error).__name__}: {error}")
                    continue
                told = ", ".join(f"{status} x {n}" for status, n in sorted(statuses.items()))
                print(f"{door.name}: {told}; {time.perf_counter() - began:.0f} s", flush=True)
    print(f"{faults} doors with a fault of {len(DOORS)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
