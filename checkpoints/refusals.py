"""Why a move was not made: one chosen reason, in words for the person and a code for the program."""

from django.utils.translation import gettext as _


class Refusal(Exception):
    """`code` for programs, `message` in the person's language; nothing was changed."""

    def __init__(self, code: str, message: str):
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


def key_reused() -> Refusal:
    """The caller's idempotency key was used for something else before."""
    return Refusal("key_reused", _("Mã yêu cầu này đã dùng cho một việc khác. Hãy tải lại trang."))


def not_yours() -> Refusal:
    """The same words whether the thing does not exist, is elsewhere or is another's: nothing leaks."""
    return Refusal("not_yours", _("Tài khoản của bạn không có quyền thực hiện việc này tại đây."))
