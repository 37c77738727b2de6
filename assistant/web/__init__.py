"""The web chat: a Gradio page over one `Assistant`.

`page.build_page` puts the tabs together, `page.serve` runs them. `markup` and `cards` are pure
functions from data to safe Markdown and HTML; nothing else makes either.
"""
