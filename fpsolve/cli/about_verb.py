"""``fpsolve about``."""

from __future__ import annotations

import click

from fpsolve.cli.options import json_option

__all__ = ["command"]

BIBTEX = """\
@article{Aarts2025dyson,
  author  = {Aarts, Gert and Lucini, Biagio and Park, Chanju},
  title   = {Stochastic weight matrix dynamics during learning and {D}yson {B}rownian motion},
  journal = {Phys. Rev. E}, volume = {111}, pages = {015303}, year = {2025},
  eprint  = {2407.16427}, archivePrefix = {arXiv}
}

@article{Aarts2024scalar,
  author  = {Aarts, Gert and Lucini, Biagio and Park, Chanju},
  title   = {Scalar field restricted {B}oltzmann machine as an ultraviolet regulator},
  journal = {Phys. Rev. D}, volume = {109}, pages = {034521}, year = {2024},
  eprint  = {2309.15002}, archivePrefix = {arXiv}
}

@inproceedings{Park2024random,
  author    = {Park, Chanju and Favoni, Matteo and Lucini, Biagio and Aarts, Gert},
  title     = {Random Matrix Theory for Stochastic Gradient Descent},
  booktitle = {PoS LATTICE2024}, pages = {031}, year = {2024}, doi = {10.22323/1.466.0031},
  eprint    = {2412.20496}, archivePrefix = {arXiv}
}"""


@click.command(name="about")
@json_option
@click.option("--bibtex", is_flag=True, help="Print BibTeX entries of the papers whose equations are solved.")
def command(*, as_json: bool, bibtex: bool) -> int:
    """Versions for bug reports; papers to cite.

    \b
    Example:
      fpsolve about --json
    """
    if bibtex:
        click.echo(BIBTEX)
        return 0
    import platform

    from fpsolve.run.provenance import versions

    facts = {**versions(), "platform": platform.platform()}
    if as_json:
        import json

        click.echo(json.dumps(facts, indent=2))
        return 0
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        click.echo(f"{name:<{width}}  {value}")
    return 0
