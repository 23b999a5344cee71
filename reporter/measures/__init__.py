"""The study's annex: 17 KILM and 74 KIP-MOL indicators, declared as formulas over raw counts.

    annex        the declarations of data/annex as frozen objects, checked against each other
    statistics   raw counts -> the statistical annex of the report

The indicators of the index carry their own formulas (data/indicators); ``index`` in the annex says which of them
each annex indicator stands behind, and the tests hold the two together. Source: study, lines 7126-9200.
"""
