"""Which requests come from a page of another site, told by their headers alone."""

import anyio
import httpx
import pytest
from starlette.responses import PlainTextResponse

from assistant.api.cross_site import CrossSite, is_local


def status(method: str, local_only: bool = False, **headers: str) -> int:
    app = CrossSite(PlainTextResponse("done"), local_only)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}

    async def ask() -> int:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost:7860"
        ) as c:
            return (await c.request(method, "/", headers=sent)).status_code

    return anyio.run(ask)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 200),  # a program
        ({"sec_fetch_site": "same-origin", "origin": "http://localhost:7860"}, 200),
        ({"sec_fetch_site": "none"}, 200),  # typed by the user
        ({"sec_fetch_site": "cross-site", "origin": "https://elsewhere.example"}, 403),
        ({"sec_fetch_site": "same-site", "origin": "http://localhost:3000"}, 403),
        ({"sec_fetch_site": "cross-site", "authorization": "Bearer pa-token"}, 200),
        ({"origin": "http://localhost:7860"}, 200),
        ({"origin": "http://localhost:3000"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://papers.example", "x_forwarded_host": "papers.example"}, 200),
        # A proxy that passes its own name on and the browser's headers with it.
        ({"origin": "https://papers.example", "sec_fetch_site": "same-origin"}, 200),
    ],
)
def test_what_a_page_of_another_site_sends_is_refused(headers: dict[str, str], expected: int) -> None:
    assert status("POST", **headers) == expected
    assert status("GET", **headers) == 200


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost:7860", True), ("127.0.0.1", True), ("127.8.8.8:1", True), ("[::1]:7860", True),
        ("papers.localhost", True), ("elsewhere.example:7860", False), ("localhost.elsewhere.example", False),
        ("127.0.0.1.elsewhere.example", False), ("192.168.1.5", False), ("", False), ("[::1", False),
        ("localhost@elsewhere.example", False), ("elsewhere.example@localhost", False), ("ｌocalhost", False),
    ],
)  # fmt: skip
def test_only_names_of_this_machine_are_local(host: str, local: bool) -> None:
    assert is_local(host) is local


def test_on_loopback_a_name_of_elsewhere_gets_nothing() -> None:
    assert status("GET", local_only=True, host="elsewhere.example") == 421
    assert status("GET", local_only=True) == 200
    assert status("GET", host="papers.example") == 200
