"""A whole attack: inputs are made and tried one by one, each in a process of its own."""

import random
import signal
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from support.attack.attacks import attacks
from support.attack.findings import Findings, kept
from support.attack.inputs import Attack, Seed
from support.attack.once_found import once_found
from support.attack.oracle import Problem, judged
from support.attack.seeds import seeds
from support.attack.trial import Outcome, outcome
from support.attack.warden import Ending, watched

_TOLD_EVERY = 100


@dataclass
class Campaign:
    """What an attack found, and how its inputs ended.

    Attributes:
        findings: What should not be.
        endings: By reader, how many files were read, refused, or ended in a finding.
        most_megabytes: The most memory that one input took.
        most_seconds: The most processor time.
    """

    findings: Findings
    endings: dict[str, Counter[str]] = field(default_factory=dict)
    most_megabytes: int = 0
    most_seconds: float = 0.0


def run(count: int, number: int, folder: Path, told: Callable[[str], Any] = lambda _: None) -> Campaign:
    """Try ``count`` inputs: first what was once found, then what is made from the random ``number``.

    What is found is kept below ``folder``.
    """
    warnings.simplefilter("ignore")  # zipfile warns of what is done on purpose
    folder.mkdir(parents=True, exist_ok=True)
    made = Campaign(Findings(folder))
    undamaged: dict[str, Outcome] = {}
    known = seeds()
    source = chain(once_found(known), attacks(known, random.Random(number)))  # noqa: S311 - not a secret
    for place in range(1, count + 1):
        attack = next(source)
        _note(made, attack, _tried(attack, undamaged))
        if place % _TOLD_EVERY == 0:
            told(f"{place} inputs, {len(made.findings.by_signature)} kinds of findings")
    return made


def again(path: Path) -> list[Problem]:
    """What is found in an input that an attack has kept."""
    name, about = kept(path)
    attack = Attack(next(seed for seed in seeds() if seed.name == name), **about)
    return _problems(_tried(attack, {}))


def _tried(attack: Attack, undamaged: dict[str, Outcome]) -> Ending:
    """How the attack ends; told is whether the file was read, and the problems."""
    before = None
    if attack.touched is not None:
        before = undamaged.get(attack.seed.name) or _baseline(attack.seed)
        undamaged[attack.seed.name] = before

    def work() -> Any:
        found = _in_folder(attack.seed, attack.content)
        return "refused" if found.refusal else "read", judged(attack, found, before)

    return watched(work)


def _baseline(seed: Seed) -> Outcome:
    """What becomes of the undamaged file, of which nothing may be wrong."""
    ending = watched(lambda: asdict(_in_folder(seed, seed.content)))
    assert ending.told is not None, (seed.name, ending)
    found = Outcome(**ending.told)
    assert not found.problems, (seed.name, found.problems)
    assert not found.refusal, (seed.name, found.refusal)
    return found


def _in_folder(seed: Seed, content: bytes) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="attack-") as folder:
        return outcome(seed, content, Path(folder))


def _problems(ending: Ending) -> list[Problem]:
    if ending.told is not None:
        return [(kind, detail) for kind, detail in ending.told[1]]
    if ending.signal in (signal.SIGALRM, signal.SIGXCPU):
        return [("hang", f"{signal.Signals(ending.signal).name}\n{ending.printed}")]
    how = signal.Signals(ending.signal).name if ending.signal else f"exit {ending.code}"
    return [("crash", f"{how}\n{ending.printed}")]


def _note(made: Campaign, attack: Attack, ending: Ending) -> None:
    made.most_megabytes = max(made.most_megabytes, ending.megabytes)
    made.most_seconds = max(made.most_seconds, ending.seconds)
    problems = _problems(ending)
    became = "with findings" if problems else ending.told[0]
    made.endings.setdefault(attack.seed.read_by, Counter())[became] += 1
    for kind, detail in problems:
        made.findings.keep(attack, kind, detail)
