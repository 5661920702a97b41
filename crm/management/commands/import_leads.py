from crm.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Import leads from a CSV file or a spreadsheet by a mapping. The same file again changes nothing."
    about = "leads"
    statuses = ("created", "updated", "unchanged", "rejected")
