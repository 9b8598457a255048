"""Lạng Sơn: Quyết định 06/2024/QĐ-UBND as the draft without number amends it, Điều 4 to 7.

Yards inside the gate area are told from those outside it, whose gates confirm by themselves; the transport department
confirms the permit at the barrier towards the border; fees go to the fee centre or the tax office by their kind
(Điều 9(1), 15(1)). Where the draft names no subset of the forces that control, all four are asked.
"""

from gates.procedures.stages import (
    ANIMAL_CHECKS,
    CUSTOMS_SEES_EMPTY,
    CUSTOMS_SEES_GOODS,
    CUSTOMS_SEES_REGIME,
    CUSTOMS_STORES,
    CUSTOMS_TRANSSHIPS,
    DECLARE,
    ENTER_B2,
    ENTER_B2_EMPTY,
    GUARD,
    GUARD_SEES_DRIVER,
    HEALTH_CHECKS,
    LEAVE_B2,
    LEAVE_B2_EMPTY,
    PLANT_CHECKS,
    TRANSSHIP,
    emptied,
    entering,
    leaving,
)
from gates.procedures.types import Book, Confirms, Continues, Procedure, Stage
from gates.procedures.words import Agency, Condition, Country, Moment, Place, Purpose

TRANSPORT_SEES_PERMIT = Confirms(
    Agency.TRANSPORT, "transport_permit", vi="kiểm tra, xác nhận giấy phép vận tải đường bộ quốc tế"
)
GUARD_SEES_TONNAGE = Confirms(GUARD, "vehicle_tonnage", vi="kiểm tra và xác nhận trọng tải của phương tiện")
HEALTH_CHECKS_TRANSSHIPPED = Confirms(
    Agency.HEALTH_QUARANTINE,
    "health_quarantine",
    condition=Condition.TRANSSHIPMENT,
    vi="xác nhận đối với phương tiện và hàng hóa sang tải",
)

ENTER_B1 = entering(Place.B1, GUARD_SEES_DRIVER, CUSTOMS_SEES_GOODS, HEALTH_CHECKS, TRANSPORT_SEES_PERMIT)
ENTER_B1_EMPTY = emptied(ENTER_B1)
LEAVE_B1 = leaving(Place.B1, TRANSPORT_SEES_PERMIT, CUSTOMS_SEES_GOODS, HEALTH_CHECKS, GUARD_SEES_DRIVER)
LEAVE_B1_EMPTY = emptied(LEAVE_B1)
LEAVE_B1_FROM_YARD = leaving(Place.B1, TRANSPORT_SEES_PERMIT, CUSTOMS_SEES_EMPTY, GUARD_SEES_DRIVER)
YARD_IN = Stage(
    Place.YARD,
    Moment.YARD_IN,
    (
        Confirms(
            Agency.YARD_OPERATOR,
            "yard_entry",
            auto=True,
            vi="xác nhận phương tiện vào địa điểm tập kết hàng hóa",
        ),
    ),
    camera=True,
)
YARD_OUT = Stage(
    Place.YARD,
    Moment.YARD_OUT,
    (
        Confirms(
            Agency.YARD_OPERATOR,
            "yard_exit",
            auto=True,
            vi="xác nhận phương tiện ra khỏi địa điểm tập kết hàng hóa",
        ),
    ),
    camera=True,
)
YARD = Stage(
    Place.YARD,
    Moment.YARD,
    (
        CUSTOMS_STORES,
        CUSTOMS_TRANSSHIPS,
        CUSTOMS_SEES_REGIME,
        GUARD_SEES_TONNAGE,
        HEALTH_CHECKS,
        ANIMAL_CHECKS,
        PLANT_CHECKS,
    ),
)
YARD_IMPORT = Stage(
    Place.YARD,
    Moment.YARD,
    (
        CUSTOMS_STORES,
        CUSTOMS_TRANSSHIPS,
        CUSTOMS_SEES_REGIME,
        GUARD_SEES_TONNAGE,
        HEALTH_CHECKS_TRANSSHIPPED,
        ANIMAL_CHECKS,
        PLANT_CHECKS,
    ),
)
FEE = Stage(
    Place.YARD,
    Moment.FEE,
    (
        Confirms(
            Agency.FEE_CENTRE,
            "fee_confirmed",
            alternative=Agency.TAX_OFFICE,
            together=True,
            condition=Condition.FEE_DUE,
            vi="thu phí, đối chiếu và xác nhận đã hoàn thành",
        ),
    ),
    routed={"infrastructure": Agency.TAX_OFFICE, "transshipment": Agency.FEE_CENTRE},
)

