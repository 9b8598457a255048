"""Tables of fees as far as they were published: what Lạng Sơn asks by resolution 09/2025 and by bills of May 2026.

Of its ladder of vehicle classes only the fourth and the sixth are known.
"""

LIGHT = {"payload_from": 4, "payload_below": 10, "price": 300_000, "article": "VT4"}
HEAVY = {"price": 800_000, "article": "VT6"}
LANG_SON = (
    LIGHT,
    HEAVY | {"vehicle_type": "other", "payload_from": 18},
    HEAVY | {"vehicle_type": "40ft"},
    {"goods_group": "farm", "direction": "export", "payload_below": 2, "price": 100_000, "article": "rau quả tươi"},
    {"regime": "transit", "goods_group": "farm", "vehicle_type": "40ft", "price": 4_000_000, "article": "TNTX"},
)
LANG_SON_RULES = (
    {"effect": "coefficient", "factor": "1.3", "direction": "import", "transshipment": "carried", "article": "130 %"},
    {
        "effect": "coefficient",
        "factor": "0.3",
        "transshipment": "gave_all",
        "charged_as": "transshipment",
        "article": "30 %",
        "reason": "Chỉ sang tải tại bãi, không vào nội địa",
    },
    {"effect": "coefficient", "factor": 5, "direction": "export", "goods_group": "ore", "article": "quặng × 5"},
    {"effect": "cap", "most": 5_000_000, "article": "tối đa một lượt xe"},
)
