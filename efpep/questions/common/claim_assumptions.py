"""What sentences of certificates say besides their numbers: that agents share a minimiser, that a claim is about expectations."""

from __future__ import annotations

from efpep.methods import Method
from efpep.setting import Setting


def assumptions(method: Method, setting: Setting) -> str:
    """Return what sentences say besides: that agents share a minimiser, that a claim is about expectations."""
    return shared_minimiser(method, setting) + expectation(setting)


def shared_minimiser(method: Method, setting: Setting) -> str:
    """Return what sentences say where a claim is about agents that share one minimiser."""
    return ", for agents that share one minimiser" if method.common_minimiser and not _alone(setting) else ""


def expectation(setting: Setting) -> str:
    """Return what sentences say where a claim is about expectations."""
    noise = setting.noise is not None
    drawn = any(compressor.random for compressor in setting.compressors())
    whose = [*(["the gradients' noise"] if noise else []), *(["the compressors' randomness"] if drawn else [])]
    return f", in expectation over {' and '.join(whose)}" if whose else ""


def necessary(setting: Setting) -> str:
    """Return what sentences say of a lower end that rests on inequalities which need not be sufficient."""
    return "" if setting.sufficient else " by the recorded inequalities, which are necessary and need not be sufficient"


def _alone(setting: Setting) -> bool:
    populations = setting.populations()
    return len(populations) == 1 and populations[0].single
