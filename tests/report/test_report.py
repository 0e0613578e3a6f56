from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from typing import get_args

import numpy as np
import pytest

from fpsolve.cases.schema_sgd import StatisticName
from fpsolve.errors import StorageError
from fpsolve.plots import figures_of
from fpsolve.report import html_page, write_folder, write_report
from fpsolve.report.page import number
from fpsolve.report.verdict import MEANINGS
from fpsolve.results import Report, Statistic

VOID = {"meta", "br", "img"}


class Page(HTMLParser):
    """Checks that elements nest, and gathers text, attributes and tables."""

    def __init__(self, text):
        super().__init__()
        self.open, self.text, self.attributes, self.tags = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="module")
def rbm(examples):
    return examples.rbm_result(replicas=300, cells=60)


@pytest.fixture(scope="module")
def page(rbm):
    return Page(html_page(rbm, figures_of(rbm)))


def test_it_loads_nothing_from_anywhere(page):
    for tag, name, value in page.attributes:
        if name in {"src", "href"}:
            assert value.startswith("data:"), (tag, name, value[:60])
    assert not {"script", "link", "iframe", "object", "form"} & set(page.tags)
    policy = next(value for _, name, value in page.attributes if name == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none'")
    styles = [text for text in page.text if "--ink" in text]
    assert len(styles) == 1
    assert "url(" not in styles[0]
    assert "@import" not in styles[0]


def test_a_stranger_finds_everything(page):
    words = page.words
    for expected in (
        "One RBM level <κ = 1>",
        "Passed No threshold was reached (ks = 0.013, allowed below 0.05; ks: p = 0.3, allowed above 0.001)",
        "and the expected value was met",
        "[model] kind rbm mu2 2 kappa 1 noise kind = constant; g2 = 0.01",
        "ks largest distance of the two distribution functions (Kolmogorov–Smirnov)",
        "[initial] kind gaussian mean 0.2 std 0.05",
        "Settings of the computation section parameter value [evolve] method scharfetter_gummel times 1, 4, 400",
        "Evolution Method scharfetter_gummel, 60 unknowns, 41 time steps",
        "3.2e−05 of the starting law lay outside",
        "Bound states",
        "E₀ must be 0",
        "differs from it by 2.5e−13",
        "Stationary law Method exact",
        "rbm: 300 replicas, independent of each other; 12.5 s; seed 1237940039285380274899124231",
        "fpsolve run case.toml --set grid.cells=400 --seed 20240723",
        "fpsolve 0.1.0, python 3.11.9, numpy 2.4.6",
        "Linux x86_64",
        "0123abc",
        'kappa = [1.0] noise = { kind = "constant", g2 = 0.01 }',
        "Chebyshev collocation, n=180",
    ):
        assert expected in words, expected


def test_numbers_are_those_of_the_result(page, rbm):
    words = page.words
    for energy in rbm.spectrum.energies[1:]:
        assert f"{energy:.13g}" in words
        assert f"{2 * energy:.13g}" in words
    for mean, std in zip(rbm.evolution.mean[:, 0], rbm.evolution.std[:, 0], strict=True):
        assert f"{mean:.6g} {std:.6g}" in words
    for entry in rbm.report.statistics[0].details:
        assert f"{entry['value']:.6g} {entry['p_value']:.6g}" in words


def test_figures_are_inside_with_captions(page, rbm):
    images = [value for tag, name, value in page.attributes if (tag, name) == ("img", "src")]
    assert len(images) == len(figures_of(rbm)) == 3
    assert all(image.startswith("data:image/png;base64,") for image in images)
    texts = [value for tag, name, value in page.attributes if (tag, name) == ("img", "alt")]
    assert all(len(text) > 40 for text in texts)


def test_nothing_a_user_writes_becomes_markup(examples):
    evil = '</title><script>alert("1")</script>&amp;"\'>'
    provenance = dataclasses.replace(
        examples.provenance(), command=evil, platform=evil, git=evil, versions={evil: evil}
    )
    statistic = Statistic(evil, 0.1, 0.05, None, 3.0, ({evil: evil, "levels": [evil]},), False)
    result = dataclasses.replace(
        examples.bare_result(),
        title=evil,
        kind=evil,
        provenance=provenance,
        case_text=evil,
        resolved='{"model": {"' + "</td><script>" + '": "<script>"}}',
        overrides=(evil,),
        report=Report((statistic,)),
        expectations=({"key": evil, "value": evil, "found": {evil: [evil]}, "source": evil, "passed": False},),
    )
    text = html_page(result, {})
    assert "<script" not in text
    assert Page(text).words.count(evil) > 8


@pytest.mark.parametrize("resolved", ["", "not json", "[]", '{"model": 3}', "null"])
def test_any_resolved_case_is_shown(examples, resolved):
    Page(html_page(dataclasses.replace(examples.bare_result(), resolved=resolved), {}))


def verdict(examples, *statistics, expectations=()):
    report = Report(tuple(statistics)) if statistics else None
    text = html_page(dataclasses.replace(examples.bare_result(), report=report, expectations=expectations), {})
    return re.search(r'<div class="verdict ?(\w*)"><strong>(.*?)</strong><br>(.*?)</div>', text).groups()


def test_verdicts(examples):
    kept = Statistic("ks", 0.01, 0.05, 0.4, 10.0, ())
    failed = Statistic("wasserstein", 0.06, 0.05, None, 10.0, (), False)
    unlikely = Statistic("ks", 0.01, None, 1e-5, 10.0, (), False, p_threshold=1e-3)
    only = Statistic("moments", 0.01, None, None, 10.0, ())
    wrong = {"key": "spectrum.energies", "value": 1, "found": 2, "passed": False}
    assert verdict(examples) == ("", "No verdict", "The case sets no threshold and expects no value.")
    assert verdict(examples, only)[1] == "No verdict"
    assert verdict(examples, kept, only)[:2] == ("passed", "Passed")
    assert verdict(examples, kept, failed) == ("rejected", "Rejected", "wasserstein = 0.06, allowed below 0.05.")
    assert verdict(examples, unlikely)[2] == "ks: p = 1e−05, allowed above 0.001."
    assert verdict(examples, kept, expectations=(wrong,))[2] == "spectrum.energies is not as expected."
    right = {**wrong, "passed": True}
    assert verdict(examples, expectations=(right, right))[2] == "All 2 expected values were met."


@pytest.mark.parametrize("name", ["pair_result", "absorbing_result", "bistable_result", "bare_result"])
def test_every_kind_of_result_has_a_report(examples, name):
    result = getattr(examples, name)()
    words = Page(html_page(result, {})).words
    assert "How to reproduce it" in words
    assert ("Kramers" in words) == (name == "bistable_result")
    assert ("still inside" in words) == (name == "absorbing_result")
    assert ("mean 1" in words) == (name == "pair_result")


def test_a_seed_given_by_hand_is_not_given_twice(examples):
    result = dataclasses.replace(examples.bare_result(), provenance=examples.provenance(), case_text="schema = 1")
    assert "fpsolve run case.toml --seed 20240723" in html_page(result, {})
    again = html_page(dataclasses.replace(result, overrides=("seed=20240723",)), {})
    assert "fpsolve run case.toml --set seed=20240723</pre>" in again


def test_the_folder_of_a_run(examples, tmp_path):
    result = examples.oscillator_result()
    report = write_folder(result, tmp_path / "case", formats=("png",))
    assert report == tmp_path / "case" / "report.html"
    assert sorted(item.name for item in report.parent.iterdir()) == ["report.html", "spectrum.png"]
    write_folder(result, tmp_path / "case", formats=("pdf",))
    assert report.read_text().startswith("<!DOCTYPE html>")


def test_a_report_that_cannot_be_written(examples, tmp_path):
    with pytest.raises(StorageError, match="could not be written"):
        write_report(examples.bare_result(), {}, tmp_path / "gone" / "report.html")
    (tmp_path / "old.html").write_text("old")
    write_report(examples.bare_result(), {}, tmp_path / "old.html")
    assert "fpsolve" in (tmp_path / "old.html").read_text()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (np.float64(-1e-9), "−1e−09"),
        (np.int64(3), "3"),
        (True, "yes"),
        (np.array([1.0, 2.5]), "1, 2.5"),
        ({"kind": "x", "g2": [0.1, None]}, "kind = x; g2 = 0.1, –"),
        ("text", "text"),
    ],
)
def test_numbers_for_readers(value, text):
    assert number(value) == text


