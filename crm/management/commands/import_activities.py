from crm.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Import activities from a CSV file or a spreadsheet by a mapping. The same file again changes nothing."
    about = "activities"
    statuses = ("accepted", "duplicate", "quarantined", "rejected")
