"""How another system signs in to the API."""

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.keys import account_with
from accounts.models import User


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Key KEY`: the request is its account's. An unknown, wrong or revoked key is answered alike."""

    keyword = "Key"

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        word, _space, key = request.headers.get("Authorization", "").partition(" ")
        if word.lower() != self.keyword.lower():
            return None
        account = account_with(key) if key and key.isascii() and key.isprintable() else None
        if account is None:
            raise AuthenticationFailed(_("Khóa API không đúng."))
        return account, self.keyword

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema) -> dict:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Key KEY`"}
