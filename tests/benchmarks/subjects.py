"""Stem and embed the subjects of `assistant/retrieval/subjects.json` anew, after a change to its list.

    python tests/benchmarks/subjects.py [MORE.txt ...]

Each line of MORE.txt is a further subject. The list was written down without looking at any question set:
fields of research and of everyday life, broad ones in all fields and finer ones in computing and
medicine. After a change to it, `refusal.py --fit` has to be run and its coefficients pasted.
"""

import json
import sys
from pathlib import Path

import numpy as np

from assistant.embedding import open_embedding_model
from assistant.retrieval.subjects import SUBJECTS, packed, stems_of
from assistant.stores.lexical import analyze


def main() -> None:
    model = open_embedding_model()
    more = [line.strip() for path in sys.argv[1:] for line in Path(path).read_text("utf-8").splitlines()]
    known = json.loads(SUBJECTS.read_text("utf-8"))["subjects"]
    subjects = list({subject.casefold(): subject for subject in [*more, *known] if subject}.values())
    subjects.sort(key=str.casefold)
    vectors = packed(np.asarray(model.embed(subjects), dtype=np.float32))
    stems = [" ".join(stems_of(subject, analyze)) for subject in subjects]
    found = {"model": model.name, "subjects": subjects, "stems": stems, "vectors": vectors}
    SUBJECTS.write_text(json.dumps(found, indent=0, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
