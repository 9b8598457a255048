"""The data of a receipt as XML: what happened in `DuLieu`, and room for the signature that the provider puts beside."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring


def receipt_xml(content: dict) -> bytes:
    """The receipt's content, in the order in which it stands on the paper."""
    root = Element("BienLai", phienBan="1")
    data = SubElement(root, "DuLieu", Id=content["code"])
    general = _fill(
        SubElement(data, "ThongTinChung"),
        Ten=content["title"],
        KyHieuMau=content["template"],
        KyHieu=content["sign"],
        So=content["number"],
        NgayLap=content["issued_on"],
        MaTraCuu=content["code"],
    )
    if content["cancels"]:
        _fill(SubElement(general, "BienLaiBiHuy"), **content["cancels"])
    _fill(SubElement(data, "NguoiThu"), Ten=content["collector"], CuaKhau=content["gate"])
    payer = content["payer"]
    _fill(SubElement(data, "NguoiNop"), Ten=payer["name"], MaSoThue=payer["tax_code"], DiaChi=payer["address"])
    lines = SubElement(
        data, "CacKhoan", LoaiPhi=content["fee"], ToKhai=content["declaration"], MaNopPhi=content["bill"]
    )
    for number, line in enumerate(content["lines"], start=1):
        row = SubElement(lines, "Khoan", STT=str(number))
        _fill(row, PhuongTien=line["plate"], DienGiai=line["words"], ThanhTien=str(line["amount"]))
    _fill(SubElement(data, "TongCong"), SoTien=str(content["total"]), BangChu=content["total_words"], DonVi="VND")
    SubElement(root, "ChuKySo")
    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _fill(node: Element, **values: str) -> Element:
    for name, value in values.items():
        SubElement(node, name).text = value
    return node
