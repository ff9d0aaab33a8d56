import numpy as np
import pandas as pd
from anyascii import anyascii

from conjoin.simulate.industry.truth import build_industry
from conjoin.simulate.writing import dirt
from conjoin.simulate.writing.dirt import Scribe


def _sites(count: int = 60) -> pd.DataFrame:
    return build_industry(np.random.default_rng(3), count, []).sites


def _clean(monkeypatch, **shares: float) -> None:
    monkeypatch.setattr(dirt, "SHARES", {name: shares.get(name, 0.0) for name in dirt.SHARES})


def test_without_dirt_a_site_is_written_as_it_is(monkeypatch):
    _clean(monkeypatch)
    sites = _sites()

    written = Scribe(np.random.default_rng(1)).write(sites)

    assert written["city_name"].tolist() == sites["city_name"].tolist()
    assert written["postal_code"].tolist() == sites["postal_code"].tolist()
    starts = zip(written["site_name"], sites["name_core"], strict=True)
    assert all(name.startswith(core) for name, core in starts)


def test_units_of_one_campus_keep_their_numbers(monkeypatch):
    _clean(monkeypatch)
    sites = _sites(200)
    units = sites[sites["unit"] > 1]

    written = Scribe(np.random.default_rng(1)).write(units)

    romans = ("", "I", "II", "III", "IV", "V")
    for name, unit in zip(written["site_name"], units["unit"], strict=True):
        assert str(unit) in name or name.split()[-1].strip("()") == romans[unit]


def test_a_party_without_accents_writes_plain_letters(monkeypatch):
    _clean(monkeypatch, party_without_accents=1.0)

    written = Scribe(np.random.default_rng(1)).write(_sites())

    assert all(text == anyascii(text) for text in written["site_name"])


def test_a_typing_error_leaves_digits_alone(monkeypatch):
    _clean(monkeypatch, typing_error_in_address=1.0)
    sites = _sites()

    written = Scribe(np.random.default_rng(1)).write(sites)

    def digits(texts: pd.Series) -> list[str]:
        return texts.str.replace(r"\D", "", regex=True).tolist()

    _clean(monkeypatch)
    assert digits(written["site_address"]) == digits(Scribe(np.random.default_rng(1)).write(sites)["site_address"])
    assert (written["site_address"] != Scribe(np.random.default_rng(1)).write(sites)["site_address"]).mean() > 0.9
