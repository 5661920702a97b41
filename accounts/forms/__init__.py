"""What is typed about people, keys and oneself."""

from accounts.forms.audit import AuditForm
from accounts.forms.keys import NewApiKeyForm
from accounts.forms.people import AcceptForm, InvitationForm, PersonForm
from accounts.forms.profile import ProfileForm

__all__ = ["AcceptForm", "AuditForm", "InvitationForm", "NewApiKeyForm", "PersonForm", "ProfileForm"]
