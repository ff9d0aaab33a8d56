"""Project folders: a private place for an organisation's own declarations, judgements and settings."""

import os
import shutil
from pathlib import Path

from conjoin import content
from conjoin.errors import SettingsError
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.sources.judgements import COLUMNS

_MARKER = """# A Conjoin project folder. What stands in its folders is found before what the package ships:
# sources/ (your declarations and reviews/decisions.csv), schemas/, warehouse/ and notebooks/ (your own).

[run]
data = ".data"            # deliveries, archive, warehouse; keep it out of version control and in your backups
# settle_seconds = 10.0   # a file changed more recently is taken to be still being written
# memory_limit = "4GB"    # of DuckDB; beyond it spills to disk
# published_mode = "640"  # who may read the published warehouse and briefings: 600 owner, 640 group too
# kept_versions = 5       # published warehouses kept, to go back to with `conjoin publish --previous`
# query_seconds = 60      # after which `conjoin ask` and `conjoin sql` give a question up
# dask = "local"          # compare pairs on a Dask cluster: "local", or a scheduler's address; workers see this folder
# pdf = false             # no PDF beside the pages; else Chromium prints them, or WeasyPrint (conjoin[pdf])

# [[briefings]]           # a page of each night, in place of overlap_briefing, source_coverage and match_quality;
# notebook = "overlap_briefing"  # one of yours stands in notebooks/
# country = "TR"          # and what else its first cell takes: from, to, site, reader, parameters of your own
# from = 2025-01-01

# [[briefings]]
# notebook = "site_dossier"
# site = "CJ..."          # `conjoin ask busiest_sites` shows ids

# [[answers]]             # an answer of each night, in place of the three that ship; `conjoin ask` lists questions
# question = "busiest_sites"
# format = "xlsx"         # or "csv"; country, from and to as above

# [notify]                # a word when a source is refused, late or shrunk, or a run failed; nothing else
# to = ["mailto://user:password@mail.example?to=us@example.org", "$TEAMS_URL"]  # as Apprise has them
"""

_PARTIES = """\
# Who takes part in the pooling: who gets a pack, and which sources it delivers. A source that nobody here answers for
# is closed to everybody, unless it is public. `conjoin policy` tells in words what follows from it.
#
# [northwind]                      # a short name, for `conjoin pack --for northwind`
# kind     = "member"              # member, initiative, coordinator or case_worker
# title    = "Northwind Outfitters"
# names    = ["Northwind"]         # how else sources write it, as orderer or buyer
# delivers = ["northwind"]         # names of sources
# until    = 2027-12-31            # its last day in the pooling; left out while it goes on
"""

_LONG_AGO = 1_700_000_000

_README = """# Our Conjoin project

- `sources/brands|initiatives|platforms/<name>/`: our declarations, begun with `conjoin new-source`
- `sources/parties.toml`: who takes part, and who delivers which source: for `conjoin policy` and `conjoin pack`
- `sources/reviews/decisions.csv`: our judgements on doubtful matches
- `schemas/reference/<table>.csv`: what our buyers accept, further names of organisations, reviewers' words on pairs of
  audits, prices: begun with `conjoin reference <table>`
- `.data/inbox/<name>/`: put deliveries here, then `conjoin run`

Run every command inside this folder. `conjoin doctor` tells what is missing.
"""


def make_project(folder: Path) -> Path:
    """Make a project folder and return its absolute path.

    Raises:
        SettingsError: The folder holds something already, or a file has its name.
    """
    root = folder.expanduser().resolve()
    if root.exists() and not root.is_dir():
        raise SettingsError(f"{root} is a file; choose the name of a new folder")
    if root.exists() and any(root.iterdir()):
        raise SettingsError(f"{root} is not empty; choose a new folder, so that nothing of yours is overwritten")
    for kind in registry.KINDS:
        (root / "sources" / kind).mkdir(parents=True)
    (root / "sources" / "reviews").mkdir()
    (root / "sources" / "reviews" / "decisions.csv").write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    (root / "sources" / "parties.toml").write_text(_PARTIES, encoding="utf-8")
    (root / content.PROJECT_MARKER).write_text(_MARKER, encoding="utf-8")
    (root / "README.md").write_text(_README, encoding="utf-8")
    (root / ".gitignore").write_text(".data/\n", encoding="utf-8")
    return root


def fill_inbox_with_samples(settings: Settings) -> int:
    """Copy every source's invented samples into the inbox, as if they had been delivered; return how many files."""
    count = 0
    for name, folder in registry.folders().items():
        target = settings.inbox / name
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted((folder / "sample").glob("*")):
            shutil.copyfile(path, target / path.name)
            os.utime(target / path.name, (_LONG_AGO, _LONG_AGO))  # complete: nobody has to wait for it to settle
            count += 1
    return count
