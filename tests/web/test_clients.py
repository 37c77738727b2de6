"""The app as it runs, asked by each kind of client: all through one process and one port."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from benchmarks.fuzz_api import DOORS, Door, fuzz

from assistant.api.limits import LARGEST_BODY
from assistant.engine import Assistant

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
EXAMPLES = re.findall(
    r"```(python|sh)\n(.*?)```", README.split("## For other programs")[1].split("\n## ")[0], re.DOTALL
)
QUESTION = "How much of the model weights can SAFARI prune?"


@pytest.fixture(scope="module")
def address(
    _collected: None, seed_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    from fake_assistant import fake_services

    from assistant.web.serving import launch

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    services = replace(fake_services(tmp_path_factory.mktemp("served")), metrics=True)
    page = launch(seed_assistant, services, "127.0.0.1", port)
    yield str(page.local_url).rstrip("/")
    page.close()


def test_the_openai_client_gets_a_cited_answer(address: str) -> None:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
        completion = client.chat.completions.create(
            model="paper-assistant", messages=[{"role": "user", "content": QUESTION}]
        )
    assert "80% of the model weights" in (completion.choices[0].message.content or "")
    assert "[1]" in (completion.choices[0].message.content or "")


def test_curl_gets_a_cited_answer(address: str) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("no curl on this machine (Debian: apt-get install curl)")
    body = {"model": "paper-assistant", "messages": [{"role": "user", "content": QUESTION}]}
    done = subprocess.run(
        [curl, "-sS", f"{address}/v1/chat/completions", "-H", "Content-Type: application/json",
         "-d", json.dumps(body)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "80% of the model weights" in json.loads(done.stdout)["choices"][0]["message"]["content"]


def test_an_mcp_client_gets_a_cited_answer(address: str) -> None:
    from mcp import Client

    async def ask() -> Any:
        async with Client(f"{address}/mcp") as client:
            return await client.call_tool("ask_papers", {"question": QUESTION})

    text = asyncio.run(ask()).content[0].text
    assert "80% of the model weights" in text
    assert "[1]" in text


def test_gradio_client_has_an_endpoint_for_each_use(address: str) -> None:
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    client = Client(address, verbose=False)
    try:
        answer = client.predict(QUESTION, api_name="/ask")
        assert answer["citations"][0]["title"].startswith("SAFARI")
        found = client.predict("SAFARI", 3, api_name="/search")
        assert [len(found), found[0]["paper_id"]] == [3, answer["citations"][0]["paper_id"]]
        assert client.predict("federated learning", api_name="/summarize")["themes"]
        assert len(client.predict(api_name="/papers")) == 77
        with pytest.raises(AppError, match="top = 0"):
            client.predict("SAFARI", 0, api_name="/search")
        with pytest.raises(AppError, match="top: Input should be a valid integer"):
            client.predict("SAFARI", "many", api_name="/search")
    finally:
        client.close()


def test_a_name_of_elsewhere_does_not_reach_the_tools(address: str) -> None:
    # A page elsewhere whose name was made to point here (DNS rebinding) sends its own Host.
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"host": "elsewhere.example", "accept": "application/json, text/event-stream"}
    assert httpx.post(f"{address}/mcp", json=body, headers=headers).status_code == 421


@pytest.mark.parametrize("path", ["/", "/config", "/v1/models", "/gradio_api/info"])
def test_a_name_of_elsewhere_that_points_here_reads_nothing(address: str, path: str) -> None:
    assert httpx.get(f"{address}{path}", headers={"host": "elsewhere.example"}).status_code == 421
    assert httpx.get(f"{address}{path}").status_code == 200


def test_a_page_of_elsewhere_can_neither_upload_nor_ask_nor_read(address: str) -> None:
    elsewhere = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
    asked = {"model": "paper-assistant", "messages": [{"role": "user", "content": QUESTION}]}
    files = {"files": ("papers.bib", b"@article{a, title={A}}")}
    sent = [
        httpx.post(f"{address}/gradio_api/upload", files=files, headers=elsewhere),
        httpx.post(f"{address}/v1/chat/completions", json=asked, headers=elsewhere),
        httpx.post(f"{address}/gradio_api/queue/join", json={"data": [], "fn_index": 0}, headers=elsewhere),
        # What a form can send without a preflight, from a browser that tells nothing but the origin.
        httpx.post(
            f"{address}/v1/chat/completions",
            content=json.dumps(asked),
            headers={"origin": "null", "content-type": "text/plain"},
        ),
    ]
    assert [response.status_code for response in sent] == [403] * 4
    read = httpx.get(f"{address}/config", headers=elsewhere)
    assert "access-control-allow-origin" not in read.headers
    preflight = {**elsewhere, "access-control-request-method": "POST"}
    allowed = httpx.options(f"{address}/v1/chat/completions", headers=preflight)
    assert "access-control-allow-origin" not in allowed.headers
    same = httpx.post(f"{address}/gradio_api/upload", files=files, headers={"origin": address})
    assert same.status_code == 200


@pytest.mark.parametrize("path", ["/mcp", "/gradio_api/call/ask", "/v1/chat/completions"])
def test_a_request_of_any_size_is_not_read_to_its_end(address: str, path: str) -> None:
    headers = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
    for content in (b"[" * (LARGEST_BODY + 1), iter([b"[" * (LARGEST_BODY + 1)])):
        reply = httpx.post(address + path, content=content, headers=headers)
        assert reply.status_code == 413
        assert "larger than 2 MB" in reply.text


def test_the_tools_hold_no_request_open(address: str) -> None:
    reply = httpx.get(f"{address}/mcp", headers={"accept": "text/event-stream"}, timeout=20)
    assert [reply.status_code, reply.headers["allow"]] == [405, "POST"]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_no_request_brings_a_door_down(
    address: str, door: Door, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def logged() -> str:
        said = caplog.text + "".join(capfd.readouterr())
        caplog.clear()
        return said

    with httpx.Client(base_url=address, timeout=60) as client:
        fuzz(client, door, 12, 0, logged)


@pytest.mark.parametrize(("language", "example"), EXAMPLES)
def test_an_example_of_the_readme_runs_as_it_stands(address: str, language: str, example: str) -> None:
    if language == "sh" and shutil.which("curl") is None:
        pytest.skip("no curl on this machine (Debian: apt-get install curl)")
    code = example.replace("http://127.0.0.1:7860", address)
    command = [sys.executable, "-c", code] if language == "python" else ["sh", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    if "print" in example or language == "sh":
        assert "[1]" in done.stdout
