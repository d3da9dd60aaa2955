"""What sentences of certificates say besides their numbers: that agents share a minimiser, that a claim is about expectations."""

from __future__ import annotations

from efpep.methods import Method
from efpep.setting import Setting


def assumptions(method: Method, setting: Setting) -> str:
    """Return what sentences say besides: that agents share a minimiser, that a claim is about expectations."""
    return shared_minimiser(method, setting) + expectation(method, setting)


def shared_minimiser(method: Method, setting: Setting) -> str:
    """Return what sentences say where a claim is about agents that share one minimiser."""
    return ", for agents that share one minimiser" if method.common_minimiser and not _alone(setting) else ""


def expectation(method: Method, setting: Setting) -> str:
    """Return what sentences say where a claim is about expectations."""
    random = {
        "the gradients' noise": setting.noise is not None,
        "the compressors' randomness": any(compressor.random for compressor in setting.compressors()),
        "the draws of those who take part": method.draws,
    }
    whose = [what for what, drawn in random.items() if drawn]
    return f", in expectation over {' and '.join(whose)}" if whose else ""


def sufficient(method: Method, setting: Setting) -> bool:
    """Whether what the recorded inequalities leave open does happen; of draws they are second moments, of decisions a bound."""
    return setting.sufficient and not method.draws and not method.lazy


def necessary(method: Method, setting: Setting) -> str:
    """Return what sentences say of a lower end that rests on inequalities which need not be sufficient."""
    return "" if sufficient(method, setting) else " by the recorded inequalities, which are necessary and need not be sufficient"


def _alone(setting: Setting) -> bool:
    populations = setting.populations()
    return len(populations) == 1 and populations[0].single