BOOK = Book(
    code="lang_son_2024_amended",
    province="Lạng Sơn",
    decision="06/2024/QĐ-UBND, as amended by the draft compared in law/001",
    date="",
    source="law/001, right-hand column; a draft without number and date",
    # Chinese: Điều 7(3). The draft is silent on an emptied Vietnamese truck: it goes home.
    ways_out={
        (Country.CN, Place.B1): "cn_empty_returns_from_yard",
        (Country.CN, Place.B2): "cn_empty_returns_from_yard",
        (Country.VN, Place.B2): "vn_empty_returns_without_goods",
        (Country.VN, Place.B1): "vn_empty_from_china_without_goods",
    },
    notes=(
        "Điều 5(2)b lets four forces control and names two that confirm; 5(3)b, 6(5)b, 6(6)b and 7(2)b name none: "
        "all four are asked.",
        "Điều 5(2)d: health quarantine confirms for vehicles and goods transshipped, so only then; elsewhere always.",
        "(nếu có) stands with the fee only in Điều 5(3)e; a zero bill closes the step everywhere.",
        "Animal and plant quarantine stand without (nếu có); asked where the goods need them.",
        "Điều 6(3)b asks no confirmation at B2 and 4(3)b names nobody who opens it; taken as slips.",
    ),
    procedures=(
        Procedure(
            code="export",
            vi="Quy trình xuất khẩu, bến bãi nằm trong khu vực cửa khẩu",
            article="Điều 4(2)",
            purpose=Purpose.EXPORT,
            carries_goods=True,
            driver_app=True,
            stages=(
                DECLARE.under("Điều 4(2)a"),
                ENTER_B2.under("Điều 4(2)b"),
                YARD_IN.under("Điều 4(2)c"),
                YARD.under("Điều 4(2)d"),
                FEE.under("Điều 4(2)đ"),
                YARD_OUT.under("Điều 4(2)e"),
                LEAVE_B1.under("Điều 4(2)g"),
            ),
        ),
        Procedure(
            code="export_outside_yard",
            vi="Quy trình xuất khẩu, bến bãi nằm ngoài khu vực cửa khẩu",
            article="Điều 4(3)",
            purpose=Purpose.EXPORT,
            outside_yard=True,
            carries_goods=True,
            driver_app=True,
            stages=(
                DECLARE.under("Điều 4(3)a"),
                YARD_IN.under("Điều 4(3)c"),
                YARD.under("Điều 4(3)d"),
                FEE.under("Điều 4(3)đ"),
                YARD_OUT.under("Điều 4(3)e"),
                ENTER_B2.under("Điều 4(3)b"),
                LEAVE_B1.under("Điều 4(3)g"),
            ),
        ),
        Procedure(
            code="import",
            vi="Quy trình nhập khẩu, bến bãi nằm trong khu vực cửa khẩu",
            article="Điều 5(2)",
            purpose=Purpose.IMPORT,
            carries_goods=True,
            declares=("road_transport_permit",),
            stages=(
                DECLARE.under("Điều 5(2)a"),
                ENTER_B1.under("Điều 5(2)b"),
                YARD_IN.under("Điều 5(2)c"),
                YARD_IMPORT.under("Điều 5(2)d"),
                FEE.under("Điều 5(2)đ"),
                YARD_OUT.under("Điều 5(2)e"),
                LEAVE_B2.under("Điều 5(2)g"),
            ),
        ),
        Procedure(
            code="import_outside_yard",
            vi="Quy trình nhập khẩu, bến bãi nằm ngoài khu vực cửa khẩu",
            article="Điều 5(3)",
            purpose=Purpose.IMPORT,
            outside_yard=True,
            carries_goods=True,
            declares=("road_transport_permit",),
            stages=(
                DECLARE.under("Điều 5(3)a"),
                ENTER_B1.under("Điều 5(3)b"),
                LEAVE_B2.under("Điều 5(3)c"),
                YARD_IN.under("Điều 5(3)d"),
                YARD.under("Điều 5(3)đ"),
                FEE.under("Điều 5(3)e"),
                YARD_OUT.under("Điều 5(3)g"),
            ),
        ),
        Procedure(
            code="vn_empty_collects_import",
            vi="Phương tiện Việt Nam không chở hàng vào cửa khẩu nhận hàng nhập khẩu",
            article="Điều 6(2)",
            purpose=Purpose.COLLECT_IMPORT,
            country=Country.VN,
            continues=Continues("import", Moment.YARD),
            may_become="vn_empty_returns_without_goods",
            stages=(
                DECLARE.under("Điều 6(2)a"),
                ENTER_B2_EMPTY.under("Điều 6(2)b"),
                TRANSSHIP.under("Điều 6(2)c"),
            ),
        ),
        Procedure(
            code="vn_empty_returns_without_goods",
            vi="Phương tiện Việt Nam không chở hàng vào cửa khẩu không nhận được hàng và quay về",
            article="Điều 6(3)",
            country=Country.VN,
            stages=(
                DECLARE.under("Điều 6(3)a"),
                ENTER_B2_EMPTY.under("Điều 6(3)b"),
                LEAVE_B2_EMPTY.under("Điều 6(3)c"),
            ),
        ),
        Procedure(
            code="vn_empty_to_china",
            vi="Phương tiện Việt Nam không chở hàng đi thẳng sang Trung Quốc nhận hàng",
            article="Điều 6(4)",
            purpose=Purpose.CROSS_EMPTY,
            country=Country.VN,
            stages=(
                DECLARE.under("Điều 6(4)a"),
                ENTER_B2_EMPTY.under("Điều 6(4)b"),
                LEAVE_B1_EMPTY.under("Điều 6(4)c"),
            ),
        ),
        Procedure(
            code="vn_empty_from_china_without_goods",
            vi="Phương tiện Việt Nam không chở hàng từ Trung Quốc quay về không nhận hàng nhập khẩu",
            article="Điều 6(5)",
            purpose=Purpose.CROSS_EMPTY,
            country=Country.VN,
            stages=(
                DECLARE.under("Điều 6(5)a"),
                ENTER_B1_EMPTY.under("Điều 6(5)b"),
                LEAVE_B2_EMPTY.under("Điều 6(5)c"),
            ),
        ),
        Procedure(
            code="vn_empty_from_china_collects_import",
            vi="Phương tiện Việt Nam không chở hàng từ Trung Quốc quay về nhận hàng nhập khẩu",
            article="Điều 6(6)",
            purpose=Purpose.COLLECT_IMPORT,
            country=Country.VN,
            continues=Continues("import", Moment.YARD),
            may_become="vn_empty_from_china_without_goods",
            stages=(
                DECLARE.under("Điều 6(6)a"),
                ENTER_B1_EMPTY.under("Điều 6(6)b"),
                TRANSSHIP.under("Điều 6(6)c"),
            ),
        ),
        Procedure(
            code="vn_empty_collects_export",
            vi="Phương tiện Việt Nam không chở hàng vào cửa khẩu nhận hàng để xuất khẩu",
            article="Điều 6(7)",
            purpose=Purpose.COLLECT_EXPORT,
            country=Country.VN,
            continues=Continues("export", Moment.YARD),
            may_become="vn_empty_returns_without_goods",
            stages=(
                DECLARE.under("Điều 6(7)a"),
                ENTER_B2_EMPTY.under("Điều 6(7)b"),
                TRANSSHIP.under("Điều 6(7)c"),
            ),
        ),
        Procedure(
            code="cn_empty_collects_export",
            vi="Phương tiện Trung Quốc không chở hàng vào Việt Nam nhận hàng",
            article="Điều 7(2)",
            purpose=Purpose.COLLECT_EXPORT,
            country=Country.CN,
            continues=Continues("export", Moment.YARD),
            may_become="cn_empty_returns_from_yard",
            stages=(
                DECLARE.under("Điều 7(2)a"),
                ENTER_B1_EMPTY.under("Điều 7(2)b"),
                TRANSSHIP.under("Điều 7(2)c"),
            ),
        ),
        Procedure(
            code="cn_empty_returns_from_yard",
            vi="Phương tiện Trung Quốc không chở hàng quay về từ bến bãi trong khu vực cửa khẩu",
            article="Điều 7(3)",
            country=Country.CN,
            begins="the vehicle stands empty in the yard, emptied by transshipment or without having got goods; "
            "no new declaration, the trip of its entry goes on",
            stages=(LEAVE_B1_FROM_YARD.under("Điều 7(3)"),),
        ),
        Procedure(
            code="cn_empty_returns_from_inland",
            vi="Phương tiện Trung Quốc không chở hàng từ trong nội địa quay về",
            article="Điều 7(4)",
            purpose=Purpose.CROSS_EMPTY,
            country=Country.CN,
            stages=(
                DECLARE.under("Điều 7(4)a"),
                ENTER_B2_EMPTY.under("Điều 7(4)b"),
                LEAVE_B1_EMPTY.under("Điều 7(4)c"),
            ),
        ),
    ),
)
