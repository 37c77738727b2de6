"""How long a thousand questions take to replay, and whether an interruption changes the result.

    python tests/benchmarks/replay.py QUESTIONS.jsonl ... --papers papers.jsonl --data DIR
        [--questions 1000] [--jobs 2] [--kills 3]

The rows of the sets are repeated under new ids, each time with another small change of the wording,
so that no question is the same as another. They are replayed extractively by the command line, as a
user would; the time is from the first question to the written report, without the load. With
--kills the run is then made again and killed (SIGKILL) that often at random moments; the answers
must be those of the first run but for `timings_ms`.
"""

import argparse
import itertools
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

CHANGES: Sequence[Callable[[str], str]] = (
    str,
    lambda text: f"{text} Thanks!",
    lambda text: f"Hello, {text}",
    lambda text: f"Please tell me: {text}",
    lambda text: f"{text} (in short)",
    lambda text: f"A colleague asks: {text}",
    lambda text: f"{text} Answer from the papers.",
    lambda text: f"Quick question. {text}",
    lambda text: f"{text} I need it for a talk.",
    lambda text: f"So, {text}",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--papers", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--kills", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        questions = Path(folder) / "questions.jsonl"
        rows = many(options.sets, options.questions)
        questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        command = [sys.executable, "-m", "assistant", "evaluate", str(questions), "--answerer", "extractive"]
        command += ["--papers", str(options.papers), "--data", str(options.data), "--jobs", str(options.jobs)]
        whole = Path(folder) / "whole"
        loaded, seconds = timed([*command, "--report", str(whole)], whole)
        print(f"{len(rows)} questions, {options.jobs} jobs, {os.cpu_count()} cores: {seconds:.1f} s")
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"({1000 * seconds / len(rows):.0f} ms a question) after {loaded:.1f} s of loading;")
        print(f"processor time with loading: {spent.ru_utime + spent.ru_stime:.1f} s")
        if options.kills:
            cut = Path(folder) / "cut"
            asked = interrupted([*command, "--report", str(cut)], cut, options.kills, len(rows))
            same = "the same" if answers(cut) == answers(whole) else "OTHER"
            print(f"killed after {', '.join(map(str, asked))} answers: {same} answers in the end")


def many(sets: Sequence[Path], wanted: int) -> list[dict[str, Any]]:
    """`wanted` rows, made of those of `sets`."""
    rows = [json.loads(line) for path in sets for line in path.read_text("utf-8").splitlines() if line]
    made = (
        {**row, "id": f"{row['id']}-{turn}", "question": change(row["question"])}
        for turn, change in enumerate(CHANGES)
        for row in rows
    )
    found = list(itertools.islice(made, wanted))
    if len(found) < wanted:
        raise SystemExit(f"the sets give {len(found)} questions, not {wanted}; name more of them")
    return found


def timed(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Seconds until the first answer, and from there to the end."""
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        partial = folder / "answers.jsonl.partial"
        while process.poll() is None and not (partial.exists() and partial.stat().st_size):
            time.sleep(0.01)
        first = time.perf_counter()
    if process.returncode:
        raise SystemExit(f"evaluate failed with exit code {process.returncode}")
    return first - begun, time.perf_counter() - first


def interrupted(command: Sequence[str], folder: Path, kills: int, questions: int) -> list[int]:
    """Kill the run `kills` times after random numbers of answers; the answers kept each time."""
    chance = random.Random(0)
    kept = [0]
    partial = folder / "answers.jsonl.partial"
    for _ in range(kills):
        until = kept[-1] + chance.randint(1, questions // (kills + 1))
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and lines(partial) < until:
                time.sleep(chance.uniform(0.001, 0.02))
            process.kill()
        kept.append(lines(partial))
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return kept[1:]


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def answers(folder: Path) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in (folder / "answers.jsonl").read_text("utf-8").split("\n") if line]
    return [{name: value for name, value in row.items() if name != "timings_ms"} for row in rows]


if __name__ == "__main__":
    main()
