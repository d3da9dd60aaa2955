"""The options about worst cases after several steps."""

from dataclasses import dataclass, replace

from efpep.cli import options
from efpep.cli.question import Question
from efpep.errors import InputError
from efpep.methods import Method
from efpep.model.field import rational
from efpep.setting import Setting


@dataclass(frozen=True, kw_only=True)
class Horizon(Question):
    """A question about several steps: what is known besides, and where the metric is measured."""

    heterogeneity: options.Heterogeneity = None
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
        return method, setting

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
