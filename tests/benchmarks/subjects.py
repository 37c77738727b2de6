"""Embed the subjects of `assistant/retrieval/subjects.json` anew, after a change to its list.

    python tests/benchmarks/subjects.py

The list was written down without looking at any question set: fields of research and of everyday life,
broad ones in all fields and finer ones in machine learning and medicine. After a change to it,
`refusal.py --fit` has to be run and its coefficients pasted.
"""

import json

import numpy as np

from assistant.embedding import open_embedding_model
from assistant.retrieval.subjects import SUBJECTS, packed


def main() -> None:
    model = open_embedding_model()
    subjects = json.loads(SUBJECTS.read_text("utf-8"))["subjects"]
    vectors = packed(np.asarray(model.embed(subjects), dtype=np.float32))
    found = {"model": model.name, "subjects": subjects, "vectors": vectors}
    SUBJECTS.write_text(json.dumps(found, indent=0, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
