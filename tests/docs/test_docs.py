"""The README and the manual say what is: examples run, commands parse, keys and options are those of the program."""

import importlib
import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fpsolve.cases.catalogue import shipped_case, shipped_titles
from fpsolve.cases.load import load_case
from fpsolve.cases.schema import Document
from fpsolve.cli import VERBS
from fpsolve.run import run_case
from fpsolve.run.as_json import result_json
from fpsolve.run.estimate import estimate
from fpsolve.solvers.methods import METHODS
from fpsolve.store.write import write_result
from fpsolve.sweeps import sweep

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
README = ROOT / "README.md"
COMPUTING = ("run", "solve", "spectrum", "stationary", "sgd", "validate")
SMALL = ("sgd.replicas=100", "validate.fail_if={}", "expect={}", "grid.cells=400")
SECTION = {"solve": "evolve"}


def blocks(page, language):
    """Contents of the fenced blocks of one language, without the indentation of lists."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def command_of(verb):
    return importlib.import_module(f"fpsolve.cli.{verb}_verb").command


@pytest.fixture(scope="module")
def conf():
    spec = importlib.util.spec_from_file_location("fpsolve_docs_conf", DOCS / "conf.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A working folder as the manual assumes it: the flagship case, its result (few replicas), a sweep, own levels."""
    place = tmp_path_factory.mktemp("docs")
    (place / "rbm_one_level.toml").write_text(shipped_case("rbm_one_level").read_text(encoding="utf-8"))
    case = load_case(place / "rbm_one_level.toml", overrides=(*SMALL, "evolve.times=[1.0, 2.0]"))
    write_result(run_case(case), place / "rbm_one_level.h5")
    np.save(place / "levels.npy", np.linspace(0.9, 1.1, 100))
    (place / "scan.toml").write_text(blocks(DOCS / "sweeps.md", "toml")[0], encoding="utf-8")
    sweep(place / "scan.toml", output=place / "scan.h5")
    return place


@pytest.fixture
def here(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


# -- README ------------------------------------------------------------------------------------------------------------


def test_the_two_lines_stand_at_the_top_of_the_readme():
    assert README.read_text(encoding="utf-8").splitlines()[:4] == [
        "# fpsolve",
        "",
        "    python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/fpsolve run cases/rbm_one_level.toml",
        "    python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest",
    ]


def test_the_readme_lists_every_verb_once():
    rows = re.findall(r"^\| `fpsolve (\w+)", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert rows == list(VERBS)


def test_the_figures_are_there_and_small():
    used = {
        (page.parent / name).resolve()
        for page in (README, *PAGES)
        for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    }
    assert used == {*(DOCS / "figures").glob("*.png"), *(DOCS / "gallery").glob("*.png")}
    for figure in used:
        assert figure.read_bytes().startswith(b"\x89PNG")
        assert figure.stat().st_size < 150_000


# -- gallery -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gallery():
    spec = importlib.util.spec_from_file_location("fpsolve_docs_gallery", DOCS / "gallery.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_picture_of_the_gallery_follows_the_command_that_makes_it(gallery):
    """Each picture of the page is an entry of the script, below its own command, and the other way round."""
    text = (DOCS / "gallery.md").read_text(encoding="utf-8")
    shown, command = {}, ""
    for line in text.splitlines():
        if line.startswith("$ fpsolve "):
            command = line[2:]
        for image in re.findall(r"\(gallery/(\w+)\.png\)", line):
            shown[image] = command
    assert shown == {entry.image: entry.command for entry in gallery.ENTRIES}
    assert len(shown) == len(gallery.ENTRIES)


def test_the_gallery_names_shipped_cases_and_figures(gallery):
    from fpsolve.plots import CAPTIONS, SWEEP_CAPTIONS

    for entry in gallery.ENTRIES:
        _, verb, path, *options = shlex.split(entry.command)
        assert path == f"cases/{entry.case}.toml"
        overrides = [value for option, value in zip(options[::2], options[1::2], strict=True) if option == "--set"]
        case = load_case(shipped_case(entry.case), overrides=overrides)
        assert verb == ("run" if case.sweep is None else "sweep"), entry
        assert entry.figure in (CAPTIONS if case.sweep is None else SWEEP_CAPTIONS), entry
        assert (gallery.GALLERY / f"{entry.image}.png").is_file(), entry


def test_every_shipped_sweep_is_in_the_gallery(gallery):
    sweeps = {name for name in shipped_titles() if load_case(shipped_case(name)).sweep is not None}
    assert sweeps
    assert sweeps <= {entry.case for entry in gallery.ENTRIES}


# -- examples ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", [page for page in (README, *PAGES) if blocks(page, "python")], ids=lambda page: page.stem
)
def test_python_examples_run(page, here):
    """The blocks of a page run one after another, as a reader would type them."""
    names = {"__name__": f"example_{page.stem}"}
    # Dataclasses look for their module by name.
    sys.modules[names["__name__"]] = type(sys)(names["__name__"])
    try:
        for number, block in enumerate(blocks(page, "python")):
            exec(compile(block, f"{page.name}, example {number}", "exec"), names)
    finally:
        del sys.modules[names["__name__"]]


@pytest.mark.parametrize(
    "page", [page for page in (README, *PAGES) if blocks(page, "toml")], ids=lambda page: page.stem
)
def test_case_examples_are_valid(page, here):
    for block in blocks(page, "toml"):
        (here / "example.toml").write_text(block, encoding="utf-8")
        assert estimate(load_case(here / "example.toml")).tasks


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "console")], ids=lambda page: page.stem)
def test_console_commands_parse(page):
    lines = [line[2:] for block in blocks(page, "console") for line in block.splitlines() if line.startswith("$ ")]
    calls = [shlex.split(line.partition(" | ")[0]) for line in lines if line.startswith("fpsolve ")]
    assert calls
    for _, verb, *arguments in calls:
        command_of(verb).make_context(verb, arguments)


