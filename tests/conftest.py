"""A deterministic hypothesis profile, and a results store of the tests' own."""

import hypothesis
import pytest

hypothesis.settings.register_profile(
    "efpep",
    derandomize=True,
    deadline=None,
    database=None,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],
)
hypothesis.settings.load_profile("efpep")


@pytest.fixture(scope="session", autouse=True)
def _store(tmp_path_factory):
    """Keep the tests' answers out of the user's results store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EFPEP_STORE", str(tmp_path_factory.mktemp("store") / "store.sqlite"))
        yield
