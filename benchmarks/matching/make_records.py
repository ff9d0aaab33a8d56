"""Simulated site records of known truth: ``make_records.py COUNT OUT.csv [--world wordy|sparse]``. No real name occurs.

The wordy world has long names and addresses, and nothing else. The sparse one has few words, identifiers on some
records and points on more of them.
"""

import argparse
import csv
import math
import random
from pathlib import Path

SYLLABLES = [
    "ka",
    "zi",
    "mo",
    "ren",
    "tal",
    "vi",
    "shu",
    "dra",
    "lin",
    "bor",
    "esh",
    "ni",
    "qua",
    "tor",
    "mel",
    "ya",
    "gha",
    "pur",
    "son",
    "wei",
    "hon",
    "fa",
    "tu",
    "ri",
    "lak",
    "mar",
]
COUNTRIES = ["CN"] * 30 + ["IN"] * 25 + ["BD"] * 15 + ["TR"] * 15 + ["VN"] * 8 + ["PK"] * 7
FORMS = {
    "TR": ["San. ve Tic. A.S.", "Ltd. Sti.", "A.Ş."],
    "BD": ["Ltd.", "Limited", "(Pvt) Ltd"],
    "IN": ["Pvt. Ltd.", "Private Limited", "Exports"],
    "CN": ["Co., Ltd", "Co Ltd", "Company Limited"],
}
TRADES = [
    "Garments",
    "Apparel",
    "Textile",
    "Knitwear",
    "Fashion",
    "Tekstil",
    "Clothing",
    "Footwear",
    "Socks",
    "Washing",
]
SOURCES = 7
BASE_32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def misspelt(rng: random.Random, word: str) -> str:
    """The word with one letter dropped, swapped or added."""
    if len(word) < 4:
        return word
    place, kind = rng.randrange(1, len(word) - 1), rng.random()
    if kind < 0.4:
        return word[:place] + word[place + 1 :]
    if kind < 0.7:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + rng.choice("aeiou") + word[place:]


def os_id(rng: random.Random, country: str) -> str:
    """An OS ID whose check character fits: country, year, day of the year, five symbols of base 32, check."""
    body = f"{rng.randint(2019, 2026)}{rng.randint(1, 365):03d}" + "".join(rng.choice(BASE_32) for _ in range(5))
    total = sum(map(ord, country)) + sum(map(BASE_32.index, body))
    return country + body + BASE_32[total % 32]


