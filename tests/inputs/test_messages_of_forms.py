"""What is wrong with a form is said in Thai to Thai readers: no English of a library, no dictionary of a program."""

import re

import pandas as pd
import pytest

from reporter.domain.errors import DeclarationError
from reporter.inputs.commentary import read_commentary
from reporter.inputs.workspace import read_settings, read_waivers

REST = 'reason = "ก"\nby = "ข"\n'
ENGLISH = re.compile(r"Input|should|valid|String|Extra|Field|Expected|Invalid|Value|at line|\{'")


def _waivers(tmp_path, text):
    (tmp_path / "waivers.toml").write_text(text, encoding="utf-8")
    return read_waivers(tmp_path)[1]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (f'[[waivers]]\nrule = "series.jump"\non = 2025-11-10\n{REST}'.replace('"ก"', '""'), "ต้องไม่ว่าง"),
        (f'[[waivers]]\nrule = "series.jump"\non = "10 พ.ย. 2568"\n{REST}', "ต้องเป็นวันที่"),
        (f'[waivers]\nrule = "series.jump"\non = 2025-11-10\n{REST}', "[[waivers]]"),
        (f"[[waivers]]\nrule = 3\non = 2025-11-10\n{REST}", "ต้องเป็นข้อความ"),
        ("[[waivers]\nrule = 3\n", "แถว 1"),
    ],
)
def test_waivers_of_another_form_are_told_in_thai(tmp_path, text, hint):
    found = _waivers(tmp_path, text)
    assert any(hint in one.th for one in found)
    assert not any(ENGLISH.search(one.th) or "{'" in one.en for one in found)


@pytest.mark.parametrize(
    ("line", "hint"), [('approvers = "two"', "จำนวนเต็ม"), ("synthetic = 1", "true"), ("logo = 2", "ข้อความ")]
)
def test_settings_of_another_type_are_told_in_thai(tmp_path, line, hint):
    (tmp_path / "workspace.toml").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DeclarationError) as raised:
        read_settings(tmp_path)
    (found,) = raised.value.findings
    assert hint in found.th
    assert not ENGLISH.search(found.th)


def test_a_sentence_of_another_form_is_told_once(tmp_path):
    folder = tmp_path / "commentary" / "2025-Q3"
    folder.mkdir(parents=True)
    (folder / "sentences.toml").write_text('[[sentences]]\nid = "no.such"\nhide = true\n', encoding="utf-8")
    _, (found,) = read_commentary(tmp_path, pd.Period("2025Q3"))
    assert found.column == "sentences.1"
    assert "hide" in found.th
    assert not ENGLISH.search(found.th)
    assert "{'" not in found.en
