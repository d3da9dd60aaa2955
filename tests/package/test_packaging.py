"""What a published package carries: its citation, its addresses, its lock file, its community files and their links."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import efpep

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGES = [
    ROOT / name
    for name in ("README.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "SECURITY.md", "joss/paper.md", "joss/checklist.md")
]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_the_citation_is_of_this_version():
    assert CITATION["version"] == efpep.__version__
    changes = re.findall(r"^## (\S+) \((\S+)\)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert (CITATION["version"], str(CITATION["date-released"])) == changes[0]


def test_the_citation_says_what_the_package_says_of_itself():
    assert CITATION["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(CITATION), "what the format demands"
    assert [author["name"] for author in CITATION["authors"]] == [author["name"] for author in PROJECT["authors"]]
    assert CITATION["license"] == PROJECT["license"]
    assert CITATION["keywords"] == PROJECT["keywords"]
    assert CITATION["abstract"].startswith(PROJECT["description"])


def test_the_addresses_are_those_of_the_papers_that_are_cited():
    assert all(len(label) <= 32 for label in PROJECT["urls"]), "longer labels are refused by package indexes"
    assert set(PROJECT["urls"].values()) == {reference["url"] for reference in CITATION["references"]}


def expanded(extra):
    """Return the requirements of an extra, those of the package's own extras in place of their names."""
    for text in PROJECT["optional-dependencies"][extra]:
        requirement = Requirement(text)
        if requirement.name == "efpep":
            for other in requirement.extras:
                yield from expanded(other)
        else:
            yield requirement


def test_the_lock_file_is_of_these_dependencies():
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    packages = {package["name"]: package for package in lock["package"]}
    wanted = {(requirement.name, requirement.specifier, "") for requirement in map(Requirement, PROJECT["dependencies"])}
    for extra in PROJECT["optional-dependencies"]:
        wanted |= {(requirement.name, requirement.specifier, f"extra == '{extra}'") for requirement in expanded(extra)}
    recorded = packages["efpep"]["metadata"]["requires-dist"]
    locked = {(entry["name"], SpecifierSet(entry.get("specifier", "")), entry.get("marker", "")) for entry in recorded}
    assert locked == wanted, "pyproject.toml has other dependencies than uv.lock: make lock"
    assert lock["requires-python"] == PROJECT["requires-python"]
    sources = {tuple(package["source"].items()) for package in lock["package"]}
    assert sources == {(("registry", "https://pypi.org/simple"),), (("editable", "."),)}
    files = [file for package in lock["package"] for file in (*package.get("wheels", ()), *filter(None, [package.get("sdist")]))]
    assert all(file["url"].startswith("https://files.pythonhosted.org/") and file["hash"].startswith("sha256:") for file in files)


def test_the_workflow_runs_what_is_run_here():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100
    pythons = job["strategy"]["matrix"]["python"]
    assert pythons == ["3.11", "3.12", "3.13", "3.14"]
    assert PROJECT["requires-python"] == f">={pythons[0]}"
    assert "make wheel" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_target_of_make_that_is_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    for path in (ROOT / ".ci" / "run", *PAGES):
        named = re.findall(r"(?:^ *|`)make ((?:[a-z]+ ?)+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert {target for words in named for target in words.split()} <= targets, path


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.stem)
def test_issue_templates_are_forms(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.stem == "config":
        assert form == {"blank_issues_enabled": True}
        return
    assert {"name", "description", "body"} <= set(form) <= {"name", "description", "title", "body"}
    keys = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert keys
    assert len(set(keys)) == len(keys)
    for part in form["body"]:
        assert part["type"] in {"markdown", "textarea", "checkboxes"}
        assert "value" in part["attributes"] if part["type"] == "markdown" else part["attributes"]["label"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_of_the_community_files_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith("https://"):
            assert (path.parent / target.partition("#")[0]).exists(), target
    for name in re.findall(r"`((?:tests|docs|efpep|problems|joss|benchmarks)/[\w./]*\w)", text):
        assert (ROOT / name).exists(), name


def test_the_papers_citations_are_its_bibliography():
    text = (ROOT / "joss" / "paper.md").read_text(encoding="utf-8")
    entries = re.findall(
        r"^@\w+\{(\w+),\n(.*?)^\}", (ROOT / "joss" / "paper.bib").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    keys = [key for key, _ in entries]
    assert sorted(set(re.findall(r"@(\w+)", text))) == sorted(keys)
    assert len(set(keys)) == len(keys)
    for key, fields in entries:
        assert set(re.findall(r"^  (\w+) = \{", fields, flags=re.MULTILINE)) >= {"author", "title", "year", "doi"}, key


def test_the_paper_has_the_sections_and_the_length_of_the_journal():
    _, front, body = (ROOT / "joss" / "paper.md").read_text(encoding="utf-8").split("---\n", 2)
    assert [author["name"] for author in yaml.safe_load(front)["authors"]] == [author["name"] for author in PROJECT["authors"]]
    sections = re.findall(r"^# (.+)$", body, flags=re.MULTILINE)
    needed = ["Summary", "Statement of need", "State of the field", "Software design", "Research impact statement", "References"]
    assert sections == needed
    assert 750 <= len(body.split()) <= 1750