class Industry:
    """Towns, streets and names to draw sites from."""

    columns: tuple[str, ...] = ("source", "name", "address", "country", "city")

    def __init__(self, seed: int, word_count: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311  # a benchmark wants repetition, not secrecy
        self.words = [self._word() for _ in range(word_count)]
        self.towns = {code: [self._word() for _ in range(150)] for code in sorted(set(COUNTRIES))}

    def _word(self) -> str:
        return "".join(self.rng.choice(SYLLABLES) for _ in range(self.rng.randint(2, 4))).title()

    def site(self) -> list[list[str]]:
        """The records of one new site: source, name, address, country, city."""
        rng = self.rng
        country = rng.choice(COUNTRIES)
        core = [rng.choice(self.words) for _ in range(rng.choice([1, 1, 2]))]
        trades = [rng.choice(TRADES) for _ in range(rng.choice([1, 1, 2]))]
        unit = f" Unit-{rng.randint(1, 4)}" if rng.random() < 0.05 else ""
        town, street = rng.choice(self.towns[country]), rng.choice(self.words)
        area = rng.choice(self.words) if rng.random() < 0.6 else ""
        number, postcode = rng.randint(1, 400), rng.randint(10_000, 99_999)
        records = []
        for source in rng.sample(range(SOURCES), min(SOURCES, int(rng.expovariate(0.5)) + 1)):
            words = [misspelt(rng, word) if rng.random() < 0.08 else word for word in core]
            form = rng.choice(FORMS.get(country, ["Co., Ltd", "Ltd", ""])) if rng.random() < 0.85 else ""
            name = " ".join(words + (trades if rng.random() < 0.9 else trades[:1])) + f"{unit} {form}"
            written = misspelt(rng, street) if rng.random() < 0.05 else street
            address = f"No. {number} {written} {rng.choice(['Road', 'Rd', 'Rd.'])}"
            address += f", {area}" if area and rng.random() < 0.7 else ""
            address += f", {town}" + (f" {postcode}" if rng.random() < 0.5 else "")
            address = town if rng.random() < 0.03 else address
            name = name.upper() if rng.random() < 0.3 else name
            records.append([f"s{source}", name.strip(), address, country, town if rng.random() < 0.6 else ""])
        return records


class SparseIndustry(Industry):
    """Sites of few words, as lists in life have them: what the words leave open, a point or an identifier may say.

    A site has two records on average. A third of the records has a postcode, shared by a part of a town; 0.3 of them
    bring the OS ID of their site and 0.6 a point, of which one in twenty is far off. Names repeat: some words are much
    more frequent than others, and one in eight sites shares its company's name with the site before.
    """

    columns = (*Industry.columns, "os_id", "latitude", "longitude")

    def __init__(self, seed: int, word_count: int) -> None:
        super().__init__(seed, word_count)
        self.points = {
            (code, town): (self.rng.uniform(5, 45), self.rng.uniform(30, 120))
            for code, towns in self.towns.items()
            for town in towns
        }
        self.last: tuple[str, list[str]] = ("", [])

    def _common_word(self) -> str:
        return self.words[int(len(self.words) * self.rng.random() ** 2)]

    def _company(self) -> tuple[str, list[str]]:
        """Country and the words of the name, of the company before in one case of eight."""
        rng = self.rng
        if not self.last[1] or rng.random() >= 0.125:
            core = [self._common_word() for _ in range(rng.choice([1, 1, 1, 2]))]
            self.last = rng.choice(COUNTRIES), core + ([rng.choice(TRADES)] if rng.random() < 0.7 else [])
        return self.last

    def _point(self, latitude: float, longitude: float) -> list[str]:
        """What a record says of the place: nothing, the place to a hundred metres, or one of its region."""
        rng = self.rng
        if rng.random() >= 0.6:
            return ["", ""]
        spread = 0.3 if rng.random() < 0.05 else 0.001
        return [f"{rng.gauss(latitude, spread):.5f}", f"{rng.gauss(longitude, spread):.5f}"]

    def _name(self, words: list[str], country: str) -> str:
        """The words as one source writes them."""
        rng = self.rng
        written = [misspelt(rng, word) if rng.random() < 0.06 else word for word in words]
        if len(written) > 1 and rng.random() < 0.1:
            written = written[:-1]
        form = rng.choice(FORMS.get(country, ["Co., Ltd", "Ltd", ""])) if rng.random() < 0.6 else ""
        name = f"{' '.join(written)} {form}".strip()
        return name.upper() if rng.random() < 0.3 else name

    def site(self) -> list[list[str]]:
        """The records of one new site: source, name, address, country, city, OS ID, latitude, longitude."""
        rng = self.rng
        country, words = self._company()
        town, street = rng.choice(self.towns[country]), self._common_word()
        latitude, longitude = (rng.gauss(degrees, 0.05) for degrees in self.points[country, town])
        number = str(rng.randint(1, 400)) if rng.random() < 0.75 else ""
        postcode = f"{10_000 + 40 * self.towns[country].index(town) + rng.randrange(40)}"
        identifier = os_id(rng, country) if rng.random() < 0.75 else ""
        records = []
        for source in rng.sample(range(SOURCES), min(SOURCES, int(rng.expovariate(math.log(2))) + 1)):
            written = misspelt(rng, street) if rng.random() < 0.04 else street
            parts = [f"{number} {written}".strip() if rng.random() < 0.9 else "", town if rng.random() < 0.5 else ""]
            address = ", ".join(part for part in parts if part)
            address += f" {postcode}" if rng.random() < 0.35 else ""
            city = town if rng.random() < 0.7 else ""
            brought = identifier if rng.random() < 0.4 else ""
            place = self._point(latitude, longitude)
            records.append([f"s{source}", self._name(words, country), address.strip(), country, city, brought, *place])
        return records


WORLDS: dict[str, type[Industry]] = {"wordy": Industry, "sparse": SparseIndustry}


def write_records(count: int, out: Path, world: str = "wordy") -> None:
    """Write that many records as CSV: record_id, the columns of the world, truth."""
    industry, written, site = WORLDS[world](7, max(1000, count // 3)), 0, 0
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["record_id", *industry.columns, "truth"])
        while written < count:
            site += 1
            for record in industry.site()[: count - written]:
                writer.writerow([f"{record[0]}:{written}", *record, site])
                written += 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--world", choices=WORLDS, default="wordy")
    given = parser.parse_args()
    write_records(given.count, given.out, given.world)
