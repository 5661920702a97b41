"""The first run: from an empty installation to leads in a queue, step by step, each to be left and taken up again."""
