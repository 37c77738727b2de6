"""For other programs: the OpenAI-compatible endpoint, and what both doors to the engine share."""
