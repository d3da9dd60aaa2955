"""The answer to one question as lines for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.model.text import down, exact, up
from efpep.report.answer import digits_for, setting_object

if TYPE_CHECKING:
    from efpep.analysis.rate import Rate
    from efpep.setting import Setting


def as_text(rate: Rate) -> str:
    """Return question, interval, theory and Lyapunov function, one a line."""
    method = rate.method.title or type(rate.method).__name__
    lines = [("question", f"{method}; {_setting(rate.setting)}; metric {rate.metric}")]
    source = rate.step_size_source
    chosen = "" if source is None else f"   optimal: {source.formula}   [{source.source}]"
    lines.append(("step size", exact(rate.method.step_size) + chosen))
    lines.append(("rate", _interval(rate)))
    if rate.theory is not None:
        digits = digits_for(rate.theory.value, None)
        lines.append(("theory", f"{down(rate.theory.value, digits)}   {rate.theory.formula}   [{rate.theory.source}]"))
    if rate.lyapunov is not None:
        lines.append(("Lyapunov", str(rate.lyapunov)))
    lines.append(("solver", f"{rate.solver}, {rate.seconds:.3f} s"))
    return "\n".join(f"{name:<10} {text}" for name, text in lines)


def _interval(rate: Rate) -> str:
    lower, upper = rate.lower, rate.upper
    digits = digits_for(lower, upper) - 3
    if upper is None:
        if lower is not None and lower >= 1:
            return "no contraction: no Lyapunov function of the class has rho < 1, proved in exact arithmetic"
        known = "" if lower is None else f"; no Lyapunov function of the class has rho < {down(lower, digits)}, proved"
        return f"undecided: the solver's proposals proved no contraction{known}"
    below = "" if lower is None else f"{down(lower, digits)} <= "
    missing = "" if lower is not None else " (the lower end is undecided)"
    return f"{below}rho <= {up(upper, digits)}   proved in exact arithmetic{missing}"


def _setting(setting: Setting) -> str:
    described = setting_object(setting)
    groups = described.pop("groups", None)
    if isinstance(groups, list):
        return "; ".join(_pairs(group) for group in groups)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return _pairs(described)


def _pairs(described: dict[str, object]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in described.items() if value is not None)
