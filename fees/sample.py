"""The tariff that the demo and the tests calculate with: no longer in force, and named so.

Resolution 39/2019/NQ-HĐND of Cao Bằng, from 1/1/2020, as reported in the press. Two things that it says are not there,
for a declaration on the platform does not tell them: that imports which are taxed pay as row 3, and which goods in
transit are merely re-exported.
"""

from dataclasses import dataclass
from datetime import date

from declarations.models import Consignment, Trip
from fees.models import Direction, Origin, Tariff, TariffLine

NAME = "Biểu phí mẫu (NQ 39/2019, đã hết hiệu lực)"
NAME_EN = "Sample tariff (Resolution 39/2019, no longer in force)"
NAME_ZH = "示例收费表（第39/2019号决议，已失效）"
LEGAL_BASIS = (
    "Nghị quyết 39/2019/NQ-HĐND tỉnh Cao Bằng, chỉ để minh họa; mức đang có hiệu lực do Trung tâm hạ tầng nhập"
)

ORDINARY, TRANSIT, PROCESSING = Consignment.Regime
FARM = Consignment.GoodsGroup.FARM
FORTY, TWENTY, OTHER = Trip.VehicleType
VEHICLE, CONTAINER, TONNE, _CUBIC_METRE, TONNE_OR_CUBIC_METRE = TariffLine.Unit


@dataclass(frozen=True)
class Price:
    """One row of the table; what is empty stands for any."""

    regime: str
    goods_group: str
    vehicle_type: str
    payload: tuple[int | None, int | None]
    unit: str
    price: int
    article: str
    hs_prefix: str = ""
    origin: str = ""
    direction: str = ""


ANY = (None, None)
OILS, ANIMALS = "2710", "01"
OURS = {"origin": Origin.VIETNAM, "direction": Direction.EXPORT}
TABLE = (
    Price(TRANSIT, "", FORTY, ANY, CONTAINER, 6_500_000, "Mục 1, 2"),
    Price(TRANSIT, "", TWENTY, ANY, CONTAINER, 5_500_000, "Mục 1, 2"),
    Price(TRANSIT, "", OTHER, ANY, TONNE_OR_CUBIC_METRE, 200_000, "Mục 1, 2"),
    Price(TRANSIT, "", "", ANY, TONNE, 70_000, "Mục 2, xăng dầu", hs_prefix=OILS),
    Price(TRANSIT, FARM, FORTY, ANY, VEHICLE, 5_500_000, "Mục 2b"),
    Price(TRANSIT, FARM, TWENTY, ANY, VEHICLE, 4_500_000, "Mục 2b"),
    Price(TRANSIT, FARM, OTHER, (18, None), VEHICLE, 5_500_000, "Mục 2b"),
    Price(TRANSIT, FARM, OTHER, (10, 18), VEHICLE, 4_500_000, "Mục 2b"),
    Price(TRANSIT, FARM, OTHER, (None, 10), TONNE, 100_000, "Mục 2b"),
    Price(ORDINARY, FARM, "", ANY, TONNE_OR_CUBIC_METRE, 25_000, "Mục 3", **OURS),
    Price(ORDINARY, "", "", ANY, TONNE_OR_CUBIC_METRE, 25_000, "Mục 3, động vật sống", hs_prefix=ANIMALS, **OURS),
    Price(ORDINARY, "", "", ANY, TONNE_OR_CUBIC_METRE, 100_000, "Mục 3b"),
    Price(PROCESSING, "", "", ANY, TONNE_OR_CUBIC_METRE, 100_000, "Mục 3b"),
)


def enter_sample_tariff(*, province: str = "Cao Bằng", since: date = date(2020, 1, 1)) -> Tariff:
    """Enter the sample for a province, open-ended; one entered before is returned as it is.

    Nobody approves it: it is marked as a sample, and superseded like any other once a real one is approved.
    """
    tariff, made = Tariff.objects.get_or_create(
        province=province,
        is_sample=True,
        defaults={
            "name": NAME,
            "name_en": NAME_EN,
            "name_zh": NAME_ZH,
            "legal_basis": LEGAL_BASIS,
            "valid_from": since,
        },
    )
    if made:
        TariffLine.objects.bulk_create(sample_lines(tariff))
        tariff.state = Tariff.State.APPROVED
        tariff.save(update_fields=["state"])
    return tariff


def sample_lines(tariff: Tariff) -> list[TariffLine]:
    """The sample's prices as lines of this tariff, not yet saved."""
    return [
        TariffLine(
            tariff=tariff,
            regime=row.regime,
            hs_prefix=row.hs_prefix,
            origin=row.origin,
            direction=row.direction,
            goods_group=row.goods_group,
            vehicle_type=row.vehicle_type,
            payload_from=row.payload[0],
            payload_below=row.payload[1],
            unit=row.unit,
            price=row.price,
            article=row.article,
        )
        for row in TABLE
    ]
