"""The demo's e-mail: a line each on the console, where a whole letter would push everything else away."""

import sys
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            sys.stdout.write(f"e-mail to {', '.join(message.to)}: {message.subject}\n")
        return len(email_messages)
