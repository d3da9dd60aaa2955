"""The explorer: what its server answers is what efpep proves, on this machine alone; the page shows it."""

import http.client
import json
import re
import shutil
import threading
from fractions import Fraction
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

import pytest
from support import one_sentence
from support.browser import CHROMIUM, Browser

import efpep
from efpep.cli import main
from efpep.explore.export import ExplorerGrid, export
from efpep.explore.point import PROOFS, RANGES, PagePoint
from efpep.explore.server import PAGES, ExplorerServer, page_file

METHODS = {"ef": efpep.EF, "ef21": efpep.EF21, "cgd": efpep.CGD}
START = {"method": "ef21", "kappa": "10", "delta": "0.5", "agents": "10", "factor": "1"}
SETTINGS = [
    START,
    {"method": "ef21", "kappa": "100", "delta": "0.1", "agents": "3", "factor": "0.5"},
    {"method": "ef", "kappa": "2.5", "delta": "0.9", "agents": "1000000", "factor": "1.25"},
    {"method": "ef", "kappa": "1000", "delta": "1/3", "agents": "1", "factor": "0.75"},
    {"method": "cgd", "kappa": "37", "delta": "0.25", "agents": "1", "factor": "1"},
]
BEYOND = {**START, "factor": "1.2"}
"""Where the method does not converge."""


def asked(fields):
    """The rate that efpep proves of a setting of the page, for L = 1."""
    kappa, factor = Fraction(fields["kappa"]), Fraction(fields["factor"])
    functions = efpep.SmoothStronglyConvex(mu=1 / kappa, L=1)
    setting = efpep.Setting(functions, efpep.Contractive(fields["delta"]), int(fields["agents"]))
    method = METHODS[fields["method"]]
    return efpep.rate(method(step_size=factor * method().resolved(setting).step_size), setting)


