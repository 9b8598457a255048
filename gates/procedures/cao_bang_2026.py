"""Cao Bằng: Quyết định 595/QĐ-UBND of 13/4/2026, Điều 4 to 7 and Phụ lục I to IV.

Phụ lục I and II leave the health cell of the barrier towards the border empty where the text of Điều 4(2)e and
5(2)b names Kiểm dịch y tế: the text is followed. The fee carries "(nếu có)" only in the appendices: followed,
a zero bill closes the step.
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

ENTER_B1 = entering(Place.B1, GUARD_SEES_DRIVER, CUSTOMS_SEES_GOODS, HEALTH_CHECKS)
ENTER_B1_EMPTY = emptied(ENTER_B1)
YARD = Stage(
    Place.YARD,
    Moment.YARD,
    (
        CUSTOMS_STORES,
        CUSTOMS_TRANSSHIPS,
        CUSTOMS_SEES_REGIME,
        Confirms(GUARD, "vehicle_carrying_goods", vi="kiểm tra và xác nhận phương tiện chở hàng hóa"),
        HEALTH_CHECKS,
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
            together=True,
            condition=Condition.FEE_DUE,
            vi="kiểm tra đối chiếu, nếu khớp đúng thì xác nhận",
        ),
    ),
)
LEAVE_B1 = leaving(Place.B1, CUSTOMS_SEES_GOODS, HEALTH_CHECKS, GUARD_SEES_DRIVER)
LEAVE_B1_EMPTY = emptied(LEAVE_B1)
LEAVE_B1_FROM_YARD = leaving(Place.B1, CUSTOMS_SEES_EMPTY, GUARD_SEES_DRIVER)

BOOK = Book(
    code="cao_bang_2026",
    province="Cao Bằng",
    decision="595/QĐ-UBND",
    date="2026-04-13",
    source="law/000",
    # Chinese: Điều 7(3). The decision is silent on an emptied Vietnamese truck: it goes home, which for one that
    # came from the inland is the barrier it came in by.
    ways_out={
        (Country.CN, Place.B1): "cn_empty_returns_from_yard",
        (Country.CN, Place.B2): "cn_empty_returns_from_yard",
        (Country.VN, Place.B2): "vn_empty_returns_without_goods",
        (Country.VN, Place.B1): "vn_empty_from_china_without_goods",
    },
    notes=(
        "Phụ lục I step 5 and Phụ lục II step 2 leave the health cell empty where the text of Điều 4 and Điều 5 "
        "names Kiểm dịch y tế; the text is followed.",
        "Only Điều 6(3) says that the border guard opens the barrier; TT 09/2016 Điều 6 says it for every barrier.",
        "Điều 6(7) and 7(2) point to điểm d khoản 2 Điều 4, here the fee step; the yard step is meant.",
    ),
    procedures=(
        Procedure(
            code="export",
            vi="Quy trình xuất khẩu",
            article="Điều 4",
            purpose=Purpose.EXPORT,
            carries_goods=True,
            driver_app=True,
            stages=(
                DECLARE.under("Điều 4(2)a"),
                ENTER_B2.under("Điều 4(2)b"),
                YARD.under("Điều 4(2)c"),
                FEE.under("Điều 4(2)d"),
                LEAVE_B1.under("Điều 4(2)e"),
            ),
        ),
        Procedure(
            code="import",
            vi="Quy trình nhập khẩu",
            article="Điều 5",
            purpose=Purpose.IMPORT,
            carries_goods=True,
            driver_app=True,
            declares=("road_transport_permit",),
            stages=(
                DECLARE.under("Điều 5(2)a"),
                ENTER_B1.under("Điều 5(2)b"),
                YARD.under("Điều 5(2)d"),
                FEE.under("Điều 5(2)đ"),
                LEAVE_B2.under("Điều 5(2)e"),
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
