"""A desk over the published warehouse of a project folder, entered as a browser would."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.testclient import TestClient

from conjoin.desk.app import make_app, open_desk
from conjoin.settings import Settings
from conjoin.tools.project import make_project
from support import projects

HOST = "desk.test"


@dataclass
class Visitor:
    """A browser without script, that came through the one-time link."""

    client: TestClient
    root: Path
    csrf: str = ""
    links: list[str] = field(default_factory=list)

    def page(self, address: str, status: int = 200) -> str:
        """The text of a page."""
        answer = self.client.get(address)
        assert answer.status_code == status, (address, answer.status_code, words(answer.text)[-600:])
        return answer.text

    def send(self, address: str, status: int = 200, **fields: str | list[str]) -> str:
        """Send a form of our own page, and follow where it leads."""
        answer = self.client.post(address, data={"csrf": self.csrf, **fields})
        assert answer.status_code == status, (address, answer.status_code, words(answer.text)[-600:])
        return answer.text

    def decisions(self, name: str = "decisions") -> list[str]:
        """The lines of judgements on file, without the header."""
        path = self.root / "sources" / "reviews" / f"{name}.csv"
        return path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []


def words(page: str) -> str:
    """What a reader sees of a page."""
    text = re.sub(r"<(script|style|svg|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@contextmanager
def visiting(folder: Path, warehouse: Path, pack: bool = False) -> Iterator[Visitor]:
    """A visitor of a desk in a new project folder whose published warehouse is a copy of that one."""
    root = make_project(folder / "project")
    settings = Settings(data=root / ".data", settle_seconds=0, threads=2)
    settings.warehouse.parent.mkdir(parents=True)
    shutil.copy(warehouse, settings.warehouse)
    elsewhere = Path(shutil.copy(warehouse, folder / "elsewhere.duckdb")) if pack else None
    with projects.standing_in(root):
        links: list[str] = []
        desk = open_desk(settings, elsewhere)
        app = make_app(desk, frozenset({HOST}), False, links.append)
        client = TestClient(app, base_url=f"http://{HOST}")
        visitor = Visitor(client, root, links=links)
        client.get("/enter", params={"token": app.state.entrance.new_link()})
        found = re.search(r'"x-csrf-token": "([^"]+)"', visitor.page("/"))
        assert found
        visitor.csrf = found[1]
        yield visitor
