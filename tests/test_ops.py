"""The files that operators load into Prometheus and Grafana."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Metric

from bot.web.metrics import Standing
from tests.process import ROOT

RULES = ROOT / "ops" / "prometheus-rules.yml"
DASHBOARD = ROOT / "ops" / "grafana-dashboard.json"
CASES = ROOT / "tests" / "data" / "prometheus-rules-tests.yml"

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")


def names(metric: Metric) -> Iterator[str]:
    """All names under which a metric's samples may come, whether one has come yet or not."""
    endings = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}
    yield from (metric.name + ending for ending in endings.get(metric.type, [""]))


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def queries_of_dashboard() -> list[str]:
    return [target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]]


def test_every_metric_that_they_name_exists_with_its_labels_values() -> None:
    shown = list(Standing(due=0, oldest_seconds=0, feeds=1, neglected=0).collect())
    known = {name for metric in shown for name in names(metric)} | {"up"}
    said = {
        (label, value) for metric in shown for sample in metric.samples for label, value in sample.labels.items()
    } | {("job", "tagalong")}
    found = set()
    for expression in [*(rule["expr"] for rule in rules()), *queries_of_dashboard()]:
        bare = re.sub(r"\{[^}]*\}", "", expression)
        used = set(re.findall(r"\b(?:tagalong|process)_\w+|\bup\b", bare))
        assert used, expression
        assert used <= known, expression
        assert set(re.findall(r'(\w+)="([^"]*)"', expression)) <= said, expression
        assert expression.count("(") == expression.count(")")
        found |= used
    ours = {name for metric in shown for name in names(metric) if name.startswith("tagalong_")}
    left_out = {"tagalong_alert_delay_seconds_count", "tagalong_alert_delay_seconds_sum", "tagalong_build_info"}
    assert ours - found <= left_out | {"tagalong_feeds", "tagalong_build"}


def test_every_alert_says_what_to_do() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules()) > 5
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"].keys() == {"summary", "what_to_do"}


def test_no_panel_lies_over_another() -> None:
    places = [
        (x, y)
        for panel in json.loads(DASHBOARD.read_text())["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(places) == len(set(places))
    assert max(x for x, _ in places) < 24


@needs_promtool
def test_each_alert_fires_when_it_should_and_none_when_all_is_well(tmp_path: Path) -> None:
    cases = tmp_path / "cases.yml"
    cases.write_text(f"rule_files: ['{RULES}']\n{CASES.read_text()}")
    for rule in rules():
        assert rule["alert"] in CASES.read_text()
    promtool("test", "rules", str(cases))


@needs_promtool
def test_promtool_takes_the_rules_and_what_the_dashboard_asks(tmp_path: Path) -> None:
    asked = tmp_path / "asked.yml"
    queries = [query.replace("$__rate_interval", "5m") for query in queries_of_dashboard()]
    recorded = [{"record": f"asked:{number}", "expr": query} for number, query in enumerate(queries)]
    asked.write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": recorded}]}))
    promtool("check", "rules", str(RULES), str(asked))


def promtool(*arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
