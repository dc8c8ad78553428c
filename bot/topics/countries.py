"""Countries: what they and their people are called. Names are from the Unicode CLDR, by way of Babel.

The CLDR has no demonyms and no library that is kept has them with a licence to match, so those in English stand here.
"""

from collections.abc import Iterable
from functools import cache

from babel import Locale

from bot import text

LANGUAGES = (
    "en", "af", "ar", "bg", "ca", "cs", "da", "de", "el", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id",
    "it", "ja", "ko", "lt", "lv", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "sw", "th", "tr", "uk",
    "ur", "vi", "zh", "zu",
)  # fmt: skip
"""Languages in which a reader may name a country."""

_NO_COUNTRIES = frozenset({"EZ", "XA", "XB", "ZZ"})
"""Territories of the CLDR that are none: the Eurozone, two for testing, and the unknown one."""

_NONE: frozenset[str] = frozenset()

_ALSO = """
US: united states of america, u s, u s a, usa, the united states
GB: great britain, britain, u k, uk, british, britons
EU: eu, e u
KP: north korea, north korean, north koreans
KR: south korea, south korean, south koreans
AE: u a e, emirati, emiratis
CI: ivory coast, ivorian, ivorians
CZ: czech republic, czech, czechs
MM: burma, burmese
MK: macedonia, macedonian, macedonians
CD: democratic republic of congo, d r congo
VA: the vatican, holy see
AF: afghan, afghans
AL: albanian, albanians
AM: armenian, armenians
AO: angolan, angolans
AR: argentine, argentinian, argentines
AT: austrian, austrians
AU: australian, australians
AZ: azerbaijani, azerbaijanis
BA: bosnia, bosnian, bosnians
BD: bangladeshi, bangladeshis
BE: belgian, belgians
BG: bulgarian, bulgarians
BI: burundian, burundians
BO: bolivian, bolivians
BR: brazilian, brazilians
BY: belarusian, belarusians
CA: canadian, canadians
CH: swiss
CL: chilean, chileans
CM: cameroonian, cameroonians
CN: chinese
CO: colombian, colombians
CU: cuban, cubans
CY: cypriot, cypriots
DE: german, germans
DK: danish, danes
DZ: algerian, algerians
EC: ecuadorian, ecuadorians
EE: estonian, estonians
EG: egyptian, egyptians
ER: eritrean, eritreans
ES: spanish, spaniards
ET: ethiopian, ethiopians
FI: finnish, finns
FR: french
GE: georgian, georgians
GH: ghanaian, ghanaians
GR: greek, greeks
GT: guatemalan, guatemalans
HN: honduran, hondurans
HR: croatian, croatians
HT: haitian, haitians
HU: hungarian, hungarians
ID: indonesian, indonesians
IE: irish
IL: israeli, israelis
IQ: iraqi, iraqis
IR: iranian, iranians
IS: icelandic, icelanders
IT: italian, italians
JM: jamaican, jamaicans
JO: jordanian, jordanians
JP: japanese
KE: kenyan, kenyans
KH: cambodian, cambodians
KW: kuwaiti, kuwaitis
KZ: kazakh, kazakhs
LB: lebanese
LK: sri lankan, sri lankans
LR: liberian, liberians
LT: lithuanian, lithuanians
LV: latvian, latvians
LY: libyan, libyans
MA: moroccan, moroccans
ML: malian, malians
MN: mongolian, mongolians
MX: mexican, mexicans
MY: malaysian, malaysians
MZ: mozambican, mozambicans
NA: namibian, namibians
NG: nigerian, nigerians
NI: nicaraguan, nicaraguans
NL: dutch
NO: norwegian, norwegians
NP: nepali, nepalis
NZ: new zealander, new zealanders
PA: panamanian, panamanians
PE: peruvian, peruvians
PH: philippine, filipino, filipinos
PK: pakistani, pakistanis
PS: palestinian, palestinians
PT: portuguese
PY: paraguayan, paraguayans
QA: qatari, qataris
RO: romanian, romanians
RS: serbian, serbians, serbs
RU: russian, russians
RW: rwandan, rwandans
SA: saudi, saudis
SD: sudanese
SE: swedish, swedes
SG: singaporean, singaporeans
SK: slovak, slovaks
SN: senegalese
SO: somali, somalis
SV: salvadoran, salvadorans
SY: syrian, syrians
TH: thai, thais
TN: tunisian, tunisians
TR: turkey, turkish, turks
TW: taiwanese
TZ: tanzanian, tanzanians
UA: ukrainian, ukrainians
UG: ugandan, ugandans
UY: uruguayan, uruguayans
VE: venezuelan, venezuelans
VN: vietnamese
YE: yemeni, yemenis
ZA: south african, south africans
ZM: zambian, zambians
ZW: zimbabwean, zimbabweans
"""
"""Short names and demonyms in English, folded. Left out is what more often means something else: American and Indian
stand for too much, polish and poles are no names once folded, and Congolese, Dominican, Guinean name two countries."""


def country(key: str) -> str | None:
    """The CLDR's code of the country with this folded name in any of the languages, if there is one."""
    return _codes().get(key)


def aliases(key: str, languages: tuple[str, ...] = ("en",)) -> frozenset[str]:
    """What else the country with this folded name is called in these languages, folded; empty if it is no country.

    The languages are those of the site: a name in another may be a common word in its articles.
    """
    code = country(key)
    return _called(code, languages) - {key} if code else _NONE


@cache
def _called(code: str, languages: tuple[str, ...]) -> frozenset[str]:
    names = {text.key(name) for language in languages for name in _names(language, code)}
    if "en" in languages:
        names.update(_also().get(code, ()))
    return frozenset(names - {""})


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for code, also in _also().items():
        for name in also:
            codes.setdefault(name, code)
    for language in LANGUAGES:
        for code in _territories():
            for name in _names(language, code):
                codes.setdefault(text.key(name), code)
    codes.pop("", None)
    return codes


@cache
def _territories() -> tuple[str, ...]:
    territories: Iterable[str] = Locale("en").territories
    return tuple(code for code in territories if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES)


def _names(language: str, code: str) -> Iterable[str]:
    name = Locale(language).territories.get(code)
    return (name,) if name else ()


@cache
def _also() -> dict[str, tuple[str, ...]]:
    lines = (line.split(": ") for line in _ALSO.strip().splitlines())
    return {code: tuple(names.split(", ")) for code, names in lines}
