"""Pages of the cameras."""

from django.urls import path

from anpr.views import cameras, pictures, unsettled

app_name = "anpr"

urlpatterns = [
    path("plates/", unsettled.unsettled, name="unsettled"),
    path("plates/<int:pk>/settle/", unsettled.settle, name="settle"),
    path("plates/<int:pk>/dismiss/", unsettled.put_aside, name="dismiss"),
    path("cameras/", cameras.cameras, name="cameras"),
    path("cameras/test/", cameras.test, name="test"),
    path("cameras/<slug:code>/", cameras.day, name="day"),
    path("readings/<int:pk>/frame/", pictures.frame, name="frame"),
    path("readings/<int:pk>/crop/", pictures.crop, name="crop"),
]
