"""Vehicles and goods as a spreadsheet: an empty one to fill in, a draft's lists written out, and either read back.

Sheets and columns are found by their names, in any order. Each cell is read by the field of the page's form that
bears the same name, so that a sheet takes what the page takes. What is wrong is told by cell, and nothing is taken
over until everything is right.
"""

from declarations.spreadsheet.merging import merged
from declarations.spreadsheet.reading import Lists, read
from declarations.spreadsheet.writing import write
from declarations.workbooks import BadSpreadsheet

__all__ = ["BadSpreadsheet", "Lists", "merged", "read", "write"]
