"""What this floor puts into the floors below: its panels beside the matrix."""

from kernel.slots import Panel, register


def register_all() -> None:
    """Called once the apps are loaded."""
    register(Panel(slot="publication", name="baseline", url_name="publication-baseline", order=50))
    register(Panel(slot="workbench.impact", name="workbench-outcomes", url_name="workbench-outcomes", order=20))
    register(Panel(slot="workbench.shadow", name="shadow-fates", url_name="shadow-fates"))
