"""Data services and agencies' files: what is fetched from where, how an answer is read, what is kept of it.

    catalogue   the declared services, data sets, series and dropped files (data/sources)
    access      addresses and keys, from declarations and environment; what is said when a service fails
    answers     an answer's bytes -> rows, or a clear reason why not
    dropped     files dropped into a folder -> rows that know their cells
    proposal    a declaration proposed for a file
    fetching    declared series, dropped files and single data sets into the store; deliveries taken back; the store made anew

Source: method.md 5 and the two services' manuals.
"""
