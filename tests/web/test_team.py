"""A page for a team, as it runs: who gets in, by which door, and what they see of each other."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest
from argon2 import PasswordHasher
from benchmarks.fuzz_api import LOGIN, fuzz

from assistant.accounts import store
from assistant.accounts.store import Accounts
from assistant.engine import Assistant
from assistant.errors import ConfigurationError
from assistant.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
QUESTION = "How much of the model weights can SAFARI prune?"
PASSWORD = "correct horse battery"
MCP = {"accept": "application/json, text/event-stream"}
LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
PER_MINUTE = 30


@dataclass(frozen=True)
class Server:
    """The running page, its accounts, and a token of each: mara asks, otto adds, rita asks too much."""

    url: str
    page: Any
    accounts: Accounts
    tokens: dict[str, str]
    folder: Path

    def as_user(self, name: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"authorization": f"Bearer {self.tokens[name]}"})

    def event(self, who: str, name: str, data: list[Any], event_data: Any = None) -> Any:
        """What the page's handler of this name returns to a user who calls it by hand."""
        number = max(key for key, fn in self.page.fns.items() if fn.name == name)
        body = {"fn_index": number, "data": data, "event_data": event_data, "session_hash": f"{who}-1"}
        with self.as_user(who) as client:
            if not self.page.fns[number].queue:
                return client.post("/gradio_api/run/predict", json=body).json()
            client.post("/gradio_api/queue/join", json=body).raise_for_status()
            said = ""
            url = f"/gradio_api/queue/data?session_hash={who}-1"
            with client.stream("GET", url, timeout=30) as lines:
                for line in lines.iter_lines():
                    said += line
                    if "process_completed" in line:
                        break
            return said


@pytest.fixture(scope="module")
def server(
    _collected: None,
    seed_assistant: Assistant,
    seed_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    from assistant.web.services import services_for
    from assistant.web.serving import launch

    folder = tmp_path_factory.mktemp("team")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        store._nobody.cache_clear()
        accounts = Accounts(store.accounts_file(folder))
        for name, role in (("mara", "ask"), ("otto", "add"), ("rita", "ask")):
            accounts.add(name, PASSWORD, role)
        changes = {"data_dir": folder, "login": "required", "rate_limit": PER_MINUTE, "metrics": True}
        changes["catalogue_url"] = seed_settings.resolved_catalogue_url
        services = services_for(seed_settings.model_copy(update=changes))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        page = launch(seed_assistant, services, "127.0.0.1", port)
        tokens = {user.name: accounts.new_token(user.name) for user in accounts.users()}
        yield Server(str(page.local_url).rstrip("/"), page, accounts, tokens, folder)
        page.close()


def log_in(server: Server, name: str, password: str = PASSWORD) -> httpx.Client:
    client = httpx.Client(base_url=server.url)
    client.post("/login", data={"username": name, "password": password}).raise_for_status()
    return client


def ask_by_page(server: Server, who: str, browser: str) -> str:
    """Ask in the chat, as its script does; returns the id of the new conversation."""
    from assistant.web.asking import new_order

    (number,) = (key for key, fn in server.page.fns.items() if fn.name == "answer")
    blank = [None] * (len(server.page.fns[number].inputs) - 5)
    said = server.event(who, "answer", [[new_order(QUESTION)], [], [], browser, "", *blank])
    assert "80% of the model weights" in said
    (heading, *_) = headings(server, who)
    return heading


def headings(server: Server, who: str) -> list[str]:
    from sqlalchemy import create_engine, text

    owner = next(user.owner for user in server.accounts.users() if user.name == who)
    with create_engine(f"sqlite:///{server.folder / 'conversations.sqlite3'}").connect() as connection:
        query = text("select conversation_id from conversations where owner = :owner order by updated desc")
        return list(connection.execute(query, {"owner": sha256(owner.encode()).hexdigest()}).scalars())


def test_a_stranger_finds_every_door_shut(server: Server) -> None:
    from assistant.api.guard import _OPEN

    paths = {getattr(route, "path", "") for route in server.page.app.routes} - _OPEN
    assert len(paths) > 10
    inner = (
        "info",
        "call/ask",
        "run/ask",
        "queue/join",
        "queue/data",
        "upload",
        "file=app.py",
        "heartbeat/x",
    )
    paths |= {"/v1/models", "/v1/chat/completions", "/mcp"} | {f"/gradio_api/{name}" for name in inner}
    with httpx.Client(base_url=server.url) as client:
        for path in sorted(paths):
            for method in ("GET", "POST"):
                reply = client.request(method, path.replace("{", "").replace("}", ""))
                assert reply.status_code == (303 if (path, method) in {("/", "GET"), ("", "GET")} else 401), (
                    path
                )
                assert "SAFARI" not in reply.text


def test_each_door_refuses_in_the_form_its_clients_read(server: Server) -> None:
    wrong = {"authorization": "Bearer pa_wrong"}
    v1 = httpx.get(f"{server.url}/v1/models", headers=wrong)
    assert [v1.status_code, v1.json()["error"]["code"]] == [401, "invalid_api_key"]
    mcp = httpx.post(f"{server.url}/mcp", json=LIST_TOOLS, headers=MCP | wrong)
    assert [mcp.status_code, "users token" in mcp.json()["error"]["message"]] == [401, True]
    named = httpx.post(f"{server.url}/gradio_api/call/ask", json={"data": [QUESTION]}, headers=wrong)
    assert [named.status_code, "users token" in named.json()["detail"]] == [401, True]
    assert {reply.headers["www-authenticate"] for reply in (v1, mcp, named)} == {"Bearer"}
    with (
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="pa_wrong", max_retries=0) as api,
        pytest.raises(openai.AuthenticationError, match="users token NAME"),
    ):
        api.chat.completions.create(model="paper-assistant", messages=[{"role": "user", "content": QUESTION}])


