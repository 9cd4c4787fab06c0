#!/usr/bin/env python3
"""Validates the file of `--json FILE` against its published schema, with PyPI's jsonschema.

    read_json.py FILE SCHEMA

Prints the same summary as read_csv.py, as far as the document has it, for the caller to compare.
"""
import json
import sys

import jsonschema


def main(file, schema):
    with open(schema, encoding="utf-8") as text:
        schema = json.load(text)
    with open(file, encoding="utf-8") as text:
        document = json.load(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    mistakes = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]
    assert not mistakes, "\n".join(mistakes)
    counts = ("requests", "failed")
    totals = {member: document["totals"][member] for member in counts}
    series = {member: sum(point[member] for point in document["series"]) for member in counts}
    assert series == totals, (series, totals)
    failures = {}
    for failure in document["failures"]:
        text = failure["text"] or f"{failure['kind']} (other)"
        failures[text] = failures.get(text, 0) + failure["count"]
    assert sum(failures.values()) == totals["failed"], failures
    summary = {
        **totals,
        "labels": [{member: label[member] for member in ("type", "name", *counts)} for label in document["labels"]],
        "failures": failures,
        "errors": sum(error["count"] for error in document["errors"]),
        "seconds": len(document["series"]),
        "verdict": document["verdict"]["name"],
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
