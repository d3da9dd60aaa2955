"""A deterministic hypothesis profile, a results store of the tests' own, and which cases of a test are slow."""

import zlib

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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Leave as many of a test's cases in the fast suite as its mark ``fast_cases(n)`` says; the others are nightly."""
    cases = {}
    for item in items:
        mark = item.get_closest_marker("fast_cases")
        if mark is not None and item.get_closest_marker("slow") is None:
            cases.setdefault((item.parent.nodeid, item.originalname, mark.args), []).append(item)
    for (_, _, (count,)), own in cases.items():
        own.sort(key=lambda item: zlib.crc32(item.name.encode()))  # some of each parameter, the same ones in every run
        for item in own[count:]:
            item.add_marker(pytest.mark.slow)
