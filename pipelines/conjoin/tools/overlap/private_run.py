"""What one side keeps of a run for itself: a folder that only its owner can enter, with the secret until the run ends.

The folder stays after the end, without the secret: so a run id is used once.
"""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from conjoin.errors import RunUsedUp
from conjoin.keeping.folders import make_private, write_private
from conjoin.settings import Settings
from conjoin.tools.overlap.agreement import Agreement, Role

_STATE, _SECRET, _ANSWER = "state.json", "secret", "answer.json"


@dataclass(frozen=True)
class State:
    """How far one side is in one run.

    Attributes:
        agreement: Digest of the agreement that was signed.
        role: This side's role.
        files: The party's list, as absolute paths.
        key_file: The party's private key.
        nonce: What the commitment was made with, in hexadecimal digits; kept, so that it can be opened to an auditor.
        commitment: What binds this side to its list.
        sent: Digest of each message that left this side, by kind.
        received: Digest of the message that was acted upon, by kind: another one of its kind is refused.
        ended: How the run ended; empty while it goes on.
    """

    agreement: str
    role: Role
    files: list[str]
    key_file: str
    nonce: str
    commitment: str
    sent: dict[str, str] = field(default_factory=dict)
    received: dict[str, str] = field(default_factory=dict)
    ended: str = ""


class PrivateRun:
    """The private folder of one run on one side."""

    def __init__(self, settings: Settings, agreement: Agreement) -> None:
        """The folder need not exist yet; nothing is made before ``begin``."""
        self.run = agreement.run
        self.folder = settings.data / "overlap" / agreement.run
        self._digest = agreement.digest

    @property
    def secret_file(self) -> Path:
        """Where the secret number lies until the run ends."""
        return self.folder / _SECRET

    @property
    def answer_file(self) -> Path:
        """What was answered, to be sent again until the run ends."""
        return self.folder / _ANSWER

    def begin(self, state: State) -> None:
        """Make the folder and write the first state."""
        make_private(self.folder.parent)
        make_private(self.folder)
        self.keep(state)

    def keep(self, state: State) -> State:
        """Write the state, whole or not at all."""
        write_private(self.folder / _STATE, json.dumps(asdict(state), indent=1) + "\n")
        return state

    def found(self) -> State | None:
        """The state of a run under this id and this agreement; None if it has not begun here.

        Raises:
            RunUsedUp: The id belongs to another agreement.
        """
        path = self.folder / _STATE
        if not path.exists():
            return None
        state = State(**json.loads(path.read_text(encoding="utf-8")))
        if state.agreement != self._digest:
            raise RunUsedUp(
                f"run {self.run} was used here before, under another agreement; a run id serves once. Make a new "
                "agreement with a new id (`conjoin overlap agree` makes one up)"
            )
        return state

    def going_on(self) -> State:
        """The state of a run that has begun and not ended.

        Raises:
            RunUsedUp: It has not begun here, or has ended.
        """
        state = self.found()
        if state is None:
            raise RunUsedUp(f"run {self.run} has not begun here: sign its agreement first, with `conjoin overlap sign`")
        if state.ended:
            self.forget()  # whoever was killed while it ended has the secret still
            raise RunUsedUp(
                f"run {self.run} has ended: {state.ended}. A run serves once; for another make a new agreement with a "
                "new run id, which both sign"
            )
        return state

    def secret(self) -> bytes | None:
        """The secret of the run, if it has one."""
        return bytes.fromhex(self.secret_file.read_text(encoding="ascii")) if self.secret_file.exists() else None

    def keep_secret(self, secret: bytes) -> bytes:
        """Write the secret where only its owner can read it."""
        write_private(self.secret_file, secret.hex())
        return secret

    def end(self, how: str) -> None:
        """Say for good how the run ended, and destroy the secret: written over, then deleted.

        The word comes first: who is killed in between can use the secret no more, and the next step destroys it.
        """
        self.keep(replace(self.going_on(), ended=how))
        self.forget()
        self.answer_file.unlink(missing_ok=True)

    def forget(self) -> None:
        """Destroy the secret, and what a killed run may have left of it."""
        for path in (self.secret_file, self.folder / f".{_SECRET}.building"):
            with suppress(FileNotFoundError):
                with path.open("r+b") as file:
                    file.write(os.urandom(max(path.stat().st_size, 1)))
                    file.flush()
                    os.fsync(file.fileno())
                path.unlink()
