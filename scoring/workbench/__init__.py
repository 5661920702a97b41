"""The matrix workbench: the pages on which sales and marketing tune one matrix together.

Each module is a part of the page with its own addresses; what they show stands in scoring.workbench_shown, what they do in
scoring.services.
"""
