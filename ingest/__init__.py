"""From files to papers, chunks and indexes; run as `python -m ingest`."""
