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
    """A full disk, too little memory or a folder that cannot be used; raised in ``machine``."""


class SettingsError(ConjoinError):
    """A setting, an option or a project folder cannot be used.

    Raised in ``settings``, ``content``, ``cli``, ``flows``, ``steps.pages``, ``tools``, ``watch`` and ``simulate``.
    """


class SourceError(ConjoinError):
    """A source or one of its files cannot be used; raised in ``sources``, ``steps``, ``tools`` and ``flows``."""


class DeclarationError(SourceError):
    """A source.toml says something that cannot be meant; raised in ``sources``."""


class UnreadableFile(SourceError):
    """A delivered file cannot be read as what its declaration says; raised in ``sources.readers``."""


class UnknownColumn(SourceError):
    """A delivered file has a column that is neither mapped nor ignored; raised in ``sources.mapping``."""


class MissingColumn(SourceError):
    """A delivered file lacks a declared column; raised in ``sources.mapping``."""


class BadJudgements(SourceError):
    """A file of judgements has a cell that cannot be used, so none of it is.

    Raised in ``sources.judgements``, ``steps.reviews`` and ``desk.review``.
    """


class SchemaError(ConjoinError):
    """The glossary, a table or a vocabulary contradicts itself, or a table breaks its schema.

    Raised in ``schemas`` and ``cli``.
    """


class BadReference(SchemaError):
    """A reference table has a column or cell that cannot be used.

    Raised in ``warehouse.reference``, ``warehouse.edit_reference`` and ``desk.editing``.
    """


class LandingError(ConjoinError):
    """The archive is damaged, or an inbox cannot be used; raised in ``keeping.archive`` and ``keeping.inbox``."""


class ArchiveLocked(LandingError):
    """The archive is encrypted and the key is missing or another one; raised in ``keeping.originals``."""


class DamagedOriginal(LandingError):
    """An archived original is missing or is not what was delivered.

    Raised in ``keeping.originals`` and ``steps.ingest``.
    """


class BackupError(LandingError):
    """A backup cannot be written or put back; raised in ``keeping.backup``."""


class InboxUnreachable(LandingError):
    """An inbox did not answer this time; raised in ``keeping.inbox``. The only error that is worth a retry."""


class MatchingError(ConjoinError):
    """Records or labels cannot be matched or learned from; raised in ``matching.learn`` and ``tools``."""


class UnknownRecord(MatchingError):
    """A pair names a record that is not there, or a person a site.

    Raised in ``briefings.identity`` and ``briefings.reviewing``.
    """


class ModelMismatch(MatchingError):
    """A match model was made by another version of the normalisation; raised in ``matching.pairs``."""


class ModelError(ConjoinError):
    """A SQL model, a check, a saved question or a rule cannot be used; raised in ``warehouse`` and ``briefings``."""


class MissingReference(ModelError):
    """A SQL model names a table that does not exist; raised in ``warehouse.models``."""


class CyclicModels(ModelError):
    """SQL models refer to each other in a circle; raised in ``warehouse.models``."""


class PolicyError(ConjoinError):
    """The audience policy or the parties cannot be used; raised in ``schemas.policy``."""


class NotForThisFile(ConjoinError):
    """Something on complaint cases was asked of a file that is no case worker's; raised in ``briefings``."""


class UnknownSubject(ConjoinError):
    """A page is asked for a site or an organisation that the file does not know; raised in ``briefings.subjects``."""


class PackError(ConjoinError):
    """A pack or a release cannot be made, or not as of that day; raised in ``packs`` and ``cli.pack_commands``."""


class CheckFailed(ConjoinError):
    """A built warehouse fails a check that forbids publishing; raised in ``warehouse.publish``."""


class RunInProgress(ConjoinError):
    """Another run holds the lock; raised in ``keeping.run_lock``."""


class ServerUnreachable(ConjoinError):
    """The Prefect server that was named does not answer, or our own cannot start.

    Raised in ``flows`` and ``watch``.
    """


class OverlapError(ConjoinError):
    """An overlap run cannot go on as asked: its list, its key file or its order; raised in ``tools.overlap``."""


class AgreementRefused(OverlapError):
    """An agreement on an overlap run has run out, is unsigned or altered, or cannot be meant.

    Raised in ``tools.overlap.agreement`` and ``tools.overlap.taking_part``.
    """


class MessageRefused(OverlapError):
    """A file of the other party is not what the run needs now, and nothing was done with it.

    Raised in ``tools.overlap.messages``, ``tools.overlap.taking_part``, ``tools.overlap.exchange`` and
    ``tools.overlap.opening``.
    """


class RunUsedUp(OverlapError):
    """A run id was used before, or the run has ended.

    Raised in ``tools.overlap.private_run`` and ``tools.overlap.exchange``.
    """
