"""Series files of a workspace: from bytes to observations, with every finding on the way.

Read in this order: ``cells`` (file to text cells), ``spreadsheet`` (the same for .xlsx), ``values`` (numbers,
periods, dates), ``reading`` (observations and findings), ``vintage`` (what counts as of a date, computed series).
"""
