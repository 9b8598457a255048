"""From which country goods come, as people write it: free text, in Vietnamese, English, Chinese or a country's code."""

import re

from declarations.validators import folded
from fees.models.conditions import Origin

VIETNAM = "vn, vnm, viet nam, vietnam, chxhcn viet nam, cong hoa xa hoi chu nghia viet nam, 越南"
OTHERS = """
cn, chn, prc, trung quoc, chnd trung hoa, cong hoa nhan dan trung hoa, china, pr china, p r china, 中国, 中國
hk, hkg, hong kong, hongkong, 香港
mo, mac, ma cao, macao, macau, 澳门, 澳門
tw, twn, dai loan, taiwan, 台湾, 台灣, 臺灣
la, lao, laos, lao pdr, chdcnd lao, 老挝
kh, khm, campuchia, cam pu chia, cambodia, 柬埔寨
th, tha, thai lan, thailand, 泰国
mm, mmr, myanmar, mianma, my an ma, mien dien, 缅甸
mys, malaysia, ma lai xi a, 马来西亚
id, idn, indonesia, in do ne xi a, 印度尼西亚
ph, phl, philippines, philippin, phi lip pin, 菲律宾
sg, sgp, singapore, xin ga po, xingapo, 新加坡
bn, brn, brunei, bru nay, 文莱
tl, tls, timor leste, dong timor
in, ind, an do, india, 印度
pk, pak, pakistan, 巴基斯坦
bd, bgd, bangladesh, 孟加拉国
lk, lka, sri lanka, 斯里兰卡
np, npl, nepal, 尼泊尔
jp, jpn, nhat ban, nhat, japan, 日本
kr, kor, han quoc, korea, south korea, republic of korea, 韩国
kp, prk, trieu tien, bac trieu tien, north korea, 朝鲜
mn, mng, mong co, mongolia, 蒙古
kz, kaz, kazakhstan, 哈萨克斯坦
uz, uzb, uzbekistan
ru, rus, nga, lien bang nga, russia, russian federation, 俄罗斯
ua, ukr, ukraina, ukraine
by, blr, belarus
tr, tur, tho nhi ky, turkey, turkiye, 土耳其
il, isr, israel
ae, are, uae, cac tieu vuong quoc a rap thong nhat, united arab emirates
sa, sau, a rap xe ut, saudi arabia
ir, irn, iran
iq, irq, iraq
kw, kwt, kuwait, co oet
qa, qat, qatar, ca ta
au, aus, uc, australia, 澳大利亚
nz, nzl, new zealand, niu di lan, 新西兰
pg, png, papua new guinea
us, usa, my, hoa ky, nuoc my, america, united states, united states of america, 美国
ca, can, canada, ca na da, 加拿大
mx, mex, mexico, me hi co, 墨西哥
br, bra, brazil, brasil, bra xin, braxin, 巴西
ar, arg, argentina, ac hen ti na, 阿根廷
cl, chl, chile, chi le, 智利
pe, per, peru, 秘鲁
ec, ecu, ecuador, e cu a do, 厄瓜多尔
co, col, colombia
uy, ury, uruguay
py, pry, paraguay
gb, gbr, uk, anh, vuong quoc anh, united kingdom, great britain, england, 英国
ie, irl, ireland, ai len
de, deu, duc, germany, 德国
fr, fra, phap, france, 法国
it, ita, y, italia, italy, 意大利
es, esp, tay ban nha, spain, 西班牙
pt, prt, bo dao nha, portugal
nl, nld, ha lan, netherlands, holland, 荷兰
be, bel, bi, belgium, 比利时
lu, lux, luxembourg
ch, che, thuy si, switzerland, 瑞士
at, aut, ao, austria
dk, dnk, dan mach, denmark
se, swe, thuy dien, sweden
no, nor, na uy, norway
fi, fin, phan lan, finland
pl, pol, ba lan, poland
cz, cze, sec, czech, czech republic, czechia
sk, svk, slovakia
hu, hun, hungary
ro, rou, rumani, romania
bg, bgr, bungari, bulgaria
gr, grc, hy lap, greece
za, zaf, nam phi, south africa, 南非
eg, egy, ai cap, egypt
nigeria
gh, gha, ghana
ci, civ, bo bien nga, cote d ivoire, ivory coast
tz, tza, tanzania
ke, ken, kenya
mz, moz, mozambique
ma, mar, ma roc, maroc, morocco
cm, cmr, cameroon
"""
"""A country a line, each with the ways of writing it, folded. What is missing here is not recognised as foreign."""


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in re.split(r"[,\n]", text) if name.strip())


_OURS, _FOREIGN = _names(VIETNAM), _names(OTHERS)


def origin_of(text: str) -> str:
    """`Origin` of goods by what was declared; empty where nothing was, or no country is recognised in it."""
    name = " ".join(re.sub(r"[\W_]+", " ", folded(text)).split())
    if name in _OURS:
        return Origin.VIETNAM
    return Origin.FOREIGN if name in _FOREIGN else ""
