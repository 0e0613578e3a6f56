"""Sections of the report: what was solved, what came out, how to repeat it."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from html import escape

import numpy as np

from fpsolve.plots.alignment import has_alignment
from fpsolve.plots.levels import levels_of
from fpsolve.report.alignment import alignment_section
from fpsolve.report.evolution import evolution_section
from fpsolve.report.levels import IN_ONE_TABLE, group_paragraph, moment_tables, pair_table
from fpsolve.report.page import block, fold, number, paragraph, pretty_json, section, table
from fpsolve.results import Result, Sample, Spectrum, Stationary

__all__ = ["problem_section", "reproduce_section", "results_sections"]

_ASKED = ("model", "initial")  # sections of the case that say what the problem is; the others say how it was solved
_ELSEWHERE = ("expect", "output")  # sections that the report shows in other places, or that change no number
_ABOUT = {
    "rbm": "One or more levels of a Gaussian restricted Boltzmann machine trained by persistent contrastive divergence.",
    "dyson": "Levels of a matrix that moves under its own drift and Gaussian noise (Dyson Brownian motion).",
    "laguerre": "Levels of a weight matrix with weight decay and noise on every entry (Laguerre ensemble).",
    "geometric": "Levels with multiplicative noise, whose stationary law has a power-law tail.",
    "jacobi": "Levels confined between 0 and 1 (Jacobi ensemble).",
    "potential": "Levels in a potential given as a formula.",
    "teacher_student": "Levels of a linear student that learns a teacher through a fixed second layer.",
}


def problem_section(result: Result) -> str:
    """Say what was solved: the equation in words and every parameter with its value."""
    intro = _ABOUT.get(result.kind, "Levels under drift and noise.")
    sections = _sections(result.resolved)
    settings = list(_parameters(sections, tuple(name for name in sections if name not in {*_ASKED, *_ELSEWHERE})))
    head = ("section", "parameter", "value")
    return section(
        "What was solved",
        paragraph(
            f"{intro} A level x is an eigenvalue of WᵀW, the square of a singular value of the weight matrix W; levels "
            "are counted from 0 upwards. Stochastic gradient descent moves them like particles with drift and noise, "
            "and the law P(x, t) of their positions obeys a Fokker–Planck equation. For one level it reads"
        ),
        "<pre>∂P/∂t = ∂/∂x [ D(x) ( ∂P/∂x + Φ′(x) P ) ]</pre>",
        paragraph(
            "with the diffusion D that the noise of the mini-batches gives, and the stationary law proportional to "
            "exp(−Φ). Several levels also repel each other: their stationary law has a factor |xᵢ − xⱼ|^β for every "
            "pair. Times are Fokker–Planck time, the clock of this equation."
        ),
        table(head, _parameters(sections, _ASKED), words=True) if sections else "",
        group_paragraph(levels_of(result)),
        fold("Settings of the computation", table(head, settings, words=True)) if settings else "",
    )


def results_sections(result: Result) -> str:
    """Tables of everything that was computed."""
    parts = []
    if result.evolution is not None:
        parts.append(evolution_section(result))
    if result.spectrum is not None:
        parts.append(_spectrum_section(result.spectrum))
    if result.stationary is not None:
        parts.append(_stationary_section(result, result.stationary))
    if result.sample is not None:
        parts.append(_sample_section(result.sample))
        if has_alignment(result):
            parts.append(alignment_section(result, result.sample))
    return "\n".join(parts)


def reproduce_section(result: Result) -> str:
    """Give the case, the command and the versions that make the result again."""
    made = result.provenance
    options = [part for text in result.overrides for part in ("--set", text)]
    # The seed may have been drawn: then only the result knows it.
    if made.seed is not None and not any(text.split("=")[0].strip() == "seed" for text in result.overrides):
        options += ["--seed", str(made.seed)]
    again = shlex.join(["fpsolve", "run", "case.toml", *options])
    download = base64.b64encode(result.case_text.encode()).decode("ascii")
    steps = (
        f'<p>Save the <a download="case.toml" href="data:text/plain;charset=utf-8;base64,{download}">case file</a> '
        f"as case.toml and run</p><pre>{escape(again)}</pre>"
        if result.case_text
        else paragraph("The result was computed from Python, without a case file.")
    )
    rows = [
        ("made at", made.created_at),
        ("command", made.command),
        ("seed", made.seed),
        ("versions", ", ".join(f"{name} {version}" for name, version in made.versions.items())),
        ("platform", made.platform),
        ("git commit", made.git or None),
    ]
    return section(
        "How to reproduce it",
        steps,
        table((), rows, words=True),
        block(result.case_text, title="The case file as it was read", opened=True) if result.case_text else "",
        block(pretty_json(result.resolved), title="The case with every default filled in (JSON)", opened=False),
    )


def _sections(resolved: str) -> dict[str, dict[str, object]]:
    """Read the sections of the resolved case; none if it cannot be read."""
    try:
        case = json.loads(resolved)
    except ValueError:
        case = None
    return {key: value for key, value in case.items() if isinstance(value, dict)} if isinstance(case, dict) else {}


def _parameters(sections: Mapping[str, Mapping[str, object]], names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (section, key, value) of the named sections, the name of each only once."""
    for name in names:
        given = {key: value for key, value in sections.get(name, {}).items() if value is not None}
        for index, (key, value) in enumerate(given.items()):
            yield f"[{name}]" if index == 0 else "", key, number(value)


