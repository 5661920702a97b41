"""The judgement of scoring.engine over whole populations at once: the same meaning, on columns instead of leads.

What a condition, a path, a word or a number means is asked of the engine's own functions, once for each distinct value;
numpy only carries the answers to the leads and activities that have it. Nothing here knows Django or files.
"""
