"""What every file of an issue carries: addresses, version, digest of the tables, a QR code that reads back."""

import subprocess

import pandas as pd

from reporter.domain.edition import Edition, data_id_of, edition_of

QUARTER = pd.Period("2025Q3", freq="Q-DEC")


def test_the_digest_is_what_sha256sum_gives_and_depends_on_every_byte(tmp_path):
    tables = {"b_table": b"x,y\n1,2\n", "a_table": b"x\n1\n"}
    (tmp_path / "tables").mkdir()
    for name, content in tables.items():
        (tmp_path / "tables" / f"{name}.csv").write_bytes(content)
    edition = edition_of(QUARTER, 2, "https://labour.example.org/", tables)
    told = subprocess.run(
        "LC_ALL=C sha256sum *.csv | sha256sum",
        shell=True,
        cwd=tmp_path / "tables",
        capture_output=True,
        text=True,
        check=True,
    )
    assert edition.data_id == data_id_of(tmp_path) == told.stdout[:64]
    assert edition_of(QUARTER, 2, "", {**tables, "a_table": b"x\n2\n"}).data_id != edition.data_id


def test_addresses_are_short_and_absent_without_a_website():
    edition = Edition(QUARTER, 2, "0" * 64, "https://labour.example.org")
    assert edition.address == "https://labour.example.org/2568/q3/"
    assert edition.status_address == "https://labour.example.org/s/2568q3v2/"
    bare = Edition(QUARTER, 1, "0" * 64)
    assert (bare.address, bare.status_address, bare.qr_svg()) == ("", "", "")


def test_the_qr_code_is_the_status_address_and_always_the_same_bytes():
    import segno

    edition = Edition(QUARTER, 1, "0" * 64, "https://labour.example.org")
    drawn = edition.qr_svg()
    assert drawn == edition.qr_svg() and drawn.startswith("<svg") and "viewBox" in drawn
    symbol = segno.make_qr(edition.status_address, error="m")
    size = symbol.symbol_size(border=4)[0]
    assert f'viewBox="0 0 {size} {size}"' in drawn