def _spectrum_section(spectrum: Spectrum) -> str:
    states = zip(spectrum.energies, spectrum.rates, spectrum.residuals, strict=True)
    rows = [
        (
            index,
            number(float(energy), digits=13),
            number(float(rate), digits=13),
            float(1.0 / rate) if rate > 0.0 and index > 0 else None,
            number(float(residual), digits=2),
        )
        for index, (energy, rate, residual) in enumerate(states)
    ]
    size = float(spectrum.energies[0])
    checks = (
        f"Two checks: E₀ must be 0 and is {number(size, digits=2)}; ψ₀ must be √Pₛ (Pₛ: stationary law) and differs "
        f"from it by {number(spectrum.ground_state_error, digits=2)} (L2 norm)."
    )
    kramers = ""
    if spectrum.kramers is not None and spectrum.kramers.size:
        kramers = paragraph(
            "Kramers estimates of the escape energies (half the escape rates), which hold for high barriers: "
            f"{number(spectrum.kramers, digits=5)}."
        )
    if spectrum.method == "one_step":
        intro = (
            "Training is a chain of updates. The eigenvalues λₙ of its transition operator, with nothing expanded in the "
            "learning rate α, give rates −ln λₙ/(2α) in the place of 2Eₙ of the Fokker–Planck equation; a disturbance "
            "decays at them. Residuals are differences between three operators of different size. Method one_step, "
            f"{spectrum.unknowns} unknowns, {number(spectrum.seconds, digits=3)} s."
        )
        head = ("n", "energy Eₙ [1/time]", "rate 2Eₙ [1/time]", "decay time 1/(2Eₙ)", "residual")
        return section("Relaxation of the chain of updates", paragraph(intro), table(head, rows))
    return section(
        "Bound states",
        paragraph(
            "With P = √Pₛ ψ the Fokker–Planck equation becomes ∂ψ/∂t = −2Hψ. A disturbance with the shape of ψₙ "
            f"decays at the rate 2Eₙ. Method {spectrum.method}, {spectrum.unknowns} unknowns, "
            f"{number(spectrum.seconds, digits=3)} s."
        ),
        table(("n", "energy Eₙ [1/time]", "rate 2Eₙ [1/time]", "decay time 1/(2Eₙ)", "residual"), rows),
        paragraph(checks),
        kramers,
    )


def _stationary_section(result: Result, stationary: Stationary) -> str:
    pairs = zip(stationary.mean, stationary.std, strict=True)
    rows = [
        (index, number(float(mean), digits=10), number(float(std), digits=10))
        for index, (mean, std) in enumerate(pairs)
    ]
    known = np.isfinite(stationary.log_partition_function)
    z = f"; ln Z = {number(stationary.log_partition_function, digits=12)}" if known else ""
    error = stationary.error_estimate
    refined = f"; a refinement changes it by {number(error, digits=2)}" if np.isfinite(error) else ""
    neighbours = "" if stationary.pairs is None else pair_table(stationary.pairs, levels_of(result))
    return section(
        "Stationary law",
        paragraph(f"Method {stationary.method}, {number(stationary.seconds, digits=3)} s{z}{refined}."),
        table(("level", "mean", "standard deviation"), rows),
        neighbours,
    )


def _sample_section(sample: Sample) -> str:
    replicas, records, levels = sample.levels.shape
    mean, std = sample.levels.mean(axis=0), sample.levels.std(axis=0)
    independent = "not independent of each other" if sample.correlated else "independent of each other"
    seed = "" if sample.seed is None else f"; seed {sample.seed}"
    timed = f"; {number(sample.seconds, digits=3)} s" if sample.seconds else ""
    intro = paragraph(f"{sample.label}: {replicas} replicas, {independent}{timed}{seed}.")
    if levels > IN_ONE_TABLE:
        labels = [
            f"{step} (t = {number(float(time), digits=4)})" if np.isfinite(time) else str(step)
            for step, time in zip(sample.steps, sample.times, strict=True)
        ]
        moments = [list(zip(labels, values, strict=True)) for values in (mean, std)]
        return section("Training", intro, moment_tables("updates", *moments, targets=None, stationary=None))
    rows = [
        (
            int(sample.steps[record]),
            float(sample.times[record]),
            *(value for level in range(levels) for value in (float(mean[record, level]), float(std[record, level]))),
        )
        for record in range(records)
    ]
    head = ["updates", "t"]
    for level in range(levels):
        head += [f"mean {level}", f"std {level}"] if levels > 1 else ["mean", "standard deviation"]
    return section("Training", intro, table(head, rows))
