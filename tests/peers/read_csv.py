#!/usr/bin/env python3
"""Reads the four files of `--csv PREFIX` as a consumer of Locust's files does, with Python's own csv module.

    read_csv.py PREFIX

Asserts what holds for Locust's files as well (they pass too: `locust --csv PREFIX`): the columns, their order,
rows that add up. Prints a summary as one JSON object, for the caller to compare with what it knows.
"""
import csv
import io
import json
import sys
from datetime import datetime

PERCENTILES = ["50%", "66%", "75%", "80%", "90%", "95%", "98%", "99%", "99.9%", "99.99%", "100%"]
# As Locust 2.46 names and orders them (locust/stats.py).
COLUMNS = {
    "stats": [
        "Type", "Name", "Request Count", "Failure Count", "Median Response Time", "Average Response Time",
        "Min Response Time", "Max Response Time", "Average Content Size", "Requests/s", "Failures/s", *PERCENTILES,
    ],
    "stats_history": [
        "Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s", *PERCENTILES, "Total Request Count",
        "Total Failure Count", "Total Median Response Time", "Total Average Response Time",
        "Total Min Response Time", "Total Max Response Time", "Total Average Content Size",
    ],
    "failures": ["Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"],
    "exceptions": ["Count", "Message", "Traceback", "Nodes"],
}


def read(prefix, which):
    with open(f"{prefix}_{which}.csv", encoding="utf-8", newline="") as file:
        text = file.read()
    assert text.endswith("\r\n"), f"{which}: lines end in CR LF"
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert header == COLUMNS[which], f"{which}: {header}"
    assert all(len(row) == len(header) for row in rows), f"{which}: a row has other columns"
    return [dict(zip(header, row)) for row in rows]


def check_percentiles(row, requests):
    cells = [row[column] for column in PERCENTILES]
    if requests == 0:
        assert cells == ["N/A"] * len(cells), row
    elif cells != ["N/A"] * len(cells):
        times = [float(cell) for cell in cells]
        assert times == sorted(times) and times[0] >= 0, row


def check_totals(row, before=""):
    """The figures that two of the files share."""
    low, median, mean, high = (
        float(row[f"{before}{which} Response Time"]) for which in ("Min", "Median", "Average", "Max")
    )
    # A mean of equal times may be off in its last place.
    assert low <= median <= high and low - 1e-9 <= mean <= high + 1e-9, row
    assert float(row[f"{before}Average Content Size"]) >= 0, row
    requests, failed = (int(row[f"{before}{which} Count"]) for which in ("Request", "Failure"))
    assert 0 <= failed <= requests, row
    return requests, failed


def check_sum(rows, counts):
    """`Aggregated` is last, has no type, and is the sum of the rows before it."""
    *labels, aggregated = rows
    assert (aggregated["Type"], aggregated["Name"]) == ("", "Aggregated"), aggregated
    assert labels == sorted(labels, key=lambda row: (row["Name"], row["Type"])), "by name, then by type"
    *parts, whole = counts
    if parts:
        assert [sum(column) for column in zip(*parts)] == list(whole), aggregated


def check_stats(rows):
    counts = [check_totals(row) for row in rows]
    check_sum(rows, counts)
    for row, (requests, failed) in zip(rows, counts):
        check_percentiles(row, requests)
        per_second, failures_per_second = float(row["Requests/s"]), float(row["Failures/s"])
        assert abs(per_second * failed - failures_per_second * requests) <= 1e-6 * max(1, per_second * failed), row
    return {(row["Type"], row["Name"]): count for row, count in zip(rows, counts)}


def check_history(rows):
    """Answers the counts of each `Aggregated` row, and whether there are rows of labels."""
    group, seconds, now = [], [], 0
    for row in rows:
        assert int(row["Timestamp"]) >= now and int(row["User Count"]) >= 0, row
        now = int(row["Timestamp"])
        assert all(float(row[rate]) >= 0 for rate in ("Requests/s", "Failures/s")), row
        group.append(row)
        if (row["Type"], row["Name"]) == ("", "Aggregated"):
            counts = [check_totals(row, "Total ") for row in group]
            for row, (requests, _) in zip(group, counts):
                check_percentiles(row, requests)
            check_sum(group, counts)
            assert all(now >= then for now, then in zip(counts[-1], seconds[-1] if seconds else (0, 0))), row
            seconds.append(counts[-1])
            group = []
    assert not group, "the last row of each second is Aggregated"
    return seconds, len(rows) > len(seconds)


def check_failures(rows, stats):
    counted = dict.fromkeys(stats, 0)
    for row in rows:
        first, last = (datetime.strptime(row[f"{which} Seen"], "%Y-%m-%dT%H:%M:%SZ") for which in ("First", "Last"))
        assert first <= last and int(row["Occurrences"]) > 0 and row["Error"], row
        counted[row["Method"], row["Name"]] += int(row["Occurrences"])
    expected = {label: failed for label, (_, failed) in stats.items() if label != ("", "Aggregated")}
    counted.pop(("", "Aggregated"))
    assert counted == expected, (counted, expected)


def main(prefix):
    stats = check_stats(read(prefix, "stats"))
    seconds, full_history = check_history(read(prefix, "stats_history"))
    failures = read(prefix, "failures")
    check_failures(failures, stats)
    exceptions = read(prefix, "exceptions")
    assert all(int(row["Count"]) > 0 and row["Nodes"] for row in exceptions), exceptions
    by_error = {}
    for row in failures:
        by_error[row["Error"]] = by_error.get(row["Error"], 0) + int(row["Occurrences"])
    requests, failed = stats.pop(("", "Aggregated"))
    summary = {
        "requests": requests,
        "failed": failed,
        "labels": [
            {"type": kind, "name": name, "requests": requests, "failed": failed}
            for (kind, name), (requests, failed) in stats.items()
        ],
        "failures": by_error,
        "errors": sum(int(row["Count"]) for row in exceptions),
        "seconds": len(seconds),
        "full_history": full_history,
        "last_second": {"requests": seconds[-1][0], "failed": seconds[-1][1]} if seconds else None,
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
