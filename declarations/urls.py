from django.urls import path

from declarations.views import correct, declare, documents, home, moves, pages, transship

app_name = "declarations"
urlpatterns = [
    path("", home.home, name="list"),
    path("new/", declare.new, name="new"),
    path("template.xlsx", declare.template, name="template"),
    path("drivers/", declare.drivers, name="drivers"),
    path("documents/<int:pk>/", documents.show, name="document"),
    path("<slug:code>/", pages.detail, name="detail"),
    path("<slug:code>/documents/", documents.add, name="add_document"),
    path("<slug:code>/documents/<int:pk>/place/", documents.place, name="place_document"),
    path("<slug:code>/documents/<int:pk>/delete/", documents.drop, name="drop_document"),
    path("<slug:code>/print/", pages.printed, name="print"),
    path("<slug:code>/edit/", declare.edit, name="edit"),
    path("<slug:code>/lists.xlsx", declare.lists, name="lists"),
    path("<slug:code>/copy/", moves.copy, name="copy"),
    path("<slug:code>/delete/", moves.delete, name="delete"),
    path("<slug:code>/consignments/<int:consignment>/customs/", pages.customs, name="customs"),
    path("<slug:code>/withdraw/", moves.withdraw, name="withdraw"),
    path("<slug:code>/stored/hand-over/", moves.hand_over_stored, name="hand_over_stored"),
    path("<slug:code>/extend/", moves.extend, name="extend"),
    path("<slug:code>/<int:position>/withdraw/", moves.withdraw_trip, name="withdraw_trip"),
    path("<slug:code>/<int:position>/correct/", correct.correct, name="correct"),
    path("<slug:code>/<int:position>/correct/withdraw/", correct.withdraw_correction, name="withdraw_correction"),
    path("<slug:code>/<int:position>/transship/", transship.transship, name="transship"),
    path("<slug:code>/<int:position>/store/", transship.store, name="store"),
    path("<slug:code>/load/<int:yard>/", transship.load, name="load"),
    path("<slug:code>/registered/<int:registered>/cancel/", transship.cancel, name="cancel_transshipment"),
    path(
        "<slug:code>/<int:position>/registered/<int:registered>/decline/",
        transship.decline,
        name="decline_transshipment",
    ),
    path("<slug:code>/<int:position>/breakdown/", moves.report_breakdown, name="report_breakdown"),
    path("<slug:code>/<int:position>/repaired/", moves.report_repaired, name="report_repaired"),
    path("<slug:code>/<int:position>/take-back/", moves.take_back, name="take_back"),
    path("<slug:code>/<int:position>/leave/", moves.leave_without_goods, name="leave_without_goods"),
]
