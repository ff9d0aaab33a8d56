"""The audience policy: what is declared, what is refused, and how it is told."""

from pathlib import Path

import pytest

from conjoin import content
from conjoin.errors import PackError, PolicyError
from conjoin.packs.policy_text import policy_page, policy_sections
from conjoin.packs.reader import reader_of
from conjoin.schemas import policy
from conjoin.schemas.tables import tables
from conjoin.schemas.vocabularies import vocabulary
from conjoin.sources import registry
from conjoin.tools.project import make_project
from support import quillhaven
from support.consortia import DAY
from support.projects import standing_in

A_MEMBER = '[a]\nkind = "member"\ntitle = "A"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project folder."""
    return make_project(tmp_path / "project")


def with_parties(root: Path, text: str) -> None:
    (root / "sources" / "parties.toml").write_text(text, encoding="utf-8")
    policy.parties.cache_clear()


def test_every_table_and_visibility_has_a_line() -> None:
    assert set(policy.policy().table) == set(tables())
    assert set(policy.policy().visibility) == set(vocabulary("visibility").codes)


def test_every_source_of_the_samples_has_somebody_who_answers_for_it() -> None:
    answered = {source for party in policy.parties().values() for source in party.delivers}
    assert answered == set(registry.sources())


def test_a_project_has_its_own_parties_and_none_of_the_invented(root: Path) -> None:
    with standing_in(root):
        policy.parties.cache_clear()
        assert policy.parties() == {}
        with pytest.raises(PolicyError, match="nobody of this name takes part; there are public"):
            reader_of("northwind", DAY)
        assert reader_of("public", DAY).own_sources == frozenset()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a\n", "not valid TOML"),
        ('[a]\nkind = "king"\ntitle = "A"\n', "kind"),
        ('[a]\nkind = "member"\ntitle = "A"\nsees = "all"\n', "sees"),
        ('[A]\nkind = "member"\ntitle = "A"\n', "pattern"),
        ('[public]\nkind = "member"\ntitle = "A"\n', "everybody's name"),
        (
            f'{A_MEMBER}delivers = ["x"]\n[b]\nkind = "member"\ntitle = "B"\ndelivers = ["x"]\n',
            "a and b both deliver 'x'",
        ),
        (
            f'{A_MEMBER}[b]\nkind = "member"\ntitle = "B"\nnames = ["a"]\n',
            "a and b both go by the name of 'a'",
        ),
    ],
)
def test_parties_that_cannot_be_meant_are_refused_with_their_file(root: Path, text: str, message: str) -> None:
    with standing_in(root):
        with_parties(root, text)
        with pytest.raises(PolicyError, match=message) as refusal:
            policy.parties()
        assert "parties.toml" in str(refusal.value)


def test_a_policy_that_names_what_is_not_there_is_refused(root: Path) -> None:
    shipped = (content.packaged_root() / "schemas" / "policy.toml").read_text(encoding="utf-8")
    with standing_in(root):
        (root / "schemas").mkdir(exist_ok=True)
        (root / "schemas" / "policy.toml").write_text(f"{shipped}\n[table.wages]\n", encoding="utf-8")
        policy.policy.cache_clear()
        with pytest.raises(PolicyError, match=r"table\.wages: no table of this name"):
            policy.policy()


def test_nothing_is_packed_for_a_party_that_has_left(root: Path) -> None:
    with standing_in(root):
        with_parties(root, '[gone]\nkind = "member"\ntitle = "Gone"\nuntil = 2026-01-31\n')
        with pytest.raises(PackError, match="takes part until 2026-01-31"):
            reader_of("gone", DAY)


@pytest.mark.parametrize(
    ("parties", "shared", "message"),
    [
        (f'{A_MEMBER}delivers = ["northwnd"]\n', "", "there is no source 'northwnd'"),
        (A_MEMBER, 'shared_with = ["b"]\n', "it is shared with 'b', who is not in sources/parties.toml"),
    ],
)
def test_a_mistyped_name_is_told_and_closes_nothing_in_silence(
    root: Path, parties: str, shared: str, message: str
) -> None:
    with standing_in(root):
        quillhaven.write_declaration(root, quillhaven.DECLARATION.replace("\n[feed", f"\n{shared}[feed", 1))
        with_parties(root, parties)
        with pytest.raises(PackError, match=message):
            reader_of("public", DAY)


def test_the_page_tells_every_visibility_and_party_and_loads_nothing() -> None:
    page = policy_page("For <nobody>.")
    assert "&lt;nobody&gt;" in page
    assert all(title in page for title in vocabulary("visibility").titles.values())
    assert all(party.title.replace("&", "&amp;") in page for party in policy.parties().values())
    assert "http" not in page.replace("http-equiv", "")
    assert len(policy_sections()) == 6
