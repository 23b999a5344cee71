"""Data services: what is fetched from where, how an answer is read, what is kept of it.

    catalogue   the declared services, data sets and series (data/sources)
    client      one HTTP client for all services: retries, limits, secrets
    answers     an answer's bytes -> rows, or a clear reason why not
    paging      one data set -> all its pages
    snapshots   the bytes as received, with time, address and SHA-256
    values      numbers and periods as agencies write them
    mapping     rows -> observations
    dropped     files dropped into a folder -> rows
    fetching    one run over many series: progress, vintage, summary

Source: method.md 5 and the two services' manuals.
"""