def test_a_token_opens_every_door(server: Server) -> None:
    from gradio_client import Client as GradioClient

    token = server.tokens["mara"]
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key=token, max_retries=0) as api:
        completion = api.chat.completions.create(
            model="paper-assistant", messages=[{"role": "user", "content": QUESTION}]
        )
    assert "80% of the model weights" in (completion.choices[0].message.content or "")
    with server.as_user("mara") as client:
        assert "ask_papers" in client.post("/mcp", json=LIST_TOOLS, headers=MCP).text
    gradio = GradioClient(server.url, headers={"Authorization": f"Bearer {token}"}, verbose=False)
    try:
        assert gradio.predict(QUESTION, api_name="/ask")["citations"]
    finally:
        gradio.close()


def run_readme_example(server: Server, token: str) -> subprocess.CompletedProcess[str]:
    """Run the MCP client of the README's part on teams against the server, with this token."""
    code = re.findall(r"```python\n(.*?)```", README.split("## For a team")[1], re.DOTALL)[0]
    code = code.replace("http://127.0.0.1:7860", server.url).replace("Bearer TOKEN", f"Bearer {token}")
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)


def test_an_mcp_client_with_a_token_gets_a_cited_answer(server: Server) -> None:
    done = run_readme_example(server, server.tokens["mara"])
    assert done.returncode == 0, done.stderr
    assert "[1]" in done.stdout


def test_an_mcp_client_with_a_wrong_token_gets_none(server: Server) -> None:
    done = run_readme_example(server, "pa_wrong")
    assert done.returncode != 0
    assert "FlowX" not in done.stdout + done.stderr


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer"}, {"authorization": "Basic bWFyYTp4"}])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/mcp", "/gradio_api/call/ask"])
def test_a_question_without_a_token_gets_no_answer(
    server: Server, path: str, headers: dict[str, str]
) -> None:
    reply = httpx.post(server.url + path, json={}, headers=headers)
    assert reply.status_code == 401
    assert "users token NAME" in reply.text


def test_a_revoked_token_and_a_removed_user_are_strangers_at_once(server: Server) -> None:
    server.accounts.add("tess", PASSWORD, "ask")
    token = {"authorization": f"Bearer {server.accounts.new_token('tess')}"}
    with closing(log_in(server, "tess")) as client:
        assert httpx.get(f"{server.url}/v1/models", headers=token).status_code == 200
        assert client.get("/config").status_code == 200
        server.accounts.revoke("tess")
        assert httpx.get(f"{server.url}/v1/models", headers=token).status_code == 401
        server.accounts.remove("tess")
        assert client.get("/config").status_code == 401


def test_a_password_opens_the_page_until_one_logs_out(server: Server) -> None:
    with closing(log_in(server, "mara")) as client:
        cookie = client.cookies.get("paper_assistant_session") or ""
        assert client.get("/").status_code == 200
        assert client.get("/config").status_code == 200
        client.post("/logout")
    kept = {"cookie": f"paper_assistant_session={cookie}"}
    assert httpx.get(f"{server.url}/config", headers=kept).status_code == 401


def test_the_session_cookie_is_for_no_script_and_no_other_site(server: Server) -> None:
    given = {"username": "mara", "password": PASSWORD}
    set_cookie = httpx.post(f"{server.url}/login", data=given).headers["set-cookie"].lower()
    assert "httponly" in set_cookie
    assert "samesite=lax" in set_cookie


