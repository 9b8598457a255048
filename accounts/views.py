"""Signing in by password; afterwards each role lands on its own first page."""

from django.conf import settings
from django.contrib.auth.views import LoginView

from accounts.models import Role
from cuakhauso.bar import navigation


class SignIn(LoginView):
    template_name = "accounts/sign_in.html"

    def get_default_redirect_url(self) -> str:
        links = navigation(self.request.user)
        return links[0]["url"] if links else super().get_default_redirect_url()

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(**kwargs) | {"demo_accounts": Role.Code.choices if settings.DEMO else []}
