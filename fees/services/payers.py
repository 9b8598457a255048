"""Who pays: an organisation names another that pays its fees, which accepts; a bill goes from one to the other.

Each function raises `Refusal` with one reason, and then nothing was changed.
"""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.rules import acts_for_organisation
from checkpoints.refusals import Refusal, not_yours
from fees.models import Bill, OrderLine, PayingAuthority, Payment
from fees.services.billing import announce, lock_bills


def authorise(
    *, organisation: Organisation, payer: Organisation, valid_from: date, valid_to: date | None, actor: User
) -> PayingAuthority:
    """Name who pays the fees of the organisation in that time; it counts once the payer accepts."""
    if not acts_for_organisation(actor, organisation.pk):
        raise not_yours()
    if organisation == payer:
        raise Refusal("own_fees", _("Tổ chức tự nộp phí thì không cần ủy quyền."))
    if valid_to and valid_to < max(valid_from, timezone.localdate()):
        raise Refusal("wrong_day", _("Ngày kết thúc phải sau ngày bắt đầu và chưa qua."))
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        asked = PayingAuthority.objects.filter(organisation=organisation, payer=payer, ended_at__isnull=True)
        if asked.filter(accepted_at__isnull=True).exists():
            raise Refusal("asked_before", _("Đã đề nghị tổ chức này, chưa được trả lời."))
        return PayingAuthority.objects.create(
            organisation=organisation,
            payer=payer,
            valid_from=valid_from,
            valid_to=valid_to,
            made_by=actor,
            made_at=timezone.now(),
        )


def accept(*, authority: PayingAuthority, actor: User) -> None:
    """From now on new bills of the organisation go to the payer."""
    if not acts_for_organisation(actor, authority.payer_id):
        raise not_yours()
    with transaction.atomic():
        authority = _open(authority)
        if authority.accepted_at:
            return
        authority.accepted_by, authority.accepted_at = actor, timezone.now()
        try:
            with transaction.atomic():
                authority.save(update_fields=["accepted_by", "accepted_at"])
        except IntegrityError as taken:
            raise Refusal("another_pays", _("Trong thời gian này đã có tổ chức khác nộp thay.")) from taken


def end(*, authority: PayingAuthority, actor: User) -> None:
    """Either side ends it, or the payer declines; bills made before stay with whom they are."""
    if not any(acts_for_organisation(actor, side) for side in (authority.organisation_id, authority.payer_id)):
        raise not_yours()
    with transaction.atomic():
        authority = _open(authority)
        authority.ended_by, authority.ended_at = actor, timezone.now()
        authority.save(update_fields=["ended_by", "ended_at"])


def _open(authority: PayingAuthority) -> PayingAuthority:
    locked = PayingAuthority.objects.select_for_update(of=("self",), no_key=True).get(pk=authority.pk)
    if locked.ended_at:
        raise Refusal("just_changed", _("Ủy quyền này đã kết thúc."))
    return locked


def change_payer(*, bill: Bill, payer: Organisation, actor: User) -> None:
    """Give a bill on which nothing was paid to another payer: the declarant to whom it authorised, or back to itself.

    The present payer may give it back to the declarant too.
    """
    with transaction.atomic():
        bill = lock_bills(pk=bill.pk)[0]
        declarant = bill.declaration.organisation_id
        declares = acts_for_organisation(actor, declarant)
        if not declares and not (acts_for_organisation(actor, bill.payer_id) and payer.pk == declarant):
            raise not_yours()
        if payer.pk == bill.payer_id:
            return
        authorised = PayingAuthority.objects.in_force().filter(organisation=declarant, payer=payer)
        if payer.pk != declarant and not authorised.exists():
            raise Refusal("not_authorised", _("Tổ chức này chưa nhận nộp phí thay."))
        being_paid = OrderLine.objects.filter(bill=bill, order__expires_at__gt=timezone.now())
        if bill.allocated or Payment.objects.filter(bill=bill).exists() or being_paid.exists():
            raise Refusal("being_paid", _("Thông báo phí này đã có khoản nộp hoặc đang được nộp."))
        bill.payer = payer
        Bill.objects.filter(pk=bill.pk).update(payer=payer)
        announce(bill, "change_payer", actor=actor, payer=payer.pk)
