"""The analysts' Markdown can do no harm."""

import pytest

from reporter.report.pages import safe_html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src="file:///etc/passwd">',
        '<iframe src="http://example.org"></iframe>',
        "<style>body{display:none}</style>",
        '<svg onload="alert(1)">',
    ],
)
def test_html_comes_out_as_text(hostile):
    html = safe_html(hostile)
    assert "&lt;" in html
    assert "<script" not in html and "<img" not in html and "<iframe" not in html
    assert "<style" not in html and "<svg" not in html


def test_links_and_pictures_come_out_as_text():
    html = safe_html(
        "[a](javascript:alert(1)) ![b](http://example.org/x.png) <http://example.org>\n\n[a]: http://x"
    )
    assert "href" not in html
    assert "src" not in html
    assert "javascript:alert(1)" in html  # the analyst sees what was typed


def test_template_expressions_come_out_as_text():
    assert "{{ settings.contact }}{% include &#39;x&#39; %}" in safe_html(
        "{{ settings.contact }}{% include 'x' %}"
    )


def test_headings_stand_below_the_section_and_tables_have_heads():
    html = safe_html("# ก\n\n##### ข\n\n|ค|ง|\n|-|-:|\n|1|2|")
    assert html.count("<h3>") == 2
    assert '<table class="data">' in html
    assert '<th scope="col">ค</th>' in html
    assert "style" not in html


def test_control_and_direction_characters_are_taken_out():
    assert safe_html("ก\u202eข\u0007ค\ue000") == "<p>กขค</p>\n"
