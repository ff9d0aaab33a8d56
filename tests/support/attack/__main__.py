"""The command: ``python -m support.attack --count 2000 --seed 1 --out FOLDER``, or ``--again INPUT``."""

import argparse
import json
import os
import resource
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process that forks has no threads
os.environ["RUST_BACKTRACE"] = "0"  # the frames of a panic would push its message out of what is kept

from support.attack.campaign import again, run


def main() -> None:
    """Attack and write ``report.json``, or try an input again that an attack has kept."""
    parser = argparse.ArgumentParser(prog="python -m support.attack")
    parser.add_argument("--count", type=int, default=2_000, help="how many inputs")
    parser.add_argument("--seed", type=int, default=1, help="from which random number they are made")
    parser.add_argument("--out", type=Path, default=Path("attack"), help="where findings and the report are written")
    parser.add_argument("--again", type=Path, help="an input below FOLDER; nothing else is tried")
    given = parser.parse_args()
    if given.again:
        sys.stdout.write("\n".join(f"{kind}: {detail}" for kind, detail in again(given.again)) + "\n")
        return
    made = run(given.count, given.seed, given.out, lambda text: sys.stderr.write(text + "\n"))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    report = {
        "count": given.count,
        "seed": given.seed,
        "cpu_seconds": round(sum(usage.ru_utime + usage.ru_stime for usage in used), 1),
        "most_megabytes": made.most_megabytes,
        "most_seconds": round(made.most_seconds, 1),
        "endings": {reader: dict(endings) for reader, endings in sorted(made.endings.items())},
        "findings": [vars(finding) for _, finding in sorted(made.findings.by_signature.items())],
    }
    (given.out / "report.json").write_text(json.dumps(report, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
