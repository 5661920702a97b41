"""Door-bells of this floor. The durable row is the truth; a bell only says: look. Sent after commit."""

from django.dispatch import Signal

# Scores were written or removed. `lead_ids`: list of the leads whose scores changed.
scores_changed = Signal()
# A version judges from now on. `version_id`: which. The durable row is the published MatrixVersion.
version_published = Signal()
