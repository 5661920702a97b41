"""What this floor puts into the floor below: its panels on the lead page."""

from kernel.slots import Panel, register

register(Panel(slot="lead.header", name="lead-score", url_name="lead-score", is_eager=True))
register(Panel(slot="lead.main", name="lead-card", url_name="lead-card", order=10, is_eager=True))
register(Panel(slot="lead.main", name="lead-history", url_name="lead-history", order=20))
register(Panel(slot="lead.main", name="lead-timeline", url_name="lead-timeline", order=30))
register(Panel(slot="lead.side", name="lead-next", url_name="lead-next", order=20))
register(Panel(slot="lead.end", name="lead-colleagues", url_name="lead-colleagues"))
