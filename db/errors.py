"""Errors of the store that people can do something about; everything else is a bug and is raised as it is.

Every message is one sentence that names the item and the cure.
"""

from __future__ import annotations


class StoreError(Exception):
    """The world is at fault: a file, a disk, another program."""


class ProjectNotFoundError(StoreError):
    """There is no project database at the place named."""


class ProjectExistsError(StoreError):
    """A new project was asked for where there already is one."""


class SchemaTooNewError(StoreError):
    """The project was written by a newer version of this program."""


class StoreLockedError(StoreError):
    """Another program holds the database for longer than the store is willing to wait."""


class StoreAccessError(StoreError):
    """The database cannot be reached or written: permissions, a missing folder, a failing disk, an absent server."""


class DiskFullError(StoreError):
    """The disk has no room for the change; nothing of it was stored."""


class StaleWriteError(StoreError):
    """Somebody else changed the rows since they were read; the write was refused."""


class NotFoundError(StoreError):
    """A record with this id does not exist (or was taken back by undo)."""


class CorruptStoreError(StoreError):
    """The file is not a project database, or its content is damaged."""
