"""What if: a draft over every lead of its model, before it is published.

`preview` is the question, `answer` what comes back. Measured units come from the column file (`sources`), are weighed with
everything kept that two drafts share (`sums`, `segment`) and held against the published version (`comparing`, `figures`).
"""

from scoring.preview.answer import Preview
from scoring.preview.previewing import NAMES, preview

__all__ = ["NAMES", "Preview", "preview"]
