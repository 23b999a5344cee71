"""Automated quarterly labour-market report of Thailand's Ministry of Labour."""

import os

__version__ = "0.1.0"

# One thread for linear algebra, where numpy is loaded after this package: the matrices are small, threads that wait for each
# other take more time than they save, and sums in another order would change last digits from one machine to the next.
for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
