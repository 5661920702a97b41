"""What we know, in the admin: records as they stand, files and notes, and the attributes that were agreed on."""

from crm.admin import attributes, files
from crm.admin.records import HouseAdmin, OfLeadsAdmin

__all__ = ["HouseAdmin", "OfLeadsAdmin", "attributes", "files"]
