"""Pages of the officers, the yards, the authority, the driver and the public."""

from django.urls import path

from checkpoints.views import card, closures, console, exceptional, history, moves, overview, public, yard, zones

app_name = "checkpoints"

PLACE = "console/<slug:gate>/<slug:code>/"
TRUCK = PLACE + "<int:trip>/"

urlpatterns = [
    path("", public.public, name="public"),
    path("console/", console.home, name="home"),
    path(PLACE, console.place, name="place"),
    path(PLACE + "search/", console.search, name="search"),
    path(PLACE + "unsettled/", console.unsettled, name="unsettled"),
    path(PLACE + "confirm/", moves.confirm_many, name="confirm_many"),
    path(PLACE + "open-forced/", moves.open_forced, name="open_forced"),
    path(TRUCK, console.place, name="truck"),
    path(TRUCK + "confirm/", moves.confirm, name="confirm"),
    path(TRUCK + "refuse/", moves.refuse, name="refuse"),
    path(TRUCK + "undo/", moves.undo, name="undo"),
    path(TRUCK + "open/", moves.open_barrier, name="open_barrier"),
    path(TRUCK + "leave-without-goods/", moves.leave_without_goods, name="leave_without_goods"),
    path(TRUCK + "customs/<int:consignment>/", moves.name_customs, name="name_customs"),
    path(TRUCK + "correction/ask/", moves.ask_correction, name="ask_correction"),
    path(TRUCK + "correction/agree/", moves.agree_correction, name="agree_correction"),
    path(TRUCK + "correction/reject/", moves.reject_correction, name="reject_correction"),
    path(TRUCK + "correction/withdraw/", moves.withdraw_correction, name="withdraw_correction"),
    path(TRUCK + "call-up/", moves.call_up, name="call_up"),
    path(TRUCK + "exception/<slug:move>/", exceptional.make, name="exception"),
    path("yard/", yard.home, name="yards"),
    path("yard/<slug:gate>/<slug:code>/", yard.yard, name="yard"),
    path("yard/<slug:gate>/<slug:code>/zones/new/", zones.new, name="new_zone"),
    path("yard/<slug:gate>/<slug:code>/zones/<slug:zone>/", zones.edit, name="zone"),
    path("yard/<slug:gate>/<slug:code>/<int:trip>/call-up/", yard.call_up, name="yard_call_up"),
    path("yard/<slug:gate>/<slug:code>/<int:trip>/place/", yard.place, name="yard_place"),
    path("yard/<slug:gate>/<slug:code>/day/", yard.day, name="yard_day"),
    path("yard/<slug:gate>/<slug:code>/search/", yard.search, name="yard_search"),
    path("overview/", overview.overview, name="overview"),
    path("closures/", closures.closures, name="closures"),
    path("closures/extend/", closures.extend, name="extend_all"),
    path("closures/<int:closure>/lift/", closures.lift, name="lift_closure"),
    path("closures/at/<slug:gate>/", closures.at_gate, name="closures_at"),
    path("history/trips/<int:trip>/", history.of_trip, name="history_trip"),
    path("history/declarations/<str:code>/", history.of_declaration, name="history_declaration"),
    path("card/<str:token>/", card.card, name="card"),
    path("card/<str:token>/breakdown/", card.report_breakdown, name="card_breakdown"),
    path("card/<str:token>/repaired/", card.report_repaired, name="card_repaired"),
    path("card/<str:token>/correct/", card.correct, name="card_correct"),
]
