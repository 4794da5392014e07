"""The places that names of zones are made of, as Windows and Exchange show them, in many languages.

Facts: the display names and the localised standard names of Windows' time zones (Microsoft, "Default time zones" and
the translations of the list in the documentation of Azure SQL Managed Instance).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from connectors.rfc5545.zones.law import AREAS, names

UNIVERSAL = "Etc/UTC"
_PLACES = {
    "Africa/Cairo": "egypt, ägypten, egypte, egipto, egitto, egipt",
    "Africa/Casablanca": "morocco, marokko, maroc, marruecos, marocco, maroko",
    "Africa/Johannesburg": "pretoria, south africa, südafrika",
    "Africa/Lagos": "west central africa, w central africa",
    "Africa/Nairobi": "e africa, east africa",
    "Africa/Windhoek": "namibia",
    "America/Anchorage": "alaska, alaskan",
    "America/Argentina/Buenos_Aires": "city of buenos aires, argentina",
    "America/Bahia": "salvador",
    "America/Bogota": "sa pacific, quito",
    "America/Caracas": "venezuela",
    "America/Cayenne": "sa eastern",
    "America/Chicago": "central, central us canada, central us, zentral, us central",
    "America/Denver": "mountain, mountain us canada, mountain us, rocky mountain",
    "America/Guatemala": "central america",
    "America/Guyana": "georgetown",
    "America/Halifax": "atlantic, atlantic canada",
    "America/Indiana/Indianapolis": "indiana east, indiana",
    "America/La_Paz": "sa western",
    "America/Los_Angeles": "pacific, pacific us canada, pacific us, pacífico, pacifique, pazifik, us pacific",
    "America/Mazatlan": "mexico 2",
    "America/Mexico_City": "mexico, guadalajara, central mexico",
    "America/New_York": "eastern, eastern us canada, eastern us, este, est, fuso orientale, us eastern",
    "America/Nuuk": "greenland, grönland, groenland",
    "America/Phoenix": "arizona, us mountain",
    "America/Regina": "saskatchewan, canada central",
    "America/Santiago": "pacific sa, chile",
    "America/Sao_Paulo": "brasilia, e south america, brasil, brazil, brasilien, brésil",
    "America/St_Johns": "newfoundland, neufundland, terre neuve",
    "America/Tijuana": "baja california",
    "Asia/Almaty": "astana, nur sultan",
    "Asia/Baghdad": "arabic",
    "Asia/Bangkok": "hanoi, se asia",
    "Asia/Colombo": "sri jayawardenepura, sri lanka",
    "Asia/Dhaka": "bangladesh",
    "Asia/Dubai": "abu dhabi, arabian",
    "Asia/Irkutsk": "rtz 7",
    "Asia/Jerusalem": "israel",
    "Asia/Kamchatka": "petropavlovsk kamchatsky, rtz 11",
    "Asia/Karachi": "islamabad, pakistan",
    "Asia/Kathmandu": "nepal",
    "Asia/Kolkata": "chennai, mumbai, new delhi, delhi, india, indien, inde, bombay, madras, bangalore, भारत मानक समय",
    "Asia/Krasnoyarsk": "rtz 6",
    "Asia/Novosibirsk": "n central asia, rtz 5",
    "Asia/Riyadh": "arab",
    "Asia/Seoul": "korea, 대한민국, 서울",
    "Asia/Shanghai": "beijing, peking, china, chinese, chine, 中国, 中國, 北京",
    "Asia/Singapore": "malay peninsula, kuala lumpur singapore",
    "Asia/Srednekolymsk": "chokurdakh, rtz 10",
    "Asia/Taipei": "taiwan, 台北",
    "Asia/Tashkent": "west asia",
    "Asia/Tbilisi": "georgian",
    "Asia/Tehran": "iran",
    "Asia/Tokyo": "osaka, sapporo, japan, 東京, 大阪, 大阪 札幌 東京",
    "Asia/Vladivostok": "rtz 9",
    "Asia/Yakutsk": "rtz 8",
    "Asia/Yangon": "myanmar",
    "Asia/Yekaterinburg": "ekaterinburg, екатеринбург, rtz 4",
    "Asia/Yerevan": "armenian, caucasus",
    "Atlantic/Azores": "açores, azoren, azory, azzorre",
    "Atlantic/Cape_Verde": "cape verde is, cabo verde, cabo verde is",
    "Atlantic/Reykjavik": "greenwich",
    "Australia/Adelaide": "cen australia, central australia",
    "Australia/Brisbane": "e australia",
    "Australia/Perth": "w australia, western australia",
    "Australia/Sydney": "canberra, aus eastern, australian eastern, eastern australia",
    "Etc/GMT+12": "international date line west, dateline",
    "Etc/GMT+2": "mid atlantic",
    UNIVERSAL: "coordinated universal, co ordinated universal, universal, greenwich mean, utc, zulu,"
    " koordinierte welt, koordinierte weltzeit, weltzeit, universel coordonné, universale coordinato,"
    " universal coordinado, universal coordinada, gecoördineerde universele",
    "Europe/Athens": "gtb, athen, athene, athènes, atenas, atene",
    "Europe/Berlin": "w europe, west europe, western europe, mitteleuropäische, mitteleuropa, w europa, west europa,"
    " europa occidentale, europa occidental, europa occ, europe ouest, västeuropa, vest europa, vesteuropa, w evropa,"
    " západní evropa, europa zachodnia, w avrupa, batı avrupa, länsi eurooppa, nyugat európai, западная европа,"
    " germany, deutschland, berlijn",
    "Europe/Brussels": "brüssel, brussel, bruxelles, bruselas",
    "Europe/Bucharest": "bukarest, boekarest, bucarest",
    "Europe/Budapest": "central europe, central european, centraal europa, europa centraal, centraal europese,"
    " midden europa, midden europese, zentraleuropa, zentraleuropäische, europa centrale, europa central,"
    " europe centrale, centre europe, centraleuropa, centraleuropeisk, mellaneuropa, mellaneuropeisk, sentral europa,"
    " mellemeuropa, mellemeuropæisk, centraleuropæisk, keski eurooppa, keski euroopan, střední evropa, středoevropský,"
    " europa środkowa, środkowoeuropejski, közép európai, orta avrupa, центральная европа, центральноевропейское,"
    " boedapest",
    "Europe/Chisinau": "e europe, east europe, eastern europe, osteuropäische, osteuropa, e europa, europa orientale,"
    " europa oriental, europa este, europe est, oost europa, østeuropa, öst europa, itä eurooppa, východní evropa,"
    " europa wschodnia, kelet európai, doğu avrupa, восточная европа",
    "Europe/Copenhagen": "kopenhagen, københavn, kobenhavn, kopenhaga, copenhague",
    "Europe/Istanbul": "turkey, türkiye, türkei, turquie, turquía, turchia",
    "Europe/Kaliningrad": "rtz 1, калининград",
    "Europe/Kyiv": "fle",
    "Europe/Lisbon": "lissabon, lisboa, lisbonne, lisbona",
    "Europe/London": "gmt, edinburgh, londen, londres, londra, london dublin",
    "Europe/Moscow": "russian, russland, russische, russe, st petersburg, москва, московское, русское, moskau, moscou,"
    " moscú, mosca, moskva, rtz 2",
    "Europe/Paris": "romance, romanische, romanza, romana, romano, romansk, romanska, rom, románské země, romański,"
    " románské, романское, parijs",
    "Europe/Prague": "prag, praha, praag, praga",
    "Europe/Rome": "roma, rzym",
    "Europe/Samara": "izhevsk, rtz 3",
    "Europe/Vienna": "wien, wenen, vienne, viena",
    "Europe/Warsaw": "warschau, warszawa, varsovie, varsovia",
    "Europe/Zurich": "bern, berne, berna, geneva, genf",
    "Pacific/Apia": "samoa",
    "Pacific/Auckland": "wellington, new zealand, neuseeland",
    "Pacific/Fiji": "marshall is",
    "Pacific/Guadalcanal": "solomon is, solomon islands, central pacific",
    "Pacific/Honolulu": "hawaii, hawaiian",
    "Pacific/Noumea": "new caledonia",
    "Pacific/Pago_Pago": "midway island, midway islands",
    "Pacific/Port_Moresby": "west pacific",
    "Pacific/Tongatapu": "nuku alofa, tonga",
}
_TIME = (
    "time standard daylight summer winter zeit normalzeit standardzeit sommerzeit winterzeit heure heures temps hiver "
    "été normale standaardtijd standaard zomertijd wintertijd tijd normaltid standardtid sommertid sommartid "
    "vintertid tid ora solare legale hora horario estándar verano invierno padrão oficial verão inverno czas "
    "standardowy stand letni zimowy čas běžný standardní letní normaaliaika talviaika kesäaika aika idő téli nyári "
    "время зима лето стандартное зимнее летнее standart saati zaman de del della dell d l la le du des do da di van "
    "von in het der the"
)
"""Words that make a time of a place, and those that join the two."""
_MARKS = re.compile(r"[^\w,/;:、，·|]+|_")
_LIST = re.compile(r"[,/;:、，·|]+")
_NUMBER = re.compile(r" \d{1,3}$")
_CLOCKS = re.compile("標準時間?|标准时间|夏令时|夏時間|표준시")


def places(text: str) -> Iterator[str]:
    """The IANA names of the places in a text, the text as a whole first; nothing for what is none."""
    if len(text) > 200:
        return
    known = _known()
    for key in filter(None, map(_key, (text, *_LIST.split(text)))):
        if zone := known.get(key) or known.get(_NUMBER.sub("", key)):
            yield zone


def _key(text: str) -> str:
    """A place without accents, marks and the words for time."""
    words = _MARKS.sub(" ", _plain(_CLOCKS.sub(" ", text))).split()
    filler = _filler() | {"est"} if "hora" in words else _filler()
    return " ".join(w for w in words if w not in filler)


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


@lru_cache(maxsize=1)
def _filler() -> frozenset[str]:
    return frozenset(_plain(_TIME).split())


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    """The zones by the keys of their places, the cities of the zone database among them."""
    cities = ((low, name) for low, name in sorted(names().items()) if low.split("/")[0] in AREAS)
    found = {_key(low.rsplit("/", 1)[1]): name for low, name in cities}
    return found | {_key(place): zone for zone, words in _PLACES.items() for place in words.split(",")}
