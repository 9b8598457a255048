"""The firm's register, and that of the specialised drivers of a gate."""

from django.urls import path

from register.views import papers, rows, specialised

app_name = "register"
ROW = "<slug:shelf>/<int:pk>/"
PAPER = ROW + "papers/<int:paper>/"

urlpatterns = [
    path("vehicles/", rows.rows, {"shelf": "vehicles"}, name="vehicles"),
    path("drivers/", rows.rows, {"shelf": "drivers"}, name="drivers"),
    path("take/", rows.take, name="take"),
    path("import/", rows.import_sheet, name="import"),
    path("scans/<int:paper>/", papers.scan, name="scan"),
    path("specialised/", specialised.specialised, name="specialised"),
    path("specialised/new/", specialised.new, name="new_specialised"),
    path("specialised/<int:pk>/", specialised.edit, name="edit_specialised"),
    path("<slug:shelf>/new/", rows.new, name="new"),
    path(ROW, rows.row, name="row"),
    path(ROW + "away/", rows.put_away, name="put_away"),
    path(ROW + "papers/new/", papers.new, name="new_paper"),
    path(PAPER, papers.edit, name="paper"),
    path(PAPER + "remove/", papers.remove, name="remove_paper"),
]
