"""The pages of the first run: the door of an empty installation, the steps, and what polls."""
