"""Calendars of public holidays: how they are called, and what they say of each day."""

from __future__ import annotations

from functools import lru_cache

HOLIDAY_CALENDARS = (
    "holidays in *", "public holidays*", "bank holidays*", "national holidays*", "federal holidays*", "state holidays*",
    "us holidays", "u.s. holidays", "uk holidays", "united states holidays", "united kingdom holidays",
    "american holidays", "australian holidays", "austrian holidays", "belgian holidays", "brazilian holidays",
    "british holidays", "canadian holidays", "chinese holidays", "czech holidays", "danish holidays",
    "dutch holidays", "finnish holidays", "french holidays", "german holidays", "greek holidays",
    "hong kong holidays", "hungarian holidays", "indian holidays", "irish holidays", "israeli holidays",
    "italian holidays", "japanese holidays", "mexican holidays", "new zealand holidays", "norwegian holidays",
    "polish holidays", "portuguese holidays", "russian holidays", "singapore holidays", "south korean holidays",
    "spanish holidays", "swedish holidays", "swiss holidays", "taiwan holidays", "turkish holidays",
    "ukrainian holidays",
    "feiertage", "feiertage in *", "feiertage *", "* feiertage", "gesetzliche feiertage*",
    "jours fériés*", "jours feries*", "festivos", "festivos *", "días festivos*", "feriados*", "festività*",
    "giorni festivi*", "święta w *", "święta", "polskie święta", "dni wolne od pracy*", "feestdagen*", "* feestdagen",
    "helgdagar*", "* helgdagar", "helligdager*", "helligdage*", "pyhäpäivät*", "svátky*", "sviatky*",
    "праздники*", "свята *", "tatiller*", "resmi tatiller*", "祝日", "*の祝日", "*节假日", "*節假日", "*假日",
    "*공휴일",
)  # fmt: skip
"""What Google, Apple and Outlook, and feeds like theirs, call a calendar of public holidays."""

_PUBLIC = (
    "public holiday", "bank holiday", "national holiday", "federal holiday", "gesetzlicher feiertag", "feiertag",
    "jour férié", "día festivo", "festivo", "feriado", "giorno festivo", "święto państwowe", "dzień wolny od pracy",
    "feestdag", "nationale feestdag", "helgdag", "helligdag", "officiell helgdag", "祝日", "公休日", "法定节假日",
    "공휴일", "государственный праздник",
)  # fmt: skip
_OBSERVANCE = (
    "observance", "gedenktag", "festtag", "fête", "journée commémorative", "celebración", "conmemoración", "fecha",
    "data comemorativa", "ricorrenza", "święto", "dzień pamięci", "gedenkdag", "högtid", "mindedag", "祭日", "纪念日",
    "기념일", "памятная дата",
)  # fmt: skip


@lru_cache(maxsize=1024)
def is_public_holiday(description: str, region: str) -> bool | None:
    """What a holiday's own description says of it; None where it says nothing.

    "Public holiday in Bavaria, Saxony" is one only for who names one of these regions.
    """
    first, _, rest = description.casefold().strip().partition("\n")
    name = next((w for w in _PUBLIC if first == w or first.startswith((f"{w} ", f"{w}:", f"{w} ("))), "")
    if name:
        where = first[len(name) :].strip(" :()")
        return not where or (bool(region.strip()) and region.casefold().strip() in where)
    if any(first == w or first.startswith((f"{w} ", f"{w}:")) for w in _OBSERVANCE) or "google" in rest:
        return False
    return None
