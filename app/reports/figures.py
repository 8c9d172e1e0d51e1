"""Figures as plotly's JSON, built as plain values: whoever draws them fills in the colours of the tokens they name.

A colour is written `var(--name)`, as in the style sheet, so that one figure serves light, dark and print.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from app.funnel.stage import STAGES, Stage
from app.i18n import _, date, month_name, number
from app.measurement.incidence import DAYS, FEWEST_FOR_NORMAL
from app.reports.answers import Effectiveness, Estimate, Funnel, IncidencePoint, ModelCredit, PathsAnswer, Row
from app.reports.credit_words import credit_digits
from app.reports.names import came_to_stage, model_name, stage_name
from app.reports.paths import MODELS
from app.reports.wording import change_words, only_words, pace_finding, share_words, verdict_words

Figure = dict[str, Any]

INK, MUTED, RULE, ACCENT = "var(--ink)", "var(--muted)", "var(--rule)", "var(--accent)"
VERDICT_COLOURS = {
    "moved": "var(--moved)", "did_not_move": "var(--unmoved)", "no_different": MUTED, "cannot_tell": MUTED,
}  # fmt: skip
VERDICT_SYMBOLS = {"moved": "circle", "did_not_move": "square", "no_different": "square", "cannot_tell": "circle"}
VERDICT_FILLS = {**VERDICT_COLOURS, "no_different": "var(--paper)", "cannot_tell": "var(--paper)"}
"""An open mark is filled with paper, so that its interval does not show through."""
RATIOS = {"¼×": 0.25, "½×": 0.5, "=": 1, "2×": 2, "4×": 4}
CREDIT_SYMBOLS = ("triangle-left", "triangle-right", "circle", "diamond", "square", "star", "cross-thin-open",
                  "circle-open")  # fmt: skip
CREDIT_COLOURS = (INK, INK, ACCENT, MUTED)
MOST_SHARED = 14
MOST_FORETOLD = 30
LONGEST_LABEL = 34
FEWEST_AT_RISK = 5
LAST_DAY = DAYS[-1]
MOST_MONTHS = 5
STRIPES, SLANT = 28, 4
REACH = 0.65
"""How far the axis of ratios reaches on either side, in powers of ten."""
FARTHEST, BEYOND = 10 ** (REACH - 0.03), ("triangle-left", "triangle-right")
"""The largest ratio that is drawn where it is; a larger one stands there as an arrow."""


def _layout(title: str, height: int, **more: Any) -> dict[str, Any]:
    axis = {"zeroline": False, "gridcolor": RULE, "linecolor": RULE, "tickcolor": RULE, "fixedrange": True,
            "separatethousands": True, "exponentformat": "none"}  # fmt: skip
    layout: dict[str, Any] = {
        "title": {"text": title}, "height": height, "showlegend": False, "hovermode": "closest",
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": INK, "size": 13}, "margin": {"l": 48, "r": 16, "t": 8, "b": 40},
        "hoverlabel": {"bgcolor": "var(--paper)", "bordercolor": RULE, "font": {"color": INK}, "align": "left"},
        "separators": number(0.5, 1)[1] + number(1000)[1],
        **more,
    }  # fmt: skip
    for name in ("xaxis", "yaxis"):
        layout[name] = {**axis, **layout.get(name, {})}
    return layout


def forest(answer: Effectiveness, title: str) -> Figure | None:
    """The change of every row that has one, on one scale of ratios, best first. Effects are shrunk to a mean of no
    difference."""
    rows = [row for row in answer.rows if row.lift is not None and row.lift.estimate is not None]
    if not rows:
        return None
    rows.sort(key=lambda row: row.lift.estimate if row.lift and row.lift.estimate is not None else 0)
    kinds = [verdict_words(row).kind for row in rows]
    traces = [_forest_trace(kind, [(at, row) for at, row in enumerate(rows) if kinds[at] == kind])
              for kind in VERDICT_COLOURS]  # fmt: skip
    layout = _layout(
        title, 80 + 26 * len(rows), margin={"l": 48, "r": 16, "t": 24, "b": 40},
        xaxis={
            "type": "log", "range": [-REACH, REACH], "automargin": True,
            "tickvals": list(RATIOS.values()), "ticktext": list(RATIOS), "tickangle": 0,
        },
        yaxis={
            "tickvals": list(range(len(rows))), "ticktext": [_shorten(row.label) for row in rows],
            "range": [-0.7, len(rows) - 0.3], "automargin": True, "showgrid": False, "ticks": "",
        },
        shapes=[_line(x0=1, x1=1, y0=0, y1=1, yref="paper")],
        annotations=[{"x": 0, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False,
                      "text": _("no difference"), "font": {"color": MUTED, "size": 12}}],
    )  # fmt: skip
    return {"data": [trace for trace in traces if trace["y"]], "layout": layout}


def _forest_trace(kind: str, rows: Sequence[tuple[int, Row]]) -> dict[str, Any]:
    lifts = [(at, row, row.lift) for at, row in rows if row.lift is not None]
    estimates = [1 + (lift.estimate or 0) for _at, _row, lift in lifts]
    drawn = [min(max(x, 1 / FARTHEST), FARTHEST) for x in estimates]
    return {
        "type": "scatter", "mode": "markers", "name": kind, "x": drawn, "y": [at for at, _row, _lift in lifts],
        "marker": {
            "color": VERDICT_FILLS[kind], "size": 10,
            "symbol": [VERDICT_SYMBOLS[kind] if x == at else BEYOND[x > at]
                       for x, at in zip(estimates, drawn, strict=True)],
            "line": {"color": VERDICT_COLOURS[kind], "width": 2},
        },
        "error_x": {
            "type": "data", "symmetric": False, "color": VERDICT_COLOURS[kind], "thickness": 2, "width": 0,
            "array": [max(0, _ratio(lift.high) - x) for x, (_at, _row, lift) in zip(drawn, lifts, strict=True)],
            "arrayminus": [max(0, x - _ratio(lift.low)) for x, (_at, _row, lift) in zip(drawn, lifts, strict=True)],
        },
        "text": [f"{row.label}<br>{change_words(lift)}<br>{verdict_words(row).whole}" for _at, row, lift in lifts],
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


def credit_by_model(answer: PathsAnswer, title: str, shown: Collection[str] = MODELS) -> Figure | None:
    """What each way of sharing that is shown gives each row, a mark of its own for each way; the rows with most on
    top."""
    models = {name: credits for name, credits in answer.models.items() if name in shown}
    lines = [line for line in zip(*models.values(), strict=True) if any(one.credit for one in line)]
    if not lines:
        return None
    lines.sort(key=lambda line: max(one.credit or 0 for one in line))
    lines = lines[-MOST_SHARED:]
    traces = [
        _credit_trace(name, [(at, line[place]) for at, line in enumerate(lines)], credit_digits(models[name]))
        for place, name in enumerate(models)
    ]
    legend_at = -36 / (16 + 30 * len(lines))  # 36 px below the axis, however low the chart
    layout = _layout(
        title, 120 + 30 * len(lines), showlegend=True,
        legend={"orientation": "h", "x": 0, "y": legend_at, "yanchor": "top", "font": {"color": INK}},
        margin={"l": 48, "r": 16, "t": 8, "b": 96},
        xaxis={"rangemode": "tozero", "automargin": True},
        yaxis={
            "tickvals": list(range(len(lines))), "ticktext": [_shorten(line[0].label) for line in lines],
            "range": [-0.7, len(lines) - 0.3], "automargin": True, "ticks": "",
        },
    )  # fmt: skip
    return {"data": [trace for trace in traces if trace["y"]], "layout": layout}


def _credit_trace(model: str, credits: Sequence[tuple[int, ModelCredit]], digits: int) -> dict[str, Any]:
    told = [(at, one, one.credit) for at, one in credits if one.credit is not None]
    name, place = model_name(model), MODELS.index(model)
    return {
        "type": "scatter", "mode": "markers", "name": name, "y": [at for at, _one, _credit in told],
        "x": [round(credit, 4) for _at, _one, credit in told],
        "marker": {"symbol": CREDIT_SYMBOLS[place % len(CREDIT_SYMBOLS)], "size": 10,
                   "color": CREDIT_COLOURS[place % len(CREDIT_COLOURS)]},
        "text": [f"{one.label}<br>{name}: {number(credit, digits)}" for _at, one, credit in told],
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


def expected_against_realised(rows: Sequence[tuple[str, int, int, int, bool]], title: str) -> Figure | None:
    """For each row (label, low, high, came, held) the interval foretold as a bar, and what came as a mark; the rows
    with most on top."""
    if not rows:
        return None
    shown = sorted(rows, key=lambda row: row[3])[-MOST_FORETOLD:]
    at = list(range(len(shown)))
    data: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "lines", "x": [low, high], "y": [place, place], "hoverinfo": "skip",
            "line": {"color": MUTED, "width": 3},
        }
        for place, (_label, low, high, _came, _held) in zip(at, shown, strict=True)
    ]  # fmt: skip
    data.append({
        "type": "scatter", "mode": "markers", "y": at, "x": [came for _label, _low, _high, came, _held in shown],
        "marker": {
            "size": 10, "symbol": ["circle" if held else "square" for *_rest, held in shown],
            "color": [ACCENT if held else "var(--unmoved)" for *_rest, held in shown],
            "line": {"color": "var(--paper)", "width": 1.5},
        },
        "text": [f"{label}<br>{number(low)}–{number(high)}<br>{number(came)}" for label, low, high, came, _ok in shown],
        "hovertemplate": "%{text}<extra></extra>",
    })  # fmt: skip
    layout = _layout(
        title, 64 + 26 * len(shown), xaxis={"rangemode": "tozero", "automargin": True},
        yaxis={
            "tickvals": at, "ticktext": [_shorten(label) for label, *_rest in shown],
            "range": [-0.7, len(shown) - 0.3], "automargin": True, "showgrid": False, "ticks": "",
        },
    )  # fmt: skip
    return {"data": data, "layout": layout}


def _ratio(change: float | None) -> float:
    return 1 + (change or 0)


def _line(**where: Any) -> dict[str, Any]:
    return {"type": "line", "line": {"color": MUTED, "width": 1.5, "dash": "dot"}, "layer": "below", **where}


def _shorten(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1].rstrip()}…"


def incidence(answer: Funnel, stage: Stage) -> Figure | None:
    """The share that has come to each stage by each day after applying, with the band of the stage asked about, and
    below the days how many still wait for it."""
    data: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    few = answer.totals.applications < FEWEST_FOR_NORMAL
    for row in answer.stages:
        points = drawn_points(row.incidence)
        if row.stage == Stage.APPLIED.slug or not points:
            continue
        asked = row.stage == stage.slug
        data += _incidence_traces(STAGES[row.stage], points, asked=asked, few=few)
        ends.append(_end_label(STAGES[row.stage], points[-1], asked=asked))
    if not data:
        return None
    layout = _layout(
        incidence_title(answer, stage), 340,
        xaxis={"title": {"text": _("days after applying, and who still waits then"), "font": {"size": 13}},
               "range": [0, LAST_DAY + 3], "showgrid": False, "tickvals": list(DAYS),
               "ticktext": [f"{day}<br>{waiting_at(answer, stage, day)}" for day in DAYS]},
        yaxis={"ticksuffix": "\N{NO-BREAK SPACE}%", "rangemode": "tozero", "nticks": 6},
        annotations=ends, hovermode="x", margin={"l": 52, "r": 96, "t": 24, "b": 64},
    )  # fmt: skip
    if few:
        ends.append(_above(LAST_DAY + 3, only_words(answer.totals.applications)))
    young = young_from(answer)
    if young is not None and not few:
        layout["shapes"] = [hatch(young, LAST_DAY + 3)]
        layout["annotations"] = [*ends, _above(LAST_DAY + 3, _("fewer than half are that old"))]
    return {"data": data, "layout": layout}


def waiting_at(answer: Funnel, stage: Stage, day: int) -> str:
    """How many were watched on a day and had neither come to the stage nor gone out: whom the curve rests on there."""
    points = (point for row in answer.stages if row.stage == stage.slug for point in row.incidence)
    return next((number(point.at_risk) for point in points if point.day == day), "")


def young_from(answer: Funnel) -> int | None:
    """The last day up to which half of the applications have been followed: what is drawn beyond it rests on the others
    alone. None where half have been followed to the end."""
    followed = {point.day: point.followed for row in answer.stages for point in row.incidence}
    half = answer.totals.applications / 2
    old = [day for day, n in followed.items() if n >= half]
    return None if not followed or max(followed) in old else max(old, default=0)


def hatch(start: float, end: float) -> dict[str, Any]:
    """Stripes over all that lies between two places of the axis: what stands there is not complete."""
    return _stripes([round(start + (end - start) * n / STRIPES, 2) for n in range(STRIPES + 1)])


def hatch_days(start: dt.date, end: dt.date) -> dict[str, Any]:
    """The same between two days."""
    first = dt.datetime.combine(start, dt.time())
    return _stripes([f"{first + (end - start) * n / STRIPES:%Y-%m-%d_%H:%M}" for n in range(STRIPES + 1)])


def _stripes(places: Sequence[object]) -> dict[str, Any]:
    """Lines that each rise over `SLANT` of the places, cut off at the first and the last."""
    lines = []
    for n in range(1 - SLANT, STRIPES):
        low, high = max(n, 0), min(n + SLANT, STRIPES)
        lines.append(f"M{places[low]},{(low - n) / SLANT:g} L{places[high]},{(high - n) / SLANT:g}")
    return {"type": "path", "path": " ".join(lines), "yref": "paper", "line": {"color": RULE, "width": 1},
            "layer": "below"}  # fmt: skip


def _above(x: float | str, text: str) -> dict[str, Any]:
    return {"x": x, "y": 1, "yref": "paper", "xanchor": "right", "yanchor": "bottom", "showarrow": False, "text": text,
            "font": {"color": MUTED, "size": 12}}  # fmt: skip


def incidence_title(answer: Funnel, stage: Stage) -> str:
    """The finding over the chart of incidence: how soon they come. How many do is said before it."""
    pace = pace_finding(answer, stage).removesuffix(".")
    return pace or _("How many %(came)s, by days after applying", came=came_to_stage(stage))


def drawn_points(points: Sequence[IncidencePoint]) -> list[IncidencePoint]:
    """The points where enough people are still followed to draw a line."""
    return [one for one in points if one.estimate is not None and one.at_risk >= FEWEST_AT_RISK]


def point_at(points: Sequence[IncidencePoint], day: int) -> IncidencePoint | None:
    """The incidence on a day, if the curve had been followed that far: it only steps where something happened."""
    until = [one for one in points if one.day <= day]
    return until[-1] if until and points[-1].day >= day else None


def _incidence_traces(
    stage: Stage, points: Sequence[IncidencePoint], *, asked: bool, few: bool
) -> list[dict[str, Any]]:
    """The line of a stage and its band; broken, with open marks, where it is of few applications."""
    days = [0, *(one.day for one in points)]
    line = {
        "type": "scatter", "mode": "lines+markers", "name": stage_name(stage), "x": days,
        "y": [0, *(_percent(one.estimate) for one in points)],
        "line": {"color": ACCENT if asked else MUTED, "width": 2.5 if asked else 1.25,
                 "dash": "dot" if few else "solid"},
        "marker": {"size": 7 if asked else 4, "symbol": "circle-open" if few else "circle"},
        "text": [stage_name(stage), *(f"{stage_name(stage)}: {share_words_at(one)}" for one in points)],
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    if any(one.low is None or one.high is None for one in points):
        return [line]
    edge = {"type": "scatter", "mode": "lines", "x": days, "hoverinfo": "skip", "line": {"width": 0}}
    low = {**edge, "y": [0, *(_percent(one.low) for one in points)]}
    band = {**edge, "y": [0, *(_percent(one.high) for one in points)], "fill": "tonexty",
            "fillcolor": "var(--band)" if asked else "var(--band-quiet)"}  # fmt: skip
    return [low, band, line]


def share_words_at(point: IncidencePoint) -> str:
    """`29 %, 25–34` on one day, or why there is none."""
    return share_words(Estimate(estimate=point.estimate, low=point.low, high=point.high, why=point.why))


def _percent(share: float | None) -> float:
    return round(100 * (share or 0), 2)


def _end_label(stage: Stage, last: IncidencePoint, *, asked: bool) -> dict[str, Any]:
    return {
        "x": last.day, "y": _percent(last.estimate), "xanchor": "left", "xshift": 6, "showarrow": False,
        "text": stage_name(stage), "font": {"color": ACCENT if asked else MUTED},
    }  # fmt: skip


def people_over_time(
    days: Sequence[tuple[dt.date, int, int]],
    flight: tuple[dt.date, dt.date | None],
    stage: Stage,
    title: str,
    young: dt.date | None = None,
) -> Figure | None:
    """Cumulative applications and those that came to the stage, over the days of the placement's flight; hatched from
    the day `young` on, since when whoever applied has not had the time to come to the stage."""
    if not days:
        return None
    x = [day.isoformat() for day, _applied, _reached in days]
    counts = [(stage_name(Stage.APPLIED).lower(), [applied for _day, applied, _reached in days], MUTED),
              (stage_name(stage).lower(), [reached for _day, _applied, reached in days], ACCENT)]  # fmt: skip
    data = [
        {
            "type": "scatter", "mode": "lines", "name": name, "x": x, "y": y,
            "line": {"shape": "hv", "color": colour, "width": 2.25},
            "text": [f"{date(day)}: {number(n)} {name}" for (day, *_rest), n in zip(days, y, strict=True)],
            "hovertemplate": "%{text}<extra></extra>",
        }
        for name, y, colour in counts
    ]  # fmt: skip
    ends = [
        {"x": x[-1], "y": y[-1], "xanchor": "left", "xshift": 6, "showarrow": False,
         "text": f"{number(y[-1])} {name}", "font": {"color": colour}}
        for name, y, colour in counts
    ]  # fmt: skip
    start, end = flight
    first = min(days[0][0], start)
    months = shown_months(first, days[-1][0])
    flown = {"type": "rect", "x0": start.isoformat(), "x1": min(end, days[-1][0]).isoformat() if end else x[-1],
             "y0": 0, "y1": 1, "yref": "paper", "fillcolor": "var(--band-quiet)", "line": {"width": 0},
             "layer": "below"}  # fmt: skip
    layout = _layout(
        title, 280, shapes=[flown], annotations=ends, hovermode="x",
        xaxis={
            "type": "date", "showgrid": False, "range": [first.isoformat(), x[-1]], "tickangle": 0,
            "tickvals": [month.isoformat() for month in months], "ticktext": [month_name(month) for month in months],
        },
        yaxis={"rangemode": "tozero", "tickformat": ",d"},
        margin={"l": 40, "r": 104, "t": 24, "b": 36},
    )  # fmt: skip
    if young is not None:
        layout["shapes"].append(hatch_days(max(young, first), days[-1][0]))
        layout["annotations"] = [*ends, _above(x[-1], _("too early to come so far"))]
    return {"data": data, "layout": layout}


def shown_months(first: dt.date, last: dt.date) -> list[dt.date]:
    """The first days of the months between two days, thinned to what fits below a narrow drawing."""
    number_of = [year * 12 + month - 1 for year, month in ((first.year, first.month), (last.year, last.month))]
    months = [dt.date(n // 12, n % 12 + 1, 1) for n in range(number_of[0] + 1, number_of[1] + 1)]
    step = -(-len(months) // MOST_MONTHS) or 1
    return months[::step]