def test_after_wrong_passwords_the_right_one_has_to_wait_too(server: Server) -> None:
    given = {"username": "rita", "password": "wrong password"}
    replies = [httpx.post(f"{server.url}/login", data=given) for _ in range(4)]
    assert [reply.status_code for reply in replies] == [401, 401, 401, 429]
    late = httpx.post(f"{server.url}/login", data=given | {"password": PASSWORD})
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) >= 1
    log_in(server, "mara").close()


def test_no_request_brings_the_login_down(
    server: Server, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        fuzz(client, LOGIN, 40, 0, lambda: caplog.text + capfd.readouterr().err)


def test_who_asks_too_often_waits_and_nobody_else(server: Server) -> None:
    with server.as_user("rita") as rita, server.as_user("mara") as mara:
        replies = [rita.post("/v1/chat/completions", json={}) for _ in range(PER_MINUTE + 1)]
        assert [reply.status_code for reply in replies] == [400] * PER_MINUTE + [429]
        assert replies[-1].json()["error"]["code"] == "rate_limit_exceeded"
        assert 1 <= int(replies[-1].headers["retry-after"]) <= 60
        for path in ("/gradio_api/queue/join", "/gradio_api/call/ask", "/mcp"):
            assert rita.post(path, json={}).status_code == 429
        assert rita.get("/v1/models").status_code == 200
        assert mara.post("/v1/chat/completions", json={}).status_code == 400


def test_conversations_belong_to_the_user_whatever_the_browser_says(server: Server) -> None:
    secret = "ab" * 32
    conversation = ask_by_page(server, "mara", secret)
    for who, sees in (("mara", True), ("otto", False)):
        for browser in (secret, "cd" * 32):
            shown = json.dumps(server.event(who, "choose", [browser], {"id": conversation})["data"])
            assert (QUESTION in shown) is sees
    own = next(user.owner for user in server.accounts.users() if user.name == "mara")
    assert QUESTION not in json.dumps(server.event("otto", "choose", [own], {"id": conversation})["data"])


def test_nobody_renames_rates_saves_or_deletes_what_is_anothers(server: Server) -> None:
    secret = "ab" * 32
    conversation = ask_by_page(server, "mara", secret)
    server.event("otto", "rename", [secret, conversation], {"id": conversation, "title": "Mine now"})
    server.event("otto", "delete", [secret, conversation], {"id": conversation})
    saved = server.event("otto", "save", [secret], {"id": conversation, "format": "md"})
    assert saved["data"] == [None]
    shown = json.dumps(server.event("mara", "choose", [secret], {"id": conversation})["data"])
    assert QUESTION in shown
    assert "Mine now" not in shown


def test_nobody_reads_asks_or_ends_anything_in_anothers_session(server: Server) -> None:
    number = max(key for key, fn in server.page.fns.items() if fn.api_name == "ask")
    body = {"fn_index": number, "data": [QUESTION], "session_hash": "tab-of-mara"}
    with server.as_user("mara") as mara, server.as_user("otto") as otto:
        mara.post("/gradio_api/queue/join", json=body).raise_for_status()
        event = mara.post("/gradio_api/call/ask", json={"data": [QUESTION]}).json()["event_id"]
        for path in (
            "queue/data?session_hash=tab-of-mara",
            "queue/data?session_hash=tab-of-mara&session_hash=x",
            "deep_link?session_hash=tab-of-mara",
            "heartbeat/tab-of-mara",
            "stream/tab-of-mara/0/0/playlist.m3u8",
        ):
            reply = otto.get(f"/gradio_api/{path}", timeout=5)
            assert [reply.status_code, "another user" in reply.json()["detail"]] == [403, True], path
        for path, sent in (
            ("queue/join", body),
            ("run/predict", body),
            ("call/ask", {"data": [QUESTION], "session_hash": "tab-of-mara"}),
            ("cancel", {"session_hash": "tab-of-mara", "fn_index": number, "event_id": "e"}),
        ):
            reply = otto.post(f"/gradio_api/{path}", json=sent)
            assert [reply.status_code, "another user" in reply.json()["detail"]] == [403, True], path
        for path in ("queue/data?session_hash=tab-of-mara", f"call/ask/{event}"):
            with mara.stream("GET", f"/gradio_api/{path}", timeout=30) as lines:
                assert any("80% of the model weights" in line for line in lines.iter_lines())
        assert otto.get(f"/gradio_api/call/ask/{event}", timeout=5).status_code == 403


def test_who_names_sessions_without_end_has_only_their_own_forgotten() -> None:
    from assistant.web.sessions import Sessions

    sessions = Sessions(most=3)
    assert sessions.admit("mara", "hers")
    assert all(sessions.admit("otto", f"his {n}") for n in range(5))
    assert not sessions.admit("otto", "hers")
    assert not sessions.admit("mara", "his 2")
    assert sessions.admit("mara", "his 1")


def test_a_reader_can_neither_upload_nor_undo(server: Server) -> None:
    uploads = server.folder / "uploads"
    uploads.mkdir(exist_ok=True)
    (uploads / "kept.bib").write_text("@article{a, title={A}}")
    paper = {"files": ("new.bib", b"@article{b, title={B}}")}
    with server.as_user("mara") as mara, server.as_user("otto") as otto:
        assert mara.post("/gradio_api/upload", files=paper).status_code == 403
        assert otto.post("/gradio_api/upload", files=paper).status_code == 200
    assert "mara may ask but not add papers" in server.event("mara", "undo", [], {"name": "kept.bib"})
    assert (uploads / "kept.bib").exists()
    assert "may ask but not add" not in server.event("otto", "undo", [], {"name": "unknown.bib"})


def test_no_other_door_tells_of_conversations(server: Server) -> None:
    ask_by_page(server, "mara", "ab" * 32)
    with server.as_user("otto") as otto:
        named = otto.get("/gradio_api/info").json()["named_endpoints"]
        assert set(named) == {"/ask", "/search", "/summarize", "/papers"}
        paths = otto.get("/v1/openapi.json").json()["paths"]
        assert set(paths) == {"/models", "/models/{name}", "/chat/completions"}
        body = {"model": "paper-assistant", "messages": [{"role": "user", "content": "Who are its authors?"}]}
        assert "Yuzhu Mao" not in otto.post("/v1/chat/completions", json=body).text


@pytest.mark.browser
def test_a_reader_is_told_in_the_tab_who_may_add_papers(server: Server, browser: Browser) -> None:
    for name, may in (("mara", False), ("otto", True)):
        context = browser.new_context(extra_http_headers={"authorization": f"Bearer {server.tokens[name]}"})
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(server.url)
        page.get_by_role("tab", name="Add papers").click()
        if may:
            page.get_by_text("BibTeX, RIS").wait_for()
        else:
            page.get_by_text("mara may ask but not add papers").wait_for()
            page.locator("#pa-add").wait_for(state="hidden")
            assert not page.locator("#pa-files").is_visible()
        context.close()


def test_login_without_any_account_is_refused_with_the_command(tmp_path: Path) -> None:
    from assistant.web.services import services_for

    settings = Settings(_env_file=None, data_dir=tmp_path, login="required")  # type: ignore[call-arg]
    with pytest.raises(ConfigurationError, match="users add NAME"):
        services_for(settings)


def test_probes_are_open_and_figures_want_a_token(server: Server) -> None:
    assert httpx.get(f"{server.url}/healthz").json() == {"alive": True}
    assert httpx.get(f"{server.url}/readyz").json() == {"ready": True}
    assert httpx.get(f"{server.url}/metrics").status_code == 401
    with server.as_user("otto") as otto:
        assert "paper_assistant_waiting 0.0" in otto.get("/metrics").text


@pytest.mark.browser
def test_people_log_in_and_out_by_the_page(server: Server, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(20_000)
    try:
        page.goto(server.url)
        page.fill("#name", "otto")
        page.fill("#password", "wrong password")
        page.click("text=Log in")
        assert "do not belong together" in page.inner_text("[role=alert]")
        page.fill("#name", "otto")
        page.fill("#password", PASSWORD)
        page.click("text=Log in")
        page.wait_for_selector("#pa-question textarea")
        page.wait_for_selector(".pa-account")
        assert "otto" in page.inner_text(".pa-account")
        page.click("text=Log out")
        page.wait_for_selector("#password")
    finally:
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("then", "told"),
    [("otto", "This tab was opened by another user"), (None, "You are not logged in any more")],
)
def test_a_tab_whose_user_has_gone_says_so_when_asked(
    server: Server, browser: Browser, then: str | None, told: str
) -> None:
    def session(name: str) -> Any:
        with closing(log_in(server, name)) as client:
            return [{"name": key, "value": client.cookies[key], "url": server.url} for key in client.cookies]

    context = browser.new_context()
    context.add_cookies(session("mara"))
    page = context.new_page()
    page.set_default_timeout(20_000)
    try:
        page.goto(server.url)
        page.wait_for_selector(".pa-account")
        context.clear_cookies()
        context.add_cookies(session(then) if then else [])
        page.fill("#pa-question textarea", QUESTION)
        page.press("#pa-question textarea", "Enter")
        page.get_by_role("alert").get_by_text(told).wait_for()
        page.get_by_role("button", name="Reload").click()
        page.wait_for_selector(".pa-account" if then else "#password")
    finally:
        context.close()
