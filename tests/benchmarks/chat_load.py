"""How the web chat bears many users at once: `python tests/benchmarks/chat_load.py --users 50`.

Starts `app.py` over a copy-free data folder (`--data`, default: the seeds, in a temporary folder) on
loopback and asks the named endpoint from as many `gradio_client` clients as there are users, each its
next question as soon as the last is answered. Prints p50, p95 and the longest answer in milliseconds,
errors, and the server's memory after each tenth of the questions; with a Chromium on the PATH also
first paint, time to the first words and bytes received for one answer, cold and warm.
Times are of this machine as it is loaded; memory and errors are not.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = ROOT / "tests" / "questions" / "questions.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--data", type=Path, help="folder of the stores (default: the seeds)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, str(ROOT / "app.py"), "--port", str(port)]
        command += ["--data", str(options.data)] if options.data else []
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_ANSWERER": "extractive"}
        started = time.perf_counter()
        app = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}/"
            wait_for(url, app)
            print(f"page after {time.perf_counter() - started:.1f} s of starting; commit {commit()}")
            look(url)
            load(url, app.pid, options.users, options.questions)
        finally:
            app.terminate()
            app.wait()


def load(url: str, server: int, users: int, count: int) -> None:
    """Ask `count` questions from `users` clients and print what it took."""
    from gradio_client import Client

    questions = [json.loads(line)["question"] for line in QUESTIONS.read_text("utf-8").splitlines()]
    # Its own limit of 5 s is for a server that is not busy: waiting in the queue is measured, no error.
    clients = [Client(url, verbose=False, httpx_kwargs={"timeout": 300}) for _ in range(users)]
    lock, taken = threading.Lock(), iter(range(count))
    times: list[float] = []
    errors: list[str] = []
    memory: list[int] = [resident(server)]

    def ask(client: Any) -> None:
        while True:
            with lock:
                number = next(taken, None)
            if number is None:
                return
            began = time.perf_counter()
            try:
                client.predict(questions[number % len(questions)], api_name="/ask")
            except Exception as error:  # counted, never dropped
                errors.append(f"{type(error).__name__}: {error}")
            times.append(1000 * (time.perf_counter() - began))
            if len(times) % max(1, count // 10) == 0:
                memory.append(resident(server))

    began = time.perf_counter()
    threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    for client in clients:
        client.close()
    p50, p95 = statistics.median(times), sorted(times)[int(0.95 * (len(times) - 1))]
    print(
        f"{count} questions from {users} users in {seconds:.1f} s ({count / seconds:.1f}/s): "
        f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, longest {max(times):.0f} ms, errors {len(errors)}"
    )
    print(f"memory of the server in MB: {', '.join(str(m) for m in memory)}")
    for error in sorted(set(errors))[:5]:
        print(f"  {error}")


def look(url: str) -> None:
    """Print first paint, time to the first words of an answer and the bytes received for it."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        print("no Chromium on the PATH: nothing looked at")
        return
    from playwright.sync_api import sync_playwright

    paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime || 0"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for state in ("cold", "warm"):
            page.goto(url)
            page.wait_for_selector("#pa-chat .example")
            received: list[int] = []
            session = page.context.new_cdp_session(page)
            session.send("Network.enable")
            session.on("Network.dataReceived", lambda event, got=received: got.append(event["dataLength"]))
            page.fill("#pa-question textarea", "How much of the model weights can SAFARI prune?")
            began = time.perf_counter()
            page.press("#pa-question textarea", "Enter")
            page.wait_for_function("document.querySelector('#pa-chat .bot-row .prose')?.innerText.length > 1")
            first = 1000 * (time.perf_counter() - began)
            page.wait_for_selector("section[data-turn='1']")
            page.wait_for_timeout(500)
            length = len(page.locator("#pa-chat .bot-row .prose").last.inner_text())
            print(
                f"{state}: first paint {page.evaluate(paint):.0f} ms, first words {first:.0f} ms, "
                f"{sum(received):,} bytes for an answer of {length} characters and its sources"
            )
            page.get_by_role("button", name="New conversation").click()
        browser.close()


def resident(process: int) -> int:
    """Memory of a process and its children in MB, as Linux counts it; 0 elsewhere."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, app: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if app.poll() is not None:
            raise SystemExit(f"app.py ended with {app.returncode} before it answered")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise SystemExit("app.py did not start within two minutes")


if __name__ == "__main__":
    main()
