"""From evidence to an answer: synthesizers, the token budget, citation markers, verdicts.

Import the modules themselves; this package gathers nothing, so that a command pays only for
what it uses (`provider` imports the OpenAI client, `generative` LlamaIndex).
"""
