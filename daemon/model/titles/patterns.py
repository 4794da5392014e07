"""Words of titles, by what they tell, in the languages of many users; and how a pattern fits a title.

The lists are defaults of options: a config that names one has its own.  Patterns are those of `fnmatch`, for a whole
title, in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import cache

FOCUS_TITLES = (
    "focus", "focus:*", "focus time*", "focus block*", "deep work*", "*(focus)",
    "focustime*", "focus session*", "no-meeting time*", "no meeting time*",
    "fokus", "fokus:*", "fokuszeit*", "fokusblock*", "konzentrationszeit*", "*(fokus)",
    "temps de concentration*", "temps de focus*", "temps focus*", "travail en profondeur*",
    "tiempo de concentración*", "tiempo para concentrarse*", "tiempo de enfoque*", "trabajo profundo*",
    "tempo de foco*", "horário de foco*", "tempo de concentração*",
    "tempo di concentrazione*", "tempo per concentrarsi*",
    "focustijd*", "concentratietijd*", "fokustid*", "keskittymisaika*",
    "czas skupienia*", "czas na skupienie*", "praca głęboka*", "čas na soustředění*", "čas soustředění*",
    "время для концентрации*", "время концентрации*", "час фокусування*", "odaklanma zamanı*", "odaklanma süresi*",
    "集中時間*", "フォーカス時間*", "フォーカスタイム*", "专注时间*", "專注時間*", "집중 시간*", "집중시간*",
)  # fmt: skip
"""What people, and the tools that hold such time (Reclaim, Clockwise, Viva Insights, Motion), call a focus block."""

AWAY_TITLES = (
    "*vacation*", "*holiday*", "annual leave*", "*on leave*", "*parental leave*", "*maternity leave*", "sick leave*",
    "leave", "pto", "pto *", "* pto", "ooo", "ooo *", "* ooo", "*out of office*", "out sick*", "sick", "sick day*",
    "day off*", "days off*", "time off*", "away", "away *", "*sabbatical*", "comp day*", "bank holiday*",
    "urlaub*", "*urlaub", "*abwesend*", "krank*", "elternzeit*", "gleittag*", "überstundenabbau*", "feiertag*",
    "*ferien*", "frei", "freier tag*",
    "*congé*", "vacances*", "*en vacances*", "rtt", "rtt *", "absent*", "absence*", "arrêt maladie*",
    "jour férié*", "maladie*",
    "*vacaciones*", "baja", "baja *", "ausente*", "día libre*", "días libres*", "permiso*", "festivo*",
    "férias*", "folga*", "licença*", "feriado*", "ferie*", "*in ferie*", "permesso*", "malattia*", "festività*",
    "urlop*", "*na urlopie*", "nieobecn*", "wolne", "dzień wolny*", "zwolnienie*", "l4", "święto*",
    "vakantie*", "verlof*", "vrij", "afwezig*", "ziek*", "semester*", "ledig*", "ferie", "sjuk*", "syk*", "syg*",
    "loma*", "dovolená*", "nemoc*", "отпуск*", "больничн*", "відпустка*", "izin*", "tatil*",
    "休暇*", "有給*", "有休*", "休み*", "夏季休暇*", "休假*", "年假*", "请假*", "請假*", "휴가*", "연차*",
)  # fmt: skip
"""What all-day events are called by those who are away."""

NOT_AWAY_TITLES = (
    "on call*", "on-call*", "oncall*", "* on call", "* on-call", "* oncall", "pager duty*", "pagerduty*", "standby*",
    "*support duty*", "*support rotation*", "release duty*", "*vacation cover*", "*holiday cover*", "*cover for *",
    "home office*", "homeoffice*", "*work from home*", "*working from home*", "wfh", "wfh *", "* wfh", "wfo", "remote",
    "remote day*", "remote work*", "*working remotely*", "*working elsewhere*", "office", "office day*", "in office*",
    "in the office*", "in-office*", "no meetings*", "no meeting day*", "no-meeting day*", "focus day*", "*birthday*",
    "reminder*", "deadline*", "due:*", "sprint *", "*payday*", "week [0-9]*", "*code freeze*",
    "*release freeze*",
    "bereitschaft*", "rufbereitschaft*", "mobiles arbeiten*", "mobile arbeit*", "im büro*", "büro", "bürotag*",
    "urlaubsvertretung*", "vertretung*", "*geburtstag*", "kw [0-9]*", "kw[0-9]*", "abgabe*",
    "astreinte*", "d'astreinte*", "télétravail*", "teletravail*", "au bureau*", "bureau", "anniversaire*",
    "guardia", "guardia *", "de guardia*", "teletrabajo*", "trabajo remoto*", "en la oficina*", "oficina",
    "cumpleaños*", "plantão*", "sobreaviso*", "teletrabalho*", "trabalho remoto*", "no escritório*", "aniversário*",
    "reperibilità*", "telelavoro*", "lavoro da casa*", "smart working*", "in ufficio*", "ufficio", "compleanno*",
    "dyżur*", "praca zdalna*", "praca z domu*", "w biurze*", "biuro", "urodziny*",
    "thuiswerk*", "piket*", "consignatie*", "op kantoor*", "kantoor", "verjaardag*",
    "jour", "jourvecka*", "jourhavande*", "beredskap*", "hemarbete*", "jobbar hemma*", "hjemmekontor*",
    "hjemmearbejde*",
    "födelsedag*", "päivystys*", "etätyö*", "etäpäivä*", "pohotovost*", "práce z domova*", "narozeniny*",
    "дежурств*", "удалённ*", "удаленн*", "работа из дома*", "день рождения*", "чергування*", "evden çalışma*",
    "nöbet*", "在宅*", "リモート*", "テレワーク*", "オンコール*", "当番*", "居家办公*", "远程办公*", "值班*",
    "居家辦公*",
    "재택*", "당직*", "온콜*",
)  # fmt: skip
"""What all-day events are called by those who work on that day."""


def fits(title: str, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern fits the title, or the title without what decorates its ends, as in '🎧 Focus time'."""
    if not patterns:
        return False
    match, plain = _compiled(patterns).match, title.casefold().strip()
    return bool(match(plain)) or (bool(plain) and not plain[0].isalnum() and bool(match(undecorated(plain))))


def undecorated(title: str) -> str:
    """A title without emoji and other signs before its first letter or digit."""
    return title[next((n for n, c in enumerate(title) if c.isalnum()), 0) :]


def best(title: str, patterns: Iterable[str]) -> int:
    """The length of the longest pattern that fits, -1 where none does: of two lists the one that says more wins."""
    return max((len(p) for p in patterns if fits(title, (p,))), default=-1)


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(p.casefold()) for p in patterns))
