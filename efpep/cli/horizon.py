"""The options about worst cases after several steps."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from efpep.cli import options
from efpep.cli.question import QuestionOptions
from efpep.errors import InputError
from efpep.methods import Method
from efpep.model.field import rational, whole
from efpep.setting import Setting

if TYPE_CHECKING:
    from efpep.questions.worst_case.answer import WorstCase


@dataclass(frozen=True, kw_only=True)
class HorizonOptions(QuestionOptions):
    """A question about several steps: what is known besides, and where the metric is measured."""

    heterogeneity: options.Heterogeneity = None
    dissimilarity: options.Dissimilarity = None
    at: options.Place = "last"
    initial: options.Initial = None

    def read(self) -> tuple[Method, Setting]:
        """Return the method and the setting, which bounds how much agents' gradients differ where that is given.

        Raises:
            InputError: an option is malformed, missing, unknown to the method, or impossible.
            UnavailableError: a class of the user's cannot be imported here.
        """
        method, setting = super().read()
        if self.heterogeneity is not None:
            setting = replace(setting, heterogeneity=rational(self.heterogeneity, "--heterogeneity"))
        if self.dissimilarity is not None:
            setting = replace(setting, dissimilarity=rational(self.dissimilarity, "--dissimilarity"))
        return method, setting

    def worst_case(self, iterations: str, metric: str, solver: str, pairs: str | int = "auto") -> "WorstCase":
        """Return the worst case after so many steps.

        Raises:
            InputError: an option is malformed, or the question is not well posed.
            UnavailableError: a class of the user's or a solver is not available here.
        """
        method, setting = self.read()
        from efpep.questions.worst_case.answer import worst_case

        steps = whole(iterations, "--iterations")
        return worst_case(method, setting, steps, metric, self.bounds(), at=self.at, pairs=pairs, solver=solver)

    def bounds(self) -> dict[str, object]:
        """Return the initial conditions, which are written as ``NAME`` or ``NAME=BOUND``.

        Raises:
            InputError: a name is given twice.
        """
        found: dict[str, object] = {}
        for text in self.initial or ["distance"]:
            name, sign, bound = (piece.strip() for piece in text.partition("="))
            if name in found:
                raise InputError(f"--initial gives {name} twice; give it once.")
            found[name] = bound if sign else 1
        return found
