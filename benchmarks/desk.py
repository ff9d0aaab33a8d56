"""The desk on a large warehouse: seconds per page, memory of its process, and a judgement with the next pair.

The file is that of the samples, every row as often as it takes to make a million audits, each copy with ids of its
own. `python benchmarks/desk.py FILE` where FILE is a published warehouse of the samples. Pages are asked for over
HTTP as a browser does; the peer of a page is the plainest lookup, one site by its id, in the same process.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import httpx
import psutil

AUDITS, QUESTIONS = 1_000_000, 100_000
_IDS = re.compile(r"^(site_id\w*|record_id\w*|event_id\w*|.*_event_id|event_number\w*)$")


def grow(source: Path, target: Path, audits: int, questions: int) -> dict[str, int]:
    """Write ``target``: every mart of ``source`` with a site, record or event in it so many times over."""
    shutil.copy(source, target)
    with duckdb.connect(str(target)) as con:
        have = con.execute("select count(*) from marts.audit_events").fetchall()[0][0]
        copies = -(-audits // have)
        con.execute(f"create temp table copies as select range as n from range({copies})")
        tables = con.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in ('marts', 'matching')"
        )
        for schema, table in tables.fetchall():
            described = con.execute(f'describe {schema}."{table}"').fetchall()
            ids = [name for name, kind, *_ in described if _IDS.match(name) and kind == "VARCHAR"]
            if not ids or table == "site_link_evidence":
                continue
            told = ", ".join(f"{_copied(name)} as {name}" for name in ids)
            con.execute(
                f'create or replace table {schema}."{table}" as select told.* replace ({told}) '
                f'from {schema}."{table}" as told cross join copies'
            )
        _grow_queue(con, source, copies, questions)
        counted = ("sites", "site_records_at_sites", "audit_events", "audit_pairs", "match_review_queue")
        return {name: con.execute(f"select count(*) from marts.{name}").fetchall()[0][0] for name in counted}


def _grow_queue(con: duckdb.DuckDBPyConnection, source: Path, copies: int, questions: int) -> None:
    """So many questions: each of the source's between records of one copy, then of one copy and the next ones."""
    con.execute(f"attach '{source}' as small (read_only)")
    described = con.execute("describe marts.match_review_queue").fetchall()
    ids = [name for name, kind, *_ in described if _IDS.match(name) and kind == "VARCHAR"]
    told = ", ".join(f"{_copied(name, 'other' if name.endswith('_right') else 'n')} as {name}" for name in ids)
    con.execute(
        f"create or replace table marts.match_review_queue as select told.* replace ({told}) "
        f"from small.marts.match_review_queue as told cross join "
        f"(select n, (n + step) % {copies} as other, step from copies cross join range({copies}) as steps(step)) "
        f"order by step, n limit {questions}"
    )


def _copied(name: str, copy: str = "n") -> str:
    """The id of a copy, in the form of its kind."""
    if name.startswith("site_id"):
        return f"{name} || '-' || {copy}"
    return f"split_part({name}, ':', 1) || ':' || left(md5({name} || {copy}), 16)"


def measured(client: httpx.Client, path: str, times: int = 7) -> float:
    """The median seconds of a page, after one look."""
    client.get(path).raise_for_status()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        client.get(path).raise_for_status()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def main() -> None:
    """Grow, serve, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--audits", type=int, default=AUDITS)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="conjoin-desk-") as folder:
        project = Path(folder, "project")
        conjoin = Path(sys.executable).with_name("conjoin")
        subprocess.run([conjoin, "init", project], check=True, capture_output=True)
        target = project / ".data" / "warehouse" / "conjoin.duckdb"
        target.parent.mkdir(parents=True)
        print("rows", grow(given.warehouse, target, given.audits, given.questions))
        environment = {**os.environ, "CONJOIN_PROJECT": str(project), "COLUMNS": "200"}
        with subprocess.Popen(
            [conjoin, "desk"], cwd=project, env=environment, stdout=subprocess.PIPE, text=True
        ) as desk:
            try:
                link = re.search(r"http\S+", desk.stdout.readline())[0]
                measure(link, target, psutil.Process(desk.pid))
            finally:
                desk.terminate()


def measure(link: str, target: Path, process: psutil.Process) -> None:
    """Print what each page takes."""
    with duckdb.connect(str(target), read_only=True) as con:
        site, left, right = con.execute(
            "select site_id_left, record_id_left, record_id_right from marts.match_review_queue order by all limit 1"
        ).fetchall()[0]
        name = con.execute(
            "select site_name from marts.sites where site_name is not null order by site_id limit 1"
        ).fetchall()
    with httpx.Client(base_url=link.split("/enter")[0], timeout=120, follow_redirects=True) as client:
        client.get(link).raise_for_status()
        for path in ("/", "/sites?q=warm", "/review"):
            begun = time.perf_counter()
            client.get(path)
            print(f"first {path}: {time.perf_counter() - begun:.2f} s, {process.memory_info().rss / 1e6:.0f} MB")
        misspelt = name[0][0][:-2] + "x"
        pages = ("/", "/sites", f"/sites?q={misspelt}", "/sites?country=TR&scheme=bsci", f"/sites/{site}", "/review")
        for path in (*pages, f"/review/{left}/{right}", "/questions/busiest_sites", "/questions/who_commissions"):
            print(f"{measured(client, path) * 1000:.0f} ms {path}")
        judge(client, 20)
        print(f"memory {process.memory_info().rss / 1e6:.0f} MB, CPU {sum(process.cpu_times()[:2]):.1f} s")


def judge(client: httpx.Client, times: int) -> None:
    """Answer questions as the keys do, and print what a judgement with the next pair takes."""
    page = client.get("/review").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    client.post("/review/who", data={"csrf": csrf, "reviewer": "bench"}).raise_for_status()
    page, taken = client.get("/review").text, []
    for _ in range(times):
        left, right = (re.search(f'name="{side}" value="([^"]+)"', page)[1] for side in ("left", "right"))
        begun = time.perf_counter()
        answer = client.post(
            "/review/judge",
            data={"csrf": csrf, "left": left, "right": right, "judgement": "NEGATIVE"},
            headers={"hx-request": "true"},
        )
        taken.append(time.perf_counter() - begun)
        answer.raise_for_status()
        page = answer.text
    print(f"{statistics.median(taken) * 1000:.0f} ms a judgement with the next pair (slowest {max(taken) * 1000:.0f})")


if __name__ == "__main__":
    main()
