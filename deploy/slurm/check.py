#!/usr/bin/env python3
"""Checks the metrics of a run that was stopped and started again: all peers finished with one digest, every step has one digest and
is there, and no start went back behind a step that had been applied."""
import json, pathlib, sys

digests, ends, starts = {}, {}, 0
for file in sorted(pathlib.Path(sys.argv[1]).glob("*/metrics.jsonl")):
    last = 0
    for line in map(json.loads, file.open()):
        if line["kind"] == "step":
            assert line["step"] == last + 1, f"{file}: step {line['step']} after step {last}"
            last = line["step"]
            assert digests.setdefault(last, line["digest"]) == line["digest"], f"{file}: step {last} has another digest"
        elif line["kind"] == "start":
            starts += 1
            assert line["step"] == last, f"{file}: a start at step {line['step']}, where step {last} had been applied"
        elif line["kind"] == "end":
            ends[file.parent.name] = (line["reason"], line["step"], line["digest"])
assert len(ends) > 1 and len(set(ends.values())) == 1 and next(iter(ends.values()))[0] == "finished", ends
print(f"{len(ends)} peers, {starts} starts, {len(digests)} steps, each with one digest, none lost; all finished with "
      f"digest {next(iter(ends.values()))[2][:12]}")
