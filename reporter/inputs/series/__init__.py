"""Series files of a workspace: from bytes to observations, with every finding on the way.

Read in this order: ``cells`` (file to text cells; spreadsheets: ``reporter.inputs.spreadsheets``), ``layout`` (where the values
of a table stand), ``reading`` (observations and findings; numbers and periods: ``reporter.inputs.values``), ``messages`` (what is
said), ``observations`` (what counts as of a date, computed series).
"""
