"""The options about the Lyapunov function, which rates and step sizes share."""

from dataclasses import dataclass

from efpep.cli import options
from efpep.errors import InputError
from efpep.model.field import whole


@dataclass(frozen=True, kw_only=True)
class LyapunovOptions:
    """The Lyapunov function that is asked about, as text."""

    lyapunov: options.GivenLyapunov = None
    memory: options.MemoryLength = None
    features: options.Features = None

    def check_given(self) -> None:
        """Refuse an empty formula.

        Raises:
            InputError: it is empty.
        """
        if self.lyapunov is not None and not self.lyapunov.strip():
            raise InputError(
                "--lyapunov is empty; give 'literature', a formula such as '|x-x*|^2', or leave it out for the best."
            )

    def past_states(self) -> int:
        """Return how many past states the function may depend on.

        Raises:
            InputError: it is no whole number.
        """
        return 0 if self.memory is None else whole(self.memory, "--memory")

    def feature_names(self) -> list[str] | None:
        """Return the features.

        Raises:
            InputError: a name is empty.
        """
        if self.features is None:
            return None
        names = [name.strip().removesuffix("-x*") for name in self.features.split(",")]  # answers print x-x*, features are x
        if not all(names):
            raise InputError(f"--features is {self.features!r}, where a name is empty; write it like --features x,g,f.")
        return names
