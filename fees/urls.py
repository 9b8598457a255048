from django.urls import path

from fees.views import bills, desk, paying, public

app_name = "fees"
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
    path("bills/<str:code>/", bills.bill, name="bill"),
    path("bills/<str:code>/print/", bills.printed, name="print"),
    path("bills/<str:code>/confirm/", desk.confirm, name="confirm"),
    path("bills/<str:code>/payment/", desk.counter_payment, name="counter_payment"),
    path("bills/<str:code>/refund/", desk.refund, name="refund"),
    path("bills/<str:code>/credit/", bills.use_credit, name="use_credit"),
    path("bills/<str:code>/demo-bank/", bills.demo_bank, name="demo_bank"),
]
