"""Data services: what is fetched from where, how an answer is read, what is kept of it.

    catalogue   the declared services, data sets and series (data/sources)
    access      addresses and keys, from declarations and environment
    client      one HTTP client for all services: retries, limits, secrets
    failures    what is said when a service fails
    answers     an answer's bytes -> rows, or a clear reason why not
    paging      one data set -> all its pages
    snapshots   the bytes as received, with time, address and SHA-256
    values      numbers and periods as agencies write them
    mapping     rows -> observations
    dropped     files dropped into a folder -> rows
    asking      one data set named on the command line, taken as it is
    fetching    declared series and dropped files into the store; the store made anew

Source: method.md 5 and the two services' manuals.
"""
