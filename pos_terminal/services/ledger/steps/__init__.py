"""The way from each released schema to the next: ``to_N.py`` makes number N of the one before it.

A step is ``run(db)``: plain SQL in an open transaction, with foreign keys off. It knows nothing of
this program but ``rebuild``, because books change and a released step must not; once released, no
file in here changes (``tests/services/ledger/test_frozen_schema.py``).
"""