@pytest.fixture(scope="module")
def four(several):
    evolution = dataclasses.replace(several.evolution(), grid_error=np.full(8, 0.0125))
    return several.four_levels(evolution=evolution, sample=several.sample(evolution))


def tables_of(text):
    """Rows of every table, cells as text."""
    found = []
    for body in re.findall(r"<table.*?</table>", text, re.DOTALL):
        rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
        found.append([re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows])
    return found


def test_moments_of_many_levels_have_tables_of_their_own(four):
    text = html_page(four, {})
    means, stds = (table for table in tables_of(text) if table[0][:2] == ["t", "level 0"])
    assert means[0] == ["t", "level 0", "level 1", "level 2", "level 3"]
    assert means[1] == ["target", "1", "2", "2", "3"]
    assert means[-1] == ["stationary", *(f"{value:.4g}" for value in four.stationary.mean)]
    for rows, moments in ((means[2:-1], four.evolution.mean), (stds[1:-1], four.evolution.std)):
        assert [row[0] for row in rows] == [f"{time:.4g}" for time in four.evolution.times]
        assert [row[1:] for row in rows] == [[f"{value:.4g}" for value in row] for row in moments]
    trained = [table for table in tables_of(text) if table[0][0] == "updates"]
    assert len(trained) == 2
    assert trained[0][1] == ["50 (t = 1)", *(f"{x:.4g}" for x in four.sample.levels[:, 0].mean(axis=0))]


