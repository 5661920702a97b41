from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import IsAuthenticated


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request):
        return None


class PageSessionAuthentication(SessionAuthentication):
    pass


class HasScope(IsAuthenticated):
    pass