def test_the_tutorial_lists_the_shipped_cases():
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    for name, title in shipped_titles().items():
        assert re.search(rf"^{name} +{re.escape(title)}$", text, flags=re.MULTILINE)


# -- commands ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_is_in_the_manual(verb):
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    if verb in COMPUTING:
        assert f"`fpsolve {verb} CASE`" in text
        described = "\n".join(line for line in text.splitlines() if line.startswith("| `-"))
    else:
        described = "\n".join(line for line in text.splitlines() if line.startswith(f"`fpsolve {verb}"))
    assert described
    for option in (parameter for parameter in command_of(verb).params if parameter.opts[0].startswith("-")):
        for name in option.opts:
            assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", described), f"{verb} {name}"


def test_no_option_is_in_the_manual_that_does_not_exist():
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    known = {name for verb in VERBS for parameter in command_of(verb).params for name in parameter.opts} | {"--help"}
    assert set(re.findall(r"--[a-z]+(?:-[a-z]+)*", text)) <= known


def test_json_keys_are_those_printed(folder):
    text = (DOCS / "commands.md").read_text(encoding="utf-8").partition("## What --json prints")[2]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", text, flags=re.MULTILINE))
    assert list(rows) == [verb for verb in COMPUTING if verb != "run"]
    case = load_case(folder / "rbm_one_level.toml", overrides=SMALL)
    whole = result_json(run_case(case), "out.h5")
    optional = {"solve": {"first_passage"}, "spectrum": {"kramers"}}
    for verb, row in rows.items():
        # The keys of the object come before what is said of the entries of one.
        named = set(re.findall(r"`(\w+)`", row.partition(": per name")[0]))
        assert named - optional.get(verb, set()) == set(whole[SECTION.get(verb, verb)]), verb
    statistic = next(iter(whole["validate"]["statistics"].values()))
    assert set(re.findall(r"`(\w+)`", rows["validate"].partition(": per name")[2])) == set(statistic)
    for key in whole:
        assert f"`{key}`" in text


def test_exit_codes_are_those_of_the_program():
    from fpsolve import errors
    from fpsolve.cli import EXIT_INTERRUPTED
    from fpsolve.cli.session import EXIT_REJECTED

    codes = {getattr(errors, name).exit_code for name in errors.__all__ if hasattr(getattr(errors, name), "exit_code")}
    text = (DOCS / "commands.md").read_text(encoding="utf-8").partition("## Exit codes")[2].partition("\n## ")[0]
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", text, flags=re.MULTILINE)}
    assert listed == codes | {0, EXIT_REJECTED, EXIT_INTERRUPTED}


# -- library -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", ["validate", "exact", "sgd", "plots"])
def test_every_public_name_is_in_the_reference(package):
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    public = importlib.import_module(f"fpsolve.{package}").__all__
    assert [name for name in public if not re.search(rf"\b{name}\b", text)] == []


# -- generated parts, links --------------------------------------------------------------------------------------------


def test_the_case_reference_has_every_section(conf):
    text = conf.case_reference()
    for name, field in Document.model_fields.items():
        assert f"`{field.alias or name}`" in text or f"`[{field.alias or name}]`" in text
    for section in (
        "model",
        "initial",
        "grid",
        "evolve",
        "spectrum",
        "stationary",
        "sgd",
        "validate",
        "expect",
        "output",
    ):
        assert re.search(rf"^## \[{section}\]", text, flags=re.MULTILINE), section


def test_the_table_of_methods_has_every_method(conf):
    text = conf.method_table()
    parts = dict(
        zip(
            re.findall(r"^Methods of `\[(\w+)\]`:$", text, re.MULTILINE),
            re.split("Methods of.*", text)[1:],
            strict=True,
        )
    )
    for task, part in parts.items():
        names = [method.name for method in METHODS if method.task == task]
        assert re.findall(r"^\| `(\w+)`", part, re.MULTILINE) == names
        assert re.findall(r"^- `(\w+)`: ", part, re.MULTILINE) == names
    assert set(parts) == {method.task for method in METHODS}


def test_generated_parts_are_filled_in(conf):
    used = set()
    for page in PAGES:
        source = [page.read_text(encoding="utf-8")]
        used |= set(re.findall(r"<!-- generated: (.+?) -->", source[0]))
        conf.fill_in(None, page.stem, source)
        assert "<!-- generated: " not in source[0]
    assert used == set(conf.GENERATED)


def test_every_page_is_in_the_contents():
    listed = re.findall(r"^(\w+)$", (DOCS / "index.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(listed) == [page.stem for page in PAGES if page.stem != "index"]


def slugs(text):
    """Anchors of the headings of a page."""
    heads = re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), flags=re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", [README, *PAGES], ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in slugs(target.read_text(encoding="utf-8")), link


@pytest.mark.slow
def test_the_site_builds_without_warnings(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", str(DOCS), str(tmp_path / "html")]
    build = subprocess.run(command, capture_output=True, text=True, check=False)
    assert build.returncode == 0, build.stderr
    assert "total_variation" in (tmp_path / "html" / "cases.html").read_text(encoding="utf-8")
