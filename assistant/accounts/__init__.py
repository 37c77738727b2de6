"""Who may use a shared server: people with a password and a role, their API tokens and their sessions.

A database of its own, `accounts.sqlite3` in the data folder: a rebuilt corpus takes no account along.
"""
