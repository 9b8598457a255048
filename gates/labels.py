"""What the words of the procedure books are called on screens."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gates.procedures.words import Agency, Country, Moment, Place, Purpose, Side

AGENCIES = {
    Agency.TRADER: _("Tổ chức, cá nhân xuất nhập khẩu"),
    Agency.DRIVER: _("Người điều khiển phương tiện"),
    Agency.BORDER_GUARD: _("Bộ đội Biên phòng"),
    Agency.CUSTOMS: _("Hải quan"),
    Agency.HEALTH_QUARANTINE: _("Kiểm dịch y tế"),
    Agency.ANIMAL_QUARANTINE: _("Kiểm dịch động vật"),
    Agency.PLANT_QUARANTINE: _("Kiểm dịch thực vật"),
    Agency.TRANSPORT: _("Cơ quan quản lý giấy phép vận tải"),
    Agency.FEE_CENTRE: _("Trung tâm quản lý và khai thác dịch vụ hạ tầng"),
    Agency.TAX_OFFICE: _("Cơ quan Thuế"),
    Agency.YARD_OPERATOR: _("Doanh nghiệp kinh doanh bến bãi"),
}

AGENCIES_SHORT = AGENCIES | {
    Agency.TRADER: _("Người khai"),
    Agency.DRIVER: _("Lái xe"),
    Agency.BORDER_GUARD: _("Biên phòng"),
    Agency.TRANSPORT: _("Giấy phép vận tải"),
    Agency.FEE_CENTRE: _("Trung tâm hạ tầng"),
    Agency.YARD_OPERATOR: _("Bến bãi"),
}

PLACES = {
    Place.ONLINE: _("Trực tuyến"),
    Place.B1: _("Barie số 1"),
    Place.B2: _("Barie số 2"),
    Place.YARD: _("Bến bãi"),
}

MOMENTS = {
    Moment.DECLARE: _("Khai báo"),
    Moment.ENTER: _("Vào cửa khẩu"),
    Moment.YARD_IN: _("Vào bãi"),
    Moment.YARD: _("Nghiệp vụ trong bãi"),
    Moment.TRANSSHIP: _("Sang tải"),
    Moment.FEE: _("Nộp phí"),
    Moment.YARD_OUT: _("Ra bãi"),
    Moment.LEAVE: _("Rời cửa khẩu"),
}

PURPOSES = {
    Purpose.EXPORT: _("Xuất khẩu"),
    Purpose.IMPORT: _("Nhập khẩu"),
    Purpose.COLLECT_IMPORT: _("Xe không chở hàng, vào nhận hàng nhập khẩu"),
    Purpose.COLLECT_EXPORT: _("Xe không chở hàng, vào nhận hàng xuất khẩu"),
    Purpose.CROSS_EMPTY: _("Xe không chở hàng, đi qua cửa khẩu"),
}

COUNTRIES = {Country.VN: _("Việt Nam"), Country.CN: _("Trung Quốc")}

SIDES = {Side.INLAND: _("Từ nội địa Việt Nam"), Side.BORDER: _("Từ Trung Quốc")}

FACTS = {
    "declared": _("Khai báo thông tin"),
    "driver_and_vehicle": _("Người điều khiển phương tiện, phương tiện"),
    "vehicle_and_goods": _("Phương tiện, hàng hóa"),
    "vehicle_status": _("Tình trạng phương tiện không chở hàng"),
    "health_quarantine": _("Kiểm dịch y tế"),
    "animal_quarantine": _("Kiểm dịch động vật"),
    "plant_quarantine": _("Kiểm dịch thực vật"),
    "storage_or_unloading": _("Lưu kho, hạ bãi"),
    "transshipment_registered": _("Đăng ký sang tải"),
    "transshipment": _("Sang tải"),
    "regime_and_goods_group": _("Loại hình và nhóm hàng hóa"),
    "vehicle_carrying_goods": _("Phương tiện chở hàng hóa"),
    "fee_confirmed": _("Đối chiếu phí"),
    "transport_permit": _("Giấy phép vận tải"),
    "vehicle_tonnage": _("Trọng tải phương tiện"),
    "yard_entry": _("Vào bãi"),
    "yard_exit": _("Ra bãi"),
}


def choices(labels: dict) -> list[tuple[str, str]]:
    """A label table as the choices of a model or form field."""
    return [(code.value, label) for code, label in labels.items()]


def article_words(article: str) -> str:
    """An article of a book in the language of who reads: `Điều 4(2)a`."""
    return gettext("Điều %(number)s") % {"number": article.removeprefix("Điều ")}
