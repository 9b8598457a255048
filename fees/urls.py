from django.urls import include, path

from fees.views import bills, desk, payers, paying, public, tariff_entry, tariffs

app_name = "fees"
versions = [
    path("", tariffs.versions, name="tariffs"),
    path("new/", tariff_entry.new, name="tariff_new"),
    path("template.xlsx", tariffs.template, name="tariff_template"),
    path("<int:tariff_id>/", tariffs.version, name="tariff_version"),
    path("<int:tariff_id>/compare/", tariffs.compared, name="tariff_compare"),
    path("<int:tariff_id>/try/", tariffs.tried, name="tariff_try"),
    path("<int:tariff_id>/sheet.xlsx", tariffs.exported, name="tariff_export"),
    path("<int:tariff_id>/header/", tariff_entry.header, name="tariff_header"),
    path("<int:tariff_id>/import/", tariff_entry.imported, name="tariff_import"),
    path("<int:tariff_id>/discard/", tariff_entry.discard, name="tariff_discard"),
    path("<int:tariff_id>/propose/", tariff_entry.propose, name="tariff_propose"),
    path("<int:tariff_id>/send-back/", tariff_entry.send_back, name="tariff_send_back"),
    path("<int:tariff_id>/approve/", tariff_entry.approve, name="tariff_approve"),
    path("<int:tariff_id>/end/", tariff_entry.propose_end, name="tariff_propose_end"),
    path("<int:tariff_id>/end/approve/", tariff_entry.approve_end, name="tariff_approve_end"),
    path("<int:tariff_id>/end/drop/", tariff_entry.drop_end, name="tariff_drop_end"),
]
for kind in tariff_entry.MODELS:
    of = {"kind": kind}
    versions += [
        path(f"<int:tariff_id>/{kind}/new/", tariff_entry.row, of, name=f"tariff_{kind}_new"),
        path(f"<int:tariff_id>/{kind}/<int:row_id>/", tariff_entry.row, of, name=f"tariff_{kind}_row"),
        path(f"<int:tariff_id>/{kind}/<int:row_id>/remove/", tariff_entry.remove, of, name=f"tariff_{kind}_remove"),
    ]
urlpatterns = [
    path("", desk.desk, name="desk"),
    path("unpriced/", desk.unpriced, name="unpriced"),
    path("unpriced/<int:trip_id>/", desk.reassess, name="reassess"),
    path("mine/", bills.mine, name="mine"),
    path("tariff/", public.tariff, name="tariff"),
    path("pay/", paying.pay_many, name="pay_many"),
    path("pay/<str:token>/", paying.pay, name="pay"),
    path("pay/<str:token>/start/", paying.start, name="start"),
    path("vnpay/ipn/", paying.vnpay_ipn, name="vnpay_ipn"),
    path("vnpay/return/", paying.vnpay_return, name="vnpay_return"),
    path("stub-bank/<str:code>/", paying.stub_bank, name="stub_bank"),
    path("tariffs/", include(versions)),
    path("payers/", payers.payers, name="payers"),
    path("payers/<int:authority_id>/accept/", payers.accept, name="payer_accept"),
    path("payers/<int:authority_id>/end/", payers.end, name="payer_end"),
    path("bills/<str:code>/payer/", payers.change, name="change_payer"),
    path("bills/<str:code>/", bills.bill, name="bill"),
    path("bills/<str:code>/print/", bills.printed, name="print"),
    path("bills/<str:code>/confirm/", desk.confirm, name="confirm"),
    path("bills/<str:code>/payment/", desk.counter_payment, name="counter_payment"),
    path("bills/<str:code>/refund/", desk.refund, name="refund"),
    path("bills/<str:code>/credit/", bills.use_credit, name="use_credit"),
    path("bills/<str:code>/demo-bank/", bills.demo_bank, name="demo_bank"),
]
