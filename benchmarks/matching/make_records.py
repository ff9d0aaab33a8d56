"""Simulated site records of known truth: ``make_records.py COUNT OUT.csv``. No real name occurs in them."""

import csv
import random
import sys
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


class Industry:
    """Towns, streets and names to draw sites from."""

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


def write_records(count: int, out: Path) -> None:
    """Write that many records as CSV: record_id, source, name, address, country, city, truth."""
    industry, written, site = Industry(7, max(1000, count // 3)), 0, 0
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["record_id", "source", "name", "address", "country", "city", "truth"])
        while written < count:
            site += 1
            for record in industry.site()[: count - written]:
                writer.writerow([f"{record[0]}:{written}", *record, site])
                written += 1


if __name__ == "__main__":
    write_records(int(sys.argv[1]), Path(sys.argv[2]))
