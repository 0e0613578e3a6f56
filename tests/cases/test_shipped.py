"""The shipped cases, the schema as data, and the reference that is generated from it."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from fpsolve.cases.build import build_initial, build_model
from fpsolve.cases.catalogue import shipped_case, shipped_names, shipped_titles
from fpsolve.cases.fields import dotted_keys, field_names, section_tables
from fpsolve.cases.load import case_from_tables, load_case
from fpsolve.cases.reference import reference
from fpsolve.cases.schema import json_schema
from fpsolve.errors import CaseError


@pytest.mark.parametrize("name", shipped_names())
class TestEveryShippedCase:
    def test_loads_and_builds(self, name):
        case = load_case(shipped_case(name))
        # Physics that a user should know of is told; anything else would be a fault of the case.
        assert all("not exactly a gas" in warning for warning in case.warnings)
        assert case.tasks
        model = build_model(case)
        assert model.n >= 1
        assert (build_initial(case, model) is None) == (case.initial is None)

    def test_resolved_is_json_and_the_same_case(self, name):
        case = load_case(shipped_case(name))
        resolved = json.loads(json.dumps(case.resolved()))
        assert resolved == case.resolved()
        again = case_from_tables(resolved, path=case.path)
        for section in ("model", "initial", "grid", "evolve", "spectrum", "stationary", "sgd", "validate", "expect"):
            assert getattr(again, section) == getattr(case, section), section

    def test_every_key_that_is_written_is_kept(self, name):
        def written(tables, path=()):
            for key, value in tables.items():
                yield (*path, key)
                if isinstance(value, dict) and path[:1] != ("expect",):
                    yield from written(value, (*path, key))

        case = load_case(shipped_case(name))
        kept = set(written(case.resolved()))
        assert set(written(tomllib.loads(case.text))) <= kept

    def test_states_title_and_sourced_expectations(self, name):
        case = load_case(shipped_case(name))
        assert case.title != case.name
        assert case.expect
        assert all(entry.source for entry in case.expect.values())
        assert case.text.startswith("# ")


def test_the_wanted_cases_are_shipped():
    assert {"rbm_one_level", "rbm_bound_states", "bistable", "ornstein_uhlenbeck", "laguerre_one_level",
            "first_passage", "ring", "learning_rate_schedule", "power_law_tail"} <= set(shipped_names())  # fmt: skip
    assert set(shipped_titles()) == set(shipped_names())


def test_the_flagship_asks_for_everything():
    case = load_case(shipped_case("rbm_one_level.toml"))
    assert case.tasks == ("evolve", "spectrum", "stationary", "sgd", "validate")
    assert (case.model.kappa, case.model.mu2, case.sgd.hidden) == ((1.0,), 2.0, 1)
    assert case.sgd.replicas >= 20000
    assert len(case.sgd.record_at) == 3
    assert set(case.validate.against) == {"stationary", "evolve"}
    assert case.validate.fail_if


def test_unknown_shipped_case():
    with pytest.raises(CaseError, match=r'no case "bistabel" comes with fpsolve; did you mean "bistable"\?'):
        shipped_case("bistabel")
    with pytest.raises(CaseError, match="there are: bistable, "):
        shipped_case("q")


class TestSchema:
    def test_every_key_says_what_it_means(self):
        for path, section in section_tables():
            assert section.__doc__, path
            for key, field in zip(field_names(section), section.model_fields.values(), strict=True):
                assert field.description, (path, key)
                assert field.description.endswith((".", "…")), (path, key)

    def test_json_schema(self):
        schema = json.loads(json.dumps(json_schema()))
        assert schema["required"] == ["schema"]
        assert schema["additionalProperties"] is False
        assert {"schema", "model", "initial", "grid", "evolve", "spectrum", "stationary", "sgd", "validate", "sweep",
                "expect", "output", "title", "seed"} == set(schema["properties"])  # fmt: skip
        assert schema["$defs"]["Rbm"]["properties"]["mu2"]["exclusiveMinimum"] == 0
        references = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)))
        assert references <= set(schema["$defs"])

    def test_dotted_keys(self):
        assert {"sgd.learning_rate", "model.noise.g2", "seed"} <= set(dotted_keys())
        assert not {"sgd.kapa", "model.noise.g2.x", "noise.g2"} & set(dotted_keys())

    def test_reference_has_a_row_for_every_key(self):
        text = reference()
        for path, section in section_tables():
            block = text
            if path:
                block = next(
                    part
                    for part in re.split(r"\n(?=##)", text)
                    if ".".join(path) in part and section.__doc__[:30] in part
                )
            for key in field_names(section):
                assert f"| `{key}` |" in block or f"| `[{key}]` |" in block, (path, key)
        assert all(row.count("|") - row.count("\\|") == 5 for row in text.split("\n") if row.startswith("| `"))

    def test_reference_states_defaults_and_limits(self):
        text = reference()
        assert "| `rtol` | number ≥ 1e-12, ≤ 0.1 | derived |" in text
        assert "| `replicas` | whole number ≥ 1 | 256 |" in text
        assert '| `formats` | list of "png", "pdf", "svg" | ["png"] |' in text
