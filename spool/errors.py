# ruff: noqa: N818 - the names say what happened (StoreBusy, KeyConflict), as both rooms above read them
"""What can go wrong with a store.

SpoolError
├── StoreError              the file cannot be opened; nothing was changed
│   ├── StoreBusy           another process owns it
│   ├── StoreTooNew         a newer version of the program wrote it
│   ├── StoreTooOld         an older one wrote it, and whoever only visits brings nothing up to date
│   ├── MigrationChanged    an applied migration's file is not the one that was applied
│   ├── StoreUnsafe         it cannot promise what it must: old SQLite, no WAL, wrong pragma, damage
│   └── KeyFileError        the key of the idempotent answers is missing, foreign or readable by others
├── CommitFailed            the transaction did not become durable; an earlier life of it may appear after
│   │                       a power cut when the disk failed in mid-sync
│   └── DiskFull            and that because the disk is full
├── StoreOverloaded         too many writes wait already: come back later
├── StoreClosed             the store was closed before or meanwhile
├── NotDurable              something that must survive was asked for in a write with durable=False
├── KeyConflict             the same key with another payload
├── AnswerConflict          the same idempotency key with other content
├── LeaseLost               the entry was claimed again since, so this acknowledgement counts for nothing
├── NoSuchEntry             no entry has this id
└── NotForAPerson           the entry is not on the list that a person must close
ControlError                a control socket answered with an error (`code`)
└── ControlUnavailable      nobody listens there
"""


class SpoolError(Exception):
    pass


class StoreError(SpoolError):
    pass


class StoreBusy(StoreError):
    pass


class StoreTooNew(StoreError):
    pass


class StoreTooOld(StoreError):
    pass


class MigrationChanged(StoreError):
    pass


class StoreUnsafe(StoreError):
    pass


class KeyFileError(StoreError):
    pass


class CommitFailed(SpoolError):
    pass


class DiskFull(CommitFailed):
    pass


class StoreOverloaded(SpoolError):
    pass


class StoreClosed(SpoolError):
    pass


class NotDurable(SpoolError):
    pass


class KeyConflict(SpoolError):
    pass


class AnswerConflict(SpoolError):
    pass


class LeaseLost(SpoolError):
    pass


class NoSuchEntry(SpoolError):
    pass


class NotForAPerson(SpoolError):
    pass


class ControlError(Exception):
    """An error that travels: `code` is a word for programs, the text a sentence for people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class ControlUnavailable(ControlError):
    pass
