"""The two commands for a bare machine: a real PostgreSQL and a real Valkey of our own, and the programs beside them.

``python -m leadscore.embedded demo`` and ``python -m leadscore.embedded run -- COMMAND``; docs/install.md tells
what they do. ``DATABASE_URL`` and ``REDIS_URL`` each switch off the server they name. Nothing imports this package.
"""