def test_several_levels_are_explained_to_a_stranger(four, examples, several):
    words = Page(html_page(four, {})).words
    for expected in (
        "Levels, those with equal parameters together: 0 (κ = 3) at x = 1; 1, 2 (κ = 2) at x = 2; 3 (κ = 1) at x = 3.",
        "Method log_gas, 800 unknowns, 77 time steps",
        "the width of the cells changes a density by up to about 0.013 (L1)",
        "What to expect of the method log_gas: N one-dimensional densities",
        "a refinement changes it by 1e−13",
        "1, 2 equal 0.24 0.4",
    ):
        assert expected in words, expected
    noisy = Page(html_page(several.four_levels(evolution=several.evolution(noisy=True)), {})).words
    assert "Method particles, 4000 trajectories of about 77 steps" in noisy
    assert "The standard error of a mean is at most 1.6 % of the standard deviation of its level." in noisy
    alone = Page(html_page(examples.rbm_result(replicas=50, cells=40), {})).words
    assert "What to expect" not in alone
    assert "Levels, those with" not in alone


def test_a_negative_density_is_not_called_impossible(four):
    evolution = dataclasses.replace(four.evolution, minimum=np.full(8, -3e-9))
    words = Page(html_page(dataclasses.replace(four, evolution=evolution), {})).words
    assert "the density is negative by up to 3e−09, an error of the scheme" in words
    assert "both follow from the scheme" not in words


def test_captions_of_several_levels(several, four):
    figures = figures_of(several.four_levels())
    page = Page(html_page(several.four_levels(), {"band": figures["band"]}))
    assert "Dotted: targets." in page.words
    assert "trained levels" not in page.words
    page = Page(html_page(four, {"band": figures["band"]}))
    assert "Points and dashes: the same quantiles of trained levels." in page.words


def test_alignment_has_a_section(several, four):
    sample = several.sample(four.evolution)
    shape = sample.levels.shape
    alignment = np.broadcast_to(np.linspace(0.25, 0.75, shape[1])[:, None], shape)
    text = html_page(dataclasses.replace(four, sample=dataclasses.replace(sample, alignment=alignment)), {})
    assert "<h2>Alignment of the eigenvectors</h2>" in text
    part = text.partition("Alignment of the eigenvectors")[2].partition("</section>")[0]
    for value in ("0.25", "0.75", "levels 1, 2", "random"):
        assert value in part, value
    assert "Alignment" not in html_page(dataclasses.replace(four, sample=sample), {})


def test_a_chain_of_updates_is_not_called_bound(rbm):
    spectrum = dataclasses.replace(rbm.spectrum, method="one_step", ground_state_error=float("nan"))
    text = html_page(dataclasses.replace(rbm, spectrum=spectrum), {})
    assert "<h2>Relaxation of the chain of updates</h2>" in text
    assert "<h2>Bound states</h2>" not in text


def test_every_statistic_of_a_case_is_explained():
    assert set(MEANINGS) == set(get_args(StatisticName))
