"""Door-bells of this floor. The durable row is the truth; a bell only says: look. Sent after commit."""

from django.dispatch import Signal

# Work rows wait. No arguments.
work_waiting = Signal()
