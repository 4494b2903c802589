"""The store: images, people, keypoints, fits and decisions in one SQL database (docs/adr/0003).

Callers use :mod:`db.store`, :mod:`db.records` and :mod:`db.errors`; ORM classes and sessions never leave the package.
"""
