"""Invented firms, drivers, goods and vehicles, drawn from a seeded generator; no real person or plate is meant."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from stdnum.iso6346 import calc_check_digit as container_check_digit

FIRMS = (
    ("Công ty TNHH Xuất nhập khẩu Phục Hòa", "4800999010", "Phường Thục Phán, Cao Bằng"),
    ("Công ty CP Nông sản Trùng Khánh", "4800999028", "Xã Trùng Khánh, Cao Bằng"),
    ("HTX Hạt dẻ Quảng Uyên", "4800999035", "Xã Quảng Uyên, Cao Bằng"),
    ("Công ty TNHH Vận tải Biên Cương", "4800999042", "Xã Phục Hòa, Cao Bằng"),
)

SURNAMES = ("Nông", "Hoàng", "Lý", "Triệu", "Bế", "Đàm", "Lục", "Nguyễn", "Hà", "Vi", "Mông", "Sầm")
GIVEN = ("Văn Sình", "Văn Thắng", "Đức Long", "Thị Mai", "Văn Páo", "Quốc Toản", "Văn Dũng", "Minh Tuấn", "Công Hậu")
CHINESE_DRIVERS = ("韦建国", "黄志强", "陆大明", "覃海涛", "农国平", "梁永生", "蒙文斌", "罗小军")

# Name, unit, HS code, goods group, value of a unit in đồng, kilograms of a unit.
EXPORTS = (
    ("Sầu riêng tươi", "thùng", "08106000", "farm", 1_450_000, 18),
    ("Thanh long ruột trắng", "thùng", "08109092", "farm", 310_000, 20),
    ("Mít tươi", "thùng", "08109050", "farm", 420_000, 25),
    ("Tinh bột sắn", "bao", "11081400", "general", 520_000, 50),
    ("Hạt điều nhân", "thùng", "08013200", "farm", 3_100_000, 23),
    ("Chân gà đông lạnh", "thùng", "02071499", "frozen", 1_150_000, 20),
    ("Ván bóc gỗ keo", "kiện", "44089090", "general", 4_900_000, 800),
    ("Quặng mangan", "tấn", "26020000", "ore", 3_700_000, 1000),
)
IMPORTS = (
    ("Linh kiện điện tử", "kiện", "85423900", "general", 26_000_000, 120),
    ("Táo tươi", "thùng", "08081000", "farm", 410_000, 20),
    ("Vải dệt kim", "cuộn", "60064200", "general", 2_300_000, 35),
    ("Máy nông nghiệp", "chiếc", "84328000", "general", 41_000_000, 450),
    ("Tỏi khô", "bao", "07032090", "farm", 380_000, 20),
    ("Than cốc", "tấn", "27040010", "ore", 8_200_000, 1000),
)
REGIMES = ("ordinary", "ordinary", "ordinary", "transit", "processing")
VN_LETTERS = "ABCDEFGHKLMN"
CN_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
NAMED_WHEN_DECLARED = 0.8
"""So often a customs declaration exists before the truck does; else it is named in the yard."""


def customs_number(serial: int, *, exported: bool) -> str:
    """A number of a customs declaration, of twelve digits; the first tells the direction."""
    return f"{3 if exported else 1}{serial:010d}0"


@dataclass
class Inventor:
    """Draws everything from one generator, so that a seed makes the same border again; plates never repeat."""

    random: Random

    def __post_init__(self) -> None:
        self._plates: set[str] = set()

    def plate(self, country: str) -> str:
        """A plate whose like was not drawn before; Vietnamese lorries of the border provinces, Guangxi ones."""
        while True:
            if country == "VN":
                province = self.random.choice(("11", "11", "11", "12", "20", "29", "98", "99"))
                plate = f"{province}{self.random.choice('CCCH')}{self.random.randrange(100_00, 999_99):05d}"
            else:
                letter = self.random.choice("FLFLACEK")
                plate = f"桂{letter}{self.random.choice(CN_LETTERS)}{self.random.randrange(1000, 9999)}"
            if plate not in self._plates:
                self._plates.add(plate)
                return plate

    def trailer(self, country: str) -> str:
        if country == "VN":
            return f"{self.random.choice(('11', '15', '98'))}RM{self.random.randrange(100, 99999):05d}"
        return f"桂{self.random.choice('FL')}{self.random.randrange(1000, 9999)}挂"

    def container(self) -> str:
        owner = self.random.choice(("TGHU", "CSNU", "OOLU", "TEMU"))
        number = f"{owner}{self.random.randrange(10**6):06d}"
        return number + str(container_check_digit(number))

    def driver(self, country: str) -> tuple[str, str]:
        """Name and telephone number."""
        digits = f"{self.random.randrange(10**8):08d}"
        if country == "VN":
            return f"{self.random.choice(SURNAMES)} {self.random.choice(GIVEN)}", f"098{digits[:7]}"
        return self.random.choice(CHINESE_DRIVERS), f"+86138{digits}"

    def vehicle(self, country: str, comes_from: str, *, permit: bool, today: date) -> dict[str, Any]:
        """The fields of one vehicle as `declarations.services.save_draft` takes them."""
        kind = self.random.choice(("40ft", "20ft", "other"))
        name, phone = self.driver(country)
        fields: dict[str, Any] = {
            "vehicle_type": kind,
            "payload": self.random.choice((15, 18, 30)) if kind == "other" else 30,
            "plate": self.plate(country),
            "country": country,
            "origin": "Việt Nam" if country == "VN" else "Trung Quốc",
            "driver_name": name,
            "driver_phone": phone,
            "comes_from": comes_from,
        }
        if kind != "other":
            fields |= {
                "trailer_plate": self.trailer(country),
                "container": self.container(),
                "seal": f"VN{self.random.randrange(10**7):07d}",
            }
        if permit:
            fields |= {
                "permit_number": f"C{today:%y}YF{self.random.randrange(10**7):07d}",
                "permit_kind": "C",
                "permit_from": today - timedelta(days=20),
                "permit_to": today + timedelta(days=40),
            }
        return fields

    def consignment(self, *, exported: bool, today: date) -> dict[str, Any]:
        """One consignment with one or two lines, as `save_draft` takes it."""
        catalogue = EXPORTS if exported else IMPORTS
        first = self.random.choice(catalogue)
        others = [line for line in catalogue if line[3] == first[3] and line != first]
        chosen = [first, *others[: self.random.randrange(2)]]
        named = self.random.random() < NAMED_WHEN_DECLARED
        number = customs_number(self.random.randrange(10**10), exported=exported)
        return {
            "customs_number": number if named else "",
            "customs_date": today if named else None,
            "regime": self.random.choice(REGIMES),
            "goods_group": first[3],
            "lines": [self._line(*line, exported=exported) for line in chosen],
        }

    def _line(self, name, unit, hs_code, _group, value, weight, *, exported: bool) -> dict[str, Any]:
        quantity = max(1, self.random.randrange(4_000, 10_000) // weight)
        return {
            "name": name,
            "origin": "Việt Nam" if exported else "Trung Quốc",
            "quantity": quantity,
            "unit": unit,
            "value": quantity * value,
            "weight": quantity * weight,
            "hs_code": hs_code,
        }
