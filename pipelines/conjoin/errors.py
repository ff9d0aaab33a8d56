"""Every error that Conjoin raises on purpose.

A message answers four questions: which source and file, which line and column, what was found, what to do. It may quote
other people's files, so nothing in it can do harm to a screen, and it has an end.
"""

from conjoin.plain import message


class ConjoinError(Exception):
    """Base of all errors below; the command line prints its message without a traceback."""

    def __init__(self, text: str) -> None:
        """``text`` says what happened and what to do."""
        super().__init__(message(text))


class MachineTrouble(ConjoinError):
    """A full disk, too little memory or a folder that cannot be used; raised by ``machine``."""


class SettingsError(ConjoinError):
    """A setting or a project folder cannot be used; raised by ``settings`` and ``content``."""


class SourceError(ConjoinError):
    """A source or one of its files cannot be used; raised by ``sources``."""


class DeclarationError(SourceError):
    """A source.toml says something that cannot be meant; raised by ``sources.descriptor`` and ``registry``."""


class UnreadableFile(SourceError):
    """A delivered file cannot be read as what its declaration says; raised by ``sources.readers``."""


class UnknownColumn(SourceError):
    """A delivered file has a column that is neither mapped nor ignored; raised by ``sources.mapping``."""


class MissingColumn(SourceError):
    """A delivered file lacks a declared column; raised by ``sources.mapping``."""


class BadJudgements(SourceError):
    """A file of judgements has a cell that cannot be used, so none of it is; raised by ``sources.judgements``."""


class EnvelopeBreached(SourceError):
    """A file has too few rows, too many refused rows or too empty a column; raised by ``flows.ingest``."""


class SchemaError(ConjoinError):
    """The glossary, a table or a vocabulary contradicts itself, or a table breaks its schema; raised by ``schemas``."""


class BadReference(SchemaError):
    """A reference table has a column or cell that cannot be used; raised by ``warehouse.reference``."""


class LandingError(ConjoinError):
    """The archive is damaged, or an inbox cannot be used; raised by ``warehouse.archive`` and ``warehouse.inbox``."""


class DamagedOriginal(LandingError):
    """An archived original is missing or is not what was delivered; raised by ``warehouse.archive``."""


class BackupError(LandingError):
    """A backup cannot be written or put back; raised by ``warehouse.backup``."""


class InboxUnreachable(LandingError):
    """An inbox did not answer this time; raised by ``warehouse.inbox``. The only error that is worth a retry."""


class MatchingError(ConjoinError):
    """Base of the errors of ``matching``."""


class UnknownRecord(MatchingError):
    """A pair or a judgement names a record that is not there; raised by ``matching``."""


class ReviewConflict(MatchingError):
    """Judgements contradict each other in a way that cannot be kept; raised by ``matching.reviews``."""


class ModelMismatch(MatchingError):
    """A match model was made by another version of the normalisation; raised by ``matching.model``."""


class ModelError(ConjoinError):
    """Base of the errors of SQL models; raised by ``warehouse.models``."""


class MissingReference(ModelError):
    """A SQL model names a table that does not exist; raised by ``warehouse.models``."""


class CyclicModels(ModelError):
    """SQL models refer to each other in a circle; raised by ``warehouse.models``."""


class CheckFailed(ConjoinError):
    """A built warehouse fails a check that forbids publishing; raised by ``warehouse.publish``."""


class RunInProgress(ConjoinError):
    """Another run holds the lock; raised by ``warehouse.runlock``."""


class ServerUnreachable(ConjoinError):
    """The Prefect server that was named does not answer, or our own cannot start; raised by ``flows.server``."""
