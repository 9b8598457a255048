"""The payer's link: who has it may see and pay this bill or order without an account."""

from django.core.signing import BadSignature, Signer

from fees.codes import PREFIX

_signer = Signer(salt="fees.pay", sep=".")


def token_of(code: str) -> str:
    """The payment code with a signature, as it stands in the link."""
    return _signer.sign(code)


def code_in(token: str) -> str | None:
    """The payment code of a link; None where the signature is not ours."""
    try:
        code = _signer.unsign(token)
    except BadSignature:
        return None
    return code if code.startswith(PREFIX) else None
