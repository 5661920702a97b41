"""What the workbench shows, ready for templates and JSON."""
