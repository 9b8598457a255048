"""Signing in and out."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView, redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.csrf import csrf_failure as default_csrf_failure

from accounts import throttle
from accounts.homes import home_of
from accounts.models import Role
from cuakhauso.middleware import path_of


class SignInForm(AuthenticationForm):
    """Name and password; a name that fails too often waits."""

    error_messages = {
        "invalid_login": gettext_lazy("Tên đăng nhập hoặc mật khẩu chưa đúng. Hãy kiểm tra phím Caps Lock và thử lại."),
        "inactive": gettext_lazy("Tài khoản này đã ngừng hoạt động. Hãy liên hệ Ban Quản lý Khu kinh tế."),
    }

    def clean(self) -> dict[str, Any]:
        username, address = self.cleaned_data.get("username") or "", self._address()
        if wait := throttle.seconds_to_wait(username, address):
            minutes = -(-wait // 60)
            raise ValidationError(
                ngettext(
                    "Sai mật khẩu quá nhiều lần. Hãy thử lại sau %(n)s phút.",
                    "Sai mật khẩu quá nhiều lần. Hãy thử lại sau %(n)s phút.",
                    minutes,
                )
                % {"n": minutes},
                code="throttled",
            )
        try:
            cleaned = super().clean()
        except ValidationError:
            throttle.count_failure(username, address)
            raise
        if self.get_user():
            throttle.forget(username, address)
        return cleaned

    def _address(self) -> str:
        """The caller's address; behind our own proxy the one that it appended last."""
        if settings.SECURE_PROXY_SSL_HEADER:
            forwarded = self.request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
            if forwarded:
                return forwarded
        return self.request.META.get("REMOTE_ADDR", "")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: who was signed out meanwhile signs in again, anybody else loads the page anew."""
    if not request.user.is_authenticated:
        messages.warning(request, _("Bạn đã đăng xuất hoặc phiên làm việc đã hết. Việc vừa bấm chưa được tính."))
        page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
        return redirect_to_login(path_of(page))
    return default_csrf_failure(request, reason)


class SignIn(LoginView):
    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and not self.get_redirect_url():
            return redirect(home_of(request.user))
        return super().get(request, *args, **kwargs)

    def get_default_redirect_url(self) -> str:
        return home_of(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # In the demo the names of its accounts, one a role, are no secret.
        return super().get_context_data(**kwargs) | {"demo_accounts": Role.Code.choices if settings.DEMO else []}


class SignOut(LogoutView):
    """By POST alone."""


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """To the first page of the person's role."""
    return redirect(home_of(request.user))
