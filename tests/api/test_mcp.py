"""The MCP server, asked by the SDK's own client over each transport."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from assistant.api.tools import build_mcp
from assistant.engine import Assistant
from assistant.settings import Settings

ROOT = Path(__file__).parents[2]
QUESTION = "How much of the model weights can SAFARI prune?"


def called(server: Any, tool: str, **arguments: Any) -> Any:
    async def call() -> Any:
        async with Client(server) as client:
            return await client.call_tool(tool, arguments)

    return asyncio.run(call())


def text_of(result: Any) -> str:
    return "".join(part.text for part in result.content)


def test_the_tools_say_what_they_are_for_and_change_nothing(seed_assistant: Assistant) -> None:
    async def listed() -> Any:
        async with Client(build_mcp(seed_assistant)) as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in asyncio.run(listed())}
    assert set(tools) == {"search_papers", "ask_papers", "summarize_topic", "get_paper"}
    for tool in tools.values():
        assert len(tool.description or "") > 60
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert all(field.get("description") for field in tool.input_schema["properties"].values())


def test_a_question_gets_a_cited_answer_with_its_sources(seed_assistant: Assistant) -> None:
    text = text_of(called(build_mcp(seed_assistant), "ask_papers", question=QUESTION))
    assert "80% of the model weights" in text
    assert "[1]" in text
    assert "SAFARI: Sparsity" in text.split("Sources:")[1]


def test_earlier_questions_are_taken_into_account(seed_assistant: Assistant) -> None:
    result = called(
        build_mcp(seed_assistant), "ask_papers", question="Who are its authors?", history=["What is SAFARI?"]
    )
    assert "Yuzhu Mao" in text_of(result)


def test_a_paper_that_was_found_can_be_read(seed_assistant: Assistant) -> None:
    server = build_mcp(seed_assistant)
    found = called(server, "search_papers", query="SAFARI", top=3).structured_content["papers"]
    assert len(found) == 3
    paper = called(server, "get_paper", paper_id=found[0]["paper_id"]).structured_content
    assert "80% of the model weights" in paper["abstract"]


def test_a_topic_is_summarized_with_citations(seed_assistant: Assistant) -> None:
    text = text_of(called(build_mcp(seed_assistant), "summarize_topic", topic="federated learning"))
    assert "[1]" in text
    assert "SAFARI" in text


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("ask_papers", {"question": "  "}, "the question is empty"),
        ("search_papers", {"query": "x", "top": 0}, "top"),
        ("get_paper", {"paper_id": "nope"}, "search_papers gives the ids"),
    ],
)
def test_a_call_that_does_not_fit_is_told_why(
    seed_assistant: Assistant, tool: str, arguments: dict[str, Any], told: str
) -> None:
    result = called(build_mcp(seed_assistant), tool, **arguments)
    assert result.is_error
    assert told in text_of(result)


def test_the_sdk_does_not_take_over_the_log(
    seed_assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    build_mcp(seed_assistant)
    assert (logging.root.handlers, logging.root.level) == ([], logging.WARNING)


def test_the_command_serves_a_client_on_standard_input_and_output(seed_settings: Settings) -> None:
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "assistant", "mcp", "--data", str(seed_settings.data_dir)],
        cwd=str(ROOT),
    )
    result = called(server, "search_papers", query="SAFARI", top=1)
    assert json.loads(text_of(result))["papers"][0]["title"].startswith("SAFARI")
