"""The move by which documents of a declaration that was sent are added, or replaced by a newer version.

No confirmation is asked again by it: the officers see what is new and after whose confirmation it came, and judge.
"""

import hashlib

from django.utils.translation import gettext as _

from checkpoints.context import Context
from checkpoints.refusals import Refusal
from declarations.documents import add, fault
from declarations.models import Consignment
from declarations.states import LIVE_DECLARATIONS
from gates.procedures.words import Agency


def declaration_is_live(ctx: Context) -> Refusal | None:
    if ctx.declaration.state in LIVE_DECLARATIONS:
        return None
    return Refusal("not_live", _("Tờ khai %(code)s không còn thực hiện.") % {"code": ctx.declaration.code})


def document_belongs(ctx: Context) -> Refusal | None:
    """The consignment is of this declaration, and the version replaced is still the newest."""
    found = fault(ctx.declaration, _consignment(ctx), ctx.details["kind"], ctx.details.get("replaces"))
    return Refusal("document_refused", found) if found else None


def update_document(ctx: Context) -> None:
    """Details: `consignment` its id, `kind`, `file` as `declarations.documents` keeps it, `replaces` an id or None."""
    file = ctx.details["file"]
    seal = hashlib.sha256(file.read()).hexdigest()
    file.seek(0)
    document = add(
        ctx.declaration,
        _consignment(ctx),
        kind=ctx.details["kind"],
        file=file,
        by=ctx.actor,
        at=ctx.now,
        replaces=ctx.details.get("replaces"),
    )
    ctx.record(
        ctx.declaration,
        by=ctx.represents(Agency.TRADER),
        document=document.pk,
        kind=document.kind,
        consignment=document.consignment_id,
        replaces=document.replaces_id,
        sha256=seal,
    )


def _consignment(ctx: Context) -> Consignment | None:
    return ctx.declaration.consignments.filter(pk=ctx.details["consignment"]).first()