@pytest.fixture(scope="module")
def server():
    with ExplorerServer() as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def get(server, address, fields=None, **headers):
    """Return the status, the headers and the content of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", f"/{address}{'' if fields is None else '?' + urlencode(fields)}", headers=headers)
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, content


def answered(server, address, fields):
    status, _, content = get(server, address, fields)
    assert status == 200, content
    return json.loads(content)


@pytest.mark.parametrize("fields", SETTINGS)
def test_the_server_answers_what_efpep_proves(fields, server):
    found, own = answered(server, "rate", fields)["rate"], asked(fields)
    assert own.certified
    for end in ("lower", "upper"):
        assert abs(Fraction(found[end]) - getattr(own, end)) < 1e-9


def test_the_command_of_a_setting_asks_the_same_question(server, capsys):
    found = answered(server, "rate", SETTINGS[1])
    assert main([*found["command"].split()[1:], "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [printed[name] for name in ("rate", "step_size", "delta", "agents")] == [
        found[name] for name in ("rate", "step_size", "delta", "agents")
    ]


def test_beyond_the_stability_limit_no_contraction_is_proved(server):
    """EF21 converges below ``(2/L)(1 - s)/(1 + s)``, 1.1 times the optimal step size where kappa = 10."""
    found = answered(server, "rate", BEYOND)
    assert (found["verdict"], found["rate"]["upper"]) == ("refuted", None)
    assert "no Lyapunov function" in answered(server, "run", BEYOND)["why"]


def test_landscapes_enclose_the_closed_form(server):
    """At steps up to the optimal one EF21 has the rate ``beta^2``, ``beta^2 - theta beta - s = 0`` (2506.05271)."""
    points = answered(server, "landscape", START)["points"]
    assert [p["factor"] for p in points] == [k / 8 for k in range(1, 10)]
    assert [p["verdict"] for p in points] == ["proved"] * 8 + ["refuted"]
    s = 0.5**0.5
    for point in points[:-1]:
        eta = point["factor"] * 2 / 1.1 * (1 - s) / (1 + s)
        theta = 1 - s - (1 + s) * 0.1 * eta
        beta = (theta + (theta**2 + 4 * s) ** 0.5) / 2
        assert point["lower"] - 1e-12 <= beta**2 <= point["upper"] + 1e-12


@pytest.mark.parametrize("fields", [{**START, "agents": "2"}, {**SETTINGS[4], "delta": "0.05"}])
def test_runs_keep_their_bound(fields, server):
    run = answered(server, "run", fields)
    assert len(run["energies"]) == len(run["bound"]) > 20
    assert run["energies"][0] == run["bound"][0] == 1
    assert all(v <= b * (1 + 1e-6) + 1e-12 for v, b in zip(run["energies"], run["bound"], strict=True))
    assert abs(run["bound"][10] - run["proved"] ** 10) < 1e-5


def test_large_runs_are_not_made(server):
    assert "at most 20 agents" in answered(server, "run", SETTINGS[2])["why"]


@pytest.mark.parametrize("fields", [START, BEYOND])
def test_certificates_are_downloaded_and_hold(fields, server, tmp_path):
    status, headers, content = get(server, "certificate", fields)
    assert status == 200
    assert headers["Content-Disposition"] == f'attachment; filename="{PagePoint.read(fields).name}.json"'
    path = tmp_path / "kept.json"
    path.write_text(content, encoding="utf-8")
    assert efpep.verify(path).accepted


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kappa": "abc"}, "kappa is 'abc', which is not a number"),
        ({"kappa": "nan"}, "kappa is 'nan'"),
        ({"kappa": "1/2"}, "kappa is '0.5', outside the page's range; give 1 to 10000"),
        ({"kappa": "1" * 41}, "kappa is longer than 40 characters"),
        ({"kappa": "1e999999999"}, "kappa is"),
        ({"delta": "0"}, "delta is '0', outside the page's range; give 0.01 to 1"),
        ({"agents": "2.5"}, "agents is 2.5, which is not a whole number"),
        ({"agents": "0"}, "agents is '0', outside the page's range"),
        ({"factor": ""}, "factor is ''"),
        ({"factor": "-1"}, "factor is '-1', outside the page's range"),
        ({"method": "gd"}, "method is 'gd', which is not on the page; choose one of ef, ef21, cgd"),
        ({"method": "os:system"}, "which is not on the page"),
        ({"method": "cgd"}, "the optimal step size of CGD is known in closed form for one agent only"),
        ({"other": "1"}, "'other' is nothing that can be chosen"),
        ({"delta": None}, "delta is missing; give method, kappa"),
    ],
)
@pytest.mark.parametrize("address", ["rate", "certificate"])
def test_bad_input_is_one_sentence(changes, said, address, server):
    fields = {name: value for name, value in {**START, **changes}.items() if value is not None}
    status, _, content = get(server, address, fields)
    message = json.loads(content)["error"]
    assert status == 400
    assert said in message
    assert one_sentence(message)


@pytest.mark.parametrize(("query", "said"), [("kappa", "malformed"), ("kappa=1&kappa=2", "more than once"), ("", "is missing")])
def test_malformed_questions_are_one_sentence(query, said, server):
    status, _, content = get(server, f"rate?{query}")
    assert (status, said in json.loads(content)["error"]) == (400, True)


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1", "localhost:1", "127.0.0.1.example.org:{port}", "", "localhost:{port}@a"]
)
@pytest.mark.parametrize("address", ["", "data.js", "rate"])
def test_other_hosts_are_refused(host, address, server):
    """A page elsewhere whose name resolves to this machine does not read answers."""
    status, _, content = get(server, address, START if address == "rate" else None, Host=host.format(port=server.port))
    assert status == 403
    assert one_sentence(json.loads(content)["error"])


def test_localhost_is_served_under_either_name(server):
    assert server.server_address[0] == "127.0.0.1"
    for host in ("127.0.0.1", "localhost"):
        status, headers, content = get(server, "", Host=f"{host}:{server.port}")
        assert (status, "<title>efpep" in content) == (200, True)
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("address", ["nothing", "../answers.py", "%2e%2e/answers.py", "page/index.html", "favicon.ico"])
def test_other_addresses_are_not_found(address, server):
    status, _, content = get(server, address)
    assert status == 404
    assert one_sentence(json.loads(content)["error"])


def test_a_port_in_use_is_one_sentence(server, capsys):
    assert main(["explore", "--no-open", "--port", str(server.port)]) == 2
    said = capsys.readouterr().err.strip().removeprefix("efpep: ")
    assert f"port {server.port} cannot be used" in said
    assert one_sentence(said)


def test_the_command_serves_until_it_is_interrupted(capsys, monkeypatch):
    def interrupted(self, *_):
        raise KeyboardInterrupt

    monkeypatch.setattr(ExplorerServer, "serve_forever", interrupted)
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert main(["explore", "--no-open"]) == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\n", capsys.readouterr().out)
    assert opened == []
    assert main(["explore"]) == 0
    assert opened == [capsys.readouterr().out.strip()]


class Elements(HTMLParser):
    """The elements of a page."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_the_page_has_labels_and_loads_nothing_from_elsewhere():
    elements = Elements(page_file("index.html")).found
    labelled = {attributes["for"] for tag, attributes in elements if tag == "label"}
    fields = [attributes for tag, attributes in elements if tag == "input"]
    assert {a["id"] for a in fields if a["type"] == "range"} == labelled == set(RANGES)
    assert all("aria-label" in a for a in fields if a["type"] != "range")
    assert all(a["role"] == "img" for tag, a in elements if tag == "svg")
    loaded = {a.get("src") or a.get("href") for tag, a in elements if tag in {"script", "link", "img"}} - {"data:,", "data.js"}
    assert loaded == set(PAGES) - {"index.html"}
    for name in PAGES:
        text = page_file(name).replace("http://www.w3.org/2000/svg", "")  # the name of a language, which nobody loads
        assert not re.search(r"https?://|@import|url\(|\beval\b|\bnew Function\b|innerHTML", text), name


