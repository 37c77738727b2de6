import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from store_fixtures import ingest, model, settings, source  # noqa: F401
