"""Compares the percentiles of a results file with an exact sort of the samples: within 0.1 % or 1 microsecond."""
import csv, json, math, sys

samples, results = sys.argv[1:]
times = {"response": {}, "service": {}}
for row in csv.DictReader(open(samples, newline="")):
    for which, sorts in times.items():
        sorts.setdefault((row["type"], row["name"]), []).append(int(row[which + "_us"]))
checked = 0
for label in json.load(open(results))["labels"]:
    for which, sorts in times.items():
        exact = sorted(sorts[label["type"], label["name"]])
        assert len(exact) == label["requests"], (label["name"], len(exact))
        for percentile, shown in label[which + "_time"]["percentiles_us"].items():
            percentile = float(percentile)
            value = exact[math.ceil(len(exact) * percentile / 100) - 1]
            assert abs(shown - value) <= max(1, value * 0.001), (label["name"], which, percentile, shown, value)
            checked += 1
assert checked > 20, checked
print(f"{checked} percentiles agree with the sort")
