"""The column file: the facts of everybody beside PostgreSQL, rebuilt or extended from it, a cache."""
