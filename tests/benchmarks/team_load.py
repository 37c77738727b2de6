"""How a server that wants a login bears a team: `python tests/benchmarks/team_load.py --users 50`.

Makes an account, with a password and a token, for each user beside a copy of the stores (`--data`,
default: the seeds), starts `app.py` with ASSISTANT_LOGIN=required on loopback, lets all users log in at
once, and then ask at once, each the next question as soon as the last is answered: every third by
`/v1/chat/completions`, by `/mcp` and by the page's endpoint `/ask`, with their tokens. Prints p50, p95
and the longest of logging in and of an answer in milliseconds, errors, and the server's memory after
each tenth. An answer to another question than the one that was asked is an error.
Times are of this machine as it is loaded; errors are not.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.serving import App, ask_at_once, commit, running_app, spread

from assistant.accounts.store import Accounts, accounts_file

PASSWORD = secrets.token_hex()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--data", type=Path, help="folder of the stores (default: the seeds)")
    options = parser.parse_args()
    names = [f"user-{number}" for number in range(options.users)]
    tokens: dict[str, str] = {}

    def enrol(data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        accounts = Accounts(accounts_file(data))
        for name in names:
            accounts.add(name, PASSWORD, "ask")
            tokens[name] = accounts.new_token(name)

    with TemporaryDirectory() as folder:
        data = Path(shutil.copytree(options.data, Path(folder) / "data")) if options.data else None
        # As many questions as the machine answers: no user of the test is told to wait.
        with running_app(data, enrol, ASSISTANT_LOGIN="required", ASSISTANT_RATE_LIMIT="100000") as app:
            print(f"{options.users} users with accounts; commit {commit()}")
            log_in(app, names)
            askers = [DOORS[n % len(DOORS)](app.url, tokens[name]) for n, name in enumerate(names)]
            ask_at_once(askers, options.questions, app.process)


def log_in(app: App, names: list[str]) -> None:
    """Let all log in by their password at once, and print what it took."""

    def enter(name: str) -> tuple[float, bool]:
        began = time.perf_counter()
        with httpx.Client(base_url=app.url, timeout=300) as client:
            client.post("/login", data={"username": name, "password": PASSWORD})
            opened = client.get("/config").status_code == 200
        return 1000 * (time.perf_counter() - began), opened

    with ThreadPoolExecutor(len(names)) as pool:
        done = list(pool.map(enter, names))
    print(
        f"logging in, all at once: {spread([ms for ms, _ in done])}, errors {sum(not ok for _, ok in done)}"
    )


def completions(url: str, token: str) -> Callable[[str], object]:
    client = _client(url, token)

    def ask(question: str) -> None:
        body = {"model": "paper-assistant", "messages": [{"role": "user", "content": question}]}
        _check(client.post("/v1/chat/completions", json=body), question, "paper_assistant")

    return ask


def tools(url: str, token: str) -> Callable[[str], object]:
    client = _client(url, token)
    client.headers["accept"] = "application/json, text/event-stream"

    def ask(question: str) -> None:
        call = {"name": "ask_papers", "arguments": {"question": question}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        result = client.post("/mcp", json=body).raise_for_status().json()["result"]
        if result.get("isError") or not result["content"][0]["text"]:
            raise RuntimeError(f"no answer: {result}")

    return ask


def page(url: str, token: str) -> Callable[[str], object]:
    from gradio_client import Client

    authorised = {"Authorization": f"Bearer {token}"}
    client = Client(url, headers=authorised, verbose=False, httpx_kwargs={"timeout": 300})

    def ask(question: str) -> None:
        _same(client.predict(question, api_name="/ask"), question)

    return ask


DOORS = (completions, tools, page)


def _client(url: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=300, headers={"Authorization": f"Bearer {token}"})


def _check(reply: httpx.Response, question: str, field: str) -> None:
    _same(reply.raise_for_status().json()[field], question)


def _same(answer: dict[str, Any], question: str) -> None:
    if answer["question"] != question.strip():
        raise RuntimeError(f"asked {question!r}, answered {answer['question']!r}")


if __name__ == "__main__":
    main()
