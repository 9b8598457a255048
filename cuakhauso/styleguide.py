"""The page that shows every component with made-up trucks; only where DEBUG or DEMO is on."""

from datetime import timedelta
from types import SimpleNamespace

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from cuakhauso.templatetags.ui import LOOKS

FRAME = {
    "url": "/static/img/sample-frame.svg",
    "width": 960,
    "height": 540,
    "corners": [(420, 395), (566, 395), (566, 431), (420, 431)],
}
COLOURS = [
    "--paper",
    "--surface",
    "--sunken",
    "--accent",
    "--accent-soft",
    "--ok",
    "--ok-soft",
    "--wait",
    "--wait-soft",
    "--bad",
    "--bad-soft",
]


class SampleForm(forms.Form):
    plate = forms.CharField(
        label="Biển kiểm soát",
        help_text="Viết liền hay có dấu đều được.",
        widget=forms.TextInput(attrs={"class": "plate-input", "placeholder": "11C-123.45"}),
    )
    container = forms.CharField(label="Số công-ten-nơ", required=False)
    kind = forms.ChoiceField(label="Loại phương tiện", choices=[("40", "40 feet"), ("20", "20 feet"), ("x", "Khác")])
    weight = forms.IntegerField(label="Khối lượng")
    regime = forms.ChoiceField(
        label="Loại hình",
        widget=forms.RadioSelect,
        choices=[("a", "Xuất khẩu, nhập khẩu"), ("b", "Tạm nhập tái xuất"), ("c", "Quá cảnh")],
    )
    note = forms.CharField(label="Ghi chú", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    sure = forms.BooleanField(label="Tôi cam đoan nội dung khai là đúng")


def _stages() -> list[dict]:
    at = "14:05 22/11/2026"
    return [
        {"title": "Khai báo", "short": "Khai báo", "state": "done", "who": "Công ty TNHH Nông sản Hòa An", "when": at},
        {
            "title": "Vào cửa khẩu, barie số 2",
            "short": "Barie số 2",
            "state": "done",
            "when": at,
            "slots": [
                {
                    "what": "Phương tiện, người điều khiển",
                    "who": "Biên phòng",
                    "state": "confirmed",
                    "by": "Nông Văn Hải",
                    "when": "14:05",
                },
                {
                    "what": "Phương tiện, hàng hóa",
                    "who": "Hải quan",
                    "state": "confirmed",
                    "by": "Lý Thị Mai",
                    "when": "14:07",
                },
            ],
        },
        {
            "title": "Nghiệp vụ trong bãi",
            "short": "Trong bãi",
            "state": "now",
            "note": "Còn chờ kiểm dịch thực vật.",
            "slots": [
                {
                    "what": "Loại hình và nhóm hàng hóa",
                    "who": "Hải quan",
                    "state": "confirmed",
                    "by": "Lý Thị Mai",
                    "when": "14:31",
                },
                {"what": "Kiểm dịch thực vật", "who": "Kiểm dịch thực vật", "state": "waiting"},
                {
                    "what": "Kiểm dịch động vật",
                    "who": "Kiểm dịch động vật",
                    "state": "not_required",
                    "note": "hàng không thuộc diện",
                },
            ],
        },
        {"title": "Nộp phí", "short": "Nộp phí", "state": "next"},
        {"title": "Rời cửa khẩu, barie số 1", "short": "Barie số 1", "state": "next"},
    ]


def _refused() -> list[dict]:
    return [
        {"title": "Khai báo", "state": "done"},
        {"title": "Barie số 2", "state": "refused"},
        {"title": "Trong bãi", "state": "skipped"},
        {"title": "Barie số 1", "state": "next"},
    ]


def _queue() -> list[dict]:
    now = timezone.now()
    rows = [
        ("11C12345", "yellow", "in", "Biên phòng, Hải quan", 42, "waiting", True),
        ("桂F12345", "blue", "in", "Kiểm dịch y tế", 27, "waiting", False),
        ("12C06789", "white", "out", "Biên phòng mở barie", 18, "ready_to_leave", False),
        ("粤B12345D", "green", "in", "Khai báo chưa thấy số tờ khai hải quan", 9, "refused", False),
        ("TC1234", "red", "out", "Biên phòng", 3, "waiting", False),
    ]
    return [
        {
            "plate": p,
            "colour": c,
            "direction": d,
            "waiting_for": w,
            "since": now - timedelta(minutes=m),
            "state": s,
            "late": late,
            "url": "#",
        }
        for p, c, d, w, m, s, late in rows
    ]


def _context() -> dict:
    filled = SampleForm({"plate": "11C12345", "kind": "40", "weight": "nhiều", "regime": "a"})
    return {
        "states": list(LOOKS),
        "colours": COLOURS,
        "form": SampleForm(initial={"regime": "a"}),
        "wrong_form": filled,
        "stages": _stages(),
        "refused": _refused(),
        "queue": _queue(),
        "frame": FRAME,
        "moment": timezone.now(),
        "compared": [
            {"label": "Biển kiểm soát", "declared": "11C12345", "read": "11C12845", "plate": True, "colour": "yellow"},
            {"label": "Rơ moóc", "declared": "11R00123", "read": "11R00123", "plate": True, "colour": "yellow"},
            {"label": "Lái xe", "declared": "Hoàng Văn Thắng", "read": "Hoàng Văn Thắng"},
            {"label": "Công-ten-nơ", "declared": "MSKU 123456 5", "read": ""},
        ],
        "flow": [("6h", 4), ("8h", 19), ("10h", 31), ("12h", 12), ("14h", 27), ("16h", 22), ("18h", 6)],
        "page": SimpleNamespace(
            has_other_pages=True,
            has_previous=False,
            has_next=True,
            number=1,
            next_page_number=2,
            paginator=SimpleNamespace(num_pages=7),
        ),
        "reasons": ["Biển số không khớp", "Thiếu giấy phép vận tải", "Hàng không đúng khai báo"],
    }


def components(request: HttpRequest) -> HttpResponse:
    """Every component, one below the other."""
    return render(request, "styleguide.html", _context())


def console(request: HttpRequest) -> HttpResponse:
    """A console with made-up trucks, to judge the split view."""
    signed_in = {
        "user": SimpleNamespace(is_authenticated=True, full_name="Nông Văn Hải"),
        "bar_place": "Barie số 2 · Tà Lùng",
        "bar_role": "Bộ đội Biên phòng",
        "navigation": [{"url": request.path, "word": "Barie số 2"}, {"url": "/b1", "word": "Barie số 1"}],
        "notices_url": "#",
        "notice_count": 3,
    }
    return render(request, "styleguide_console.html", _context() | signed_in)


urlpatterns = [
    path("", components, name="styleguide"),
    path("console/", console, name="styleguide-console"),
]