SMALL = ExplorerGrid((Fraction(10),), (Fraction(1, 2),), (1, 10), (Fraction(1, 2), Fraction(1), Fraction(5, 4)))
"""A grid of nine settings."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return export(tmp_path_factory.mktemp("page") / "explorer", SMALL).parent


def test_the_written_page_has_a_certificate_for_every_setting_of_its_grid(folder):
    data = json.loads((folder / "data.js").read_text(encoding="utf-8").partition("=")[2].strip().rstrip(";"))
    assert data["live"] is False
    assert list(data["methods"]) == list(PROOFS) == list(METHODS)
    assert len(data["grid"]) == 3 * 2 * 2 + 3 == len(list((folder / "certificates").iterdir()))
    for key, found in data["grid"].items():
        own = asked(dict(zip(START, key.split("|"), strict=True)))
        assert efpep.verify(folder / found["certificate"]).accepted
        assert found["rate"]["verdict"] == own.verdict.name.lower()
        if own.upper is not None:
            assert abs(Fraction(found["rate"]["rate"]["upper"]) - own.upper) < 1e-9
    assert {path.name for path in folder.iterdir()} == {*PAGES, "data.js", "certificates"}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


def shown(browser, *names):
    return [browser.run(f"document.getElementById({name!r}).textContent") for name in names]


def opened(browser, address):
    browser.open("about:blank")
    browser.open(address)
    browser.wait("document.body.dataset.state === 'done'")


def choose(browser, method, **positions):
    """Move sliders as a reader does, and wait for the answer; return what is chosen then."""
    moves = "".join(
        f"{{const e = document.getElementById({name!r}); e.value = {place}; e.dispatchEvent(new Event('input'));}}"
        for name, place in positions.items()
    )
    browser.run(f"document.getElementById('method-{method}').click(); {moves}")
    browser.wait("document.body.dataset.state === 'done'")
    fields = json.loads(browser.run("JSON.stringify(controls.fields())"))
    assert fields["method"] == method
    return fields


MOVES = [
    ("ef21", {"kappa": 200, "delta": 0.5, "agents": 0, "factor": 1}),
    ("ef21", {"kappa": 123, "delta": 0.05, "agents": 77, "factor": 0.4}),
    ("ef", {"kappa": 60, "delta": 0.91, "agents": 250, "factor": 1.1}),
    ("ef", {"kappa": 300, "delta": 1, "agents": 50, "factor": 0.99}),
    ("cgd", {"kappa": 40, "delta": 0.33, "factor": 0.7}),
]

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.mark.slow
@needs_browser
def test_sliders_change_the_shown_rate_which_is_the_proved_one(browser, server):
    opened(browser, server.address)
    seen = {tuple(shown(browser, "lower", "upper"))}
    for method, positions in MOVES:
        fields = choose(browser, method, **positions)
        lower, upper, closed, badge, command = shown(browser, "lower", "upper", "closed-form", "standing", "command")
        own = asked(fields)
        assert badge == "certified"
        assert abs(Fraction(lower) - own.lower) < 1e-9
        assert abs(Fraction(upper) - own.upper) < 1e-9
        assert abs(float(closed) - float(own.theorem.value)) < 1e-12
        assert command.startswith(f"efpep rate {method} ")
        assert browser.run("document.querySelectorAll('#landscape circle.certified').length") >= 7
        seen.add((lower, upper))
    assert len(seen) == 1 + len(MOVES)
    assert browser.faults() == []
    assert {urlsplit(address).netloc for address in browser.addresses()} <= {"", f"127.0.0.1:{server.port}"}


@pytest.mark.slow
@needs_browser
def test_the_page_says_what_is_refuted_and_what_is_wrong(browser, server):
    opened(browser, f"{server.address}#{urlencode(BEYOND)}")
    assert shown(browser, "standing") == ["no contraction, proved"]
    assert "no Lyapunov function" in shown(browser, "run-said")[0]
    browser.run("const f = document.getElementById('kappa-value'); f.value = '0.5'; f.dispatchEvent(new Event('input'))")
    browser.wait("document.body.dataset.state === 'fault'")
    assert "kappa is 0.5, outside the page's range" in shown(browser, "message")[0]
    choose(browser, "cgd", kappa=100, factor=1)
    assert shown(browser, "message") == [""]
    assert browser.run("document.getElementById('agents').disabled") is True
    address = browser.run("document.getElementById('certificate').getAttribute('href')")
    assert get(server, address)[0] == 200
    assert browser.faults() == []


@pytest.mark.slow
@needs_browser
def test_the_written_page_tells_certified_from_closed_form(browser, folder, tmp_path):
    """It is read from another folder, without a server: certified at the grid, by closed forms elsewhere."""
    page = shutil.copytree(folder, tmp_path / "elsewhere")
    opened(browser, (page / "index.html").as_uri())
    assert shown(browser, "standing") == ["certified"]
    lower, upper = shown(browser, "lower", "upper")
    own = asked(START)
    assert (abs(Fraction(lower) - own.lower) < 1e-9, abs(Fraction(upper) - own.upper) < 1e-9) == (True, True)
    for method, positions in MOVES:
        fields = choose(browser, method, **positions)
        assert shown(browser, "standing") == ["closed form, not certified"]
        assert shown(browser, "lower", "upper") == ["", ""]
        assert abs(float(shown(browser, "approximate")[0]) - float(asked(fields).upper)) < 1e-9 + 1e-8 * (fields["delta"] == "1")
    browser.run("document.getElementById('nearest').click()")
    browser.wait("document.body.dataset.state === 'done'")
    assert shown(browser, "standing") == ["certified"]
    kept = browser.run("document.getElementById('certificate').getAttribute('href')")
    assert efpep.verify(page / kept).accepted
    assert browser.faults() == []
