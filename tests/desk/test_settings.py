"""A workspace's own settings, templates and rules: checked before they are saved, in a sandbox, told when they are outdated."""

import re
import subprocess
import sys
from dataclasses import fields, replace

import pytest
from PIL import Image

from reporter.delivery.operation import Circumstances, examine
from reporter.desk.data import chart_choices
from reporter.desk.writing import stored
from reporter.domain.edition import Settings, english_context
from reporter.domain.errors import DeclarationError, RenderError
from reporter.figures import all_charts, chart_data, draw_all, draw_pictures
from reporter.inputs import commentary
from reporter.inputs.commentary import ChapterText, Commentary
from reporter.inputs.workspace import begin, overrides, possible, read_settings
from reporter.report import findings
from reporter.report.commentary import check_typed
from reporter.report.numbers import Cells
from reporter.report.pages import print_html, write
from reporter.runtime.cache import StageCache
from reporter.runtime.program import Executor
from reporter.sample import make_blank
from tests.report.issues import context, whole_findings, whole_tables
from tests.support.desk import NOW, client, csrf, example_desk
from tests.support.issue import example_context
from tests.support.tables import example_tables

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "data" / "series").mkdir(parents=True)
    return example_desk(tmp_path / "data", tmp_path / "out")


def send(desk, where, **fields):
    return client(desk).post(f"/q/2025-Q3{where}", headers=csrf(desk), data=fields)


def written(root):
    own = replace(context(), overrides=str(root))
    return write(whole_findings(), [], whole_tables(), own)


def test_settings_are_checked_before_they_are_saved(desk):
    assert send(desk, "/workspace", text='contact = "กองของเรา"', digest="").status_code == 303
    assert read_settings(desk.data).contact == "กองของเรา"
    before = (desk.data / "workspace.toml").read_bytes()
    for wrong in ("contakt = 1", "approvers = 0", "x = [", 'embargo = "เมื่อวาน"'):
        answer = send(desk, "/workspace", text=wrong, digest="")
        assert answer.status_code == 400 and "workspace.toml" in answer.text
    assert send(desk, "/workspace", text="seed = 1", digest="").status_code == 409  # somebody saved since
    assert (desk.data / "workspace.toml").read_bytes() == before


def test_a_template_of_the_workspace_is_what_the_report_says(desk):
    assert send(desk, "/workspace/own", path="templates/report/th/priorities.j2").status_code == 303
    path = desk.data / "templates/report/th/priorities.j2"
    same = [sentence.text for sentence in written(desk.data).sentences()]
    assert same == [
        sentence.text for sentence in write(whole_findings(), [], whole_tables(), context()).sentences()
    ]
    path.write_text(
        path.read_text(encoding="utf-8") + "\n{% p %}ประโยคของกองเรา{% endp %}\n", encoding="utf-8"
    )
    assert "ประโยคของกองเรา" in [sentence.text for sentence in written(desk.data).sentences()]


def test_an_english_template_of_the_workspace_is_what_the_english_report_says(desk):
    path = begin(desk.data, "templates/report/en/priorities.j2")
    path.write_text(
        path.read_text(encoding="utf-8") + "\n{% p %}A sentence of ours.{% endp %}\n", encoding="utf-8"
    )
    own = english_context(replace(context(), overrides=str(desk.data)))
    english = findings(whole_tables(), own)
    said = write(english, [], whole_tables(), own).sentences()
    assert "A sentence of ours." in [sentence.text for sentence in said]
    path.write_text("{% p %}{{ context.__init__.__globals__ }}{% endp %}", encoding="utf-8")
    with pytest.raises(RenderError):
        write(english, [], whole_tables(), own)


@pytest.mark.parametrize(
    "attack",
    [
        "''.__class__.__mro__",
        "context.__init__.__globals__",
        "writer.figures.values().__class__",
        "f.labour.__class__.__init__.__globals__['pd']",
        "tables.to_csv('/tmp/x')",
        "(quarter).__reduce__()",
    ],
)
def test_a_template_of_the_workspace_reaches_nothing_private(desk, attack):
    path = begin(desk.data, "templates/report/th/priorities.j2")
    path.write_text("{% p %}x{{ " + attack + " }}{% endp %}", encoding="utf-8")
    with pytest.raises(RenderError):
        written(desk.data)


def test_a_table_within_reach_of_a_template_writes_no_file(desk, tmp_path):
    from reporter.report import templating

    made = templating.environment(str(desk.data)).from_string("{{ table.to_csv(place) }}")
    with pytest.raises(Exception, match="unsafe"):
        made.render(table=whole_tables()["labour_index"], place=str(tmp_path / "stolen.csv"))
    assert not (tmp_path / "stolen.csv").exists()


def test_a_copy_of_an_older_version_is_outdated_and_a_stranger_is_told(desk):
    path = begin(desk.data, "rules/recommendations.toml")
    assert [one.state for one in overrides(desk.data)] == ["used"]
    path.write_text(
        "# base: 000000000000\n" + path.read_text(encoding="utf-8").partition("\n")[2], encoding="utf-8"
    )
    for stranger in ("templates/site/base.html.j2", "charts/mine.py", "templates/report/th/nothing.j2"):
        (desk.data / stranger).parent.mkdir(parents=True, exist_ok=True)
        (desk.data / stranger).write_text("x", encoding="utf-8")
    states = {one.path: one.state for one in overrides(desk.data)}
    assert states.pop("rules/recommendations.toml") == "outdated" and set(states.values()) == {"ignored"}
    told = next(
        one for one in examine(Circumstances(desk.data, desk.out, {}, NOW)) if one.name == "overrides"
    )
    assert told.state == "warning" and "charts/mine.py" in told.th and "outdated" in told.en
    page = client(desk).get("/q/2025-Q3/workspace").text
    assert "ล้าสมัย" in page


@pytest.mark.parametrize(
    "path",
    [
        "",
        "../workspace.toml",
        "templates/report/th/../../site/base.html.j2",
        "/etc/passwd",
        "charts/cover_line.py",
    ],
)
def test_only_files_of_the_list_are_taken_over(desk, path):
    assert path not in possible()
    assert send(desk, "/workspace/own", path=path).status_code == 400
    assert not (desk.data / "templates").exists() and not (desk.data / "charts").exists()


def test_a_chapter_that_is_left_out_is_gone_and_the_others_are_numbered_anew():
    full = write(whole_findings(), [], whole_tables(), context())
    settings = replace(context().settings, leave_out=("forecast", "skills"))
    made = write(whole_findings(), [], whole_tables(), replace(context(), settings=settings))
    kept = [part.slug for part in full.chapters if part.slug not in settings.leave_out]
    assert [part.slug for part in made.chapters] == kept
    assert [part.number for part in made.chapters] == list(range(1, len(kept) + 1))
    numbers = {f"chapter-{part.slug}": f"บทที่ {part.number}" for part in made.chapters if not part.is_appendix}
    links = [
        span
        for sentence in made.sentences()
        for span in sentence.spans
        if span.kind == "link" and span.target.startswith("chapter-")
    ]
    assert links and all(span.target.removeprefix("chapter-") in kept for span in links)
    assert all(numbers.get(span.target, span.text) == span.text for span in links)


def test_a_text_for_a_chapter_that_is_left_out_is_told():
    settings = replace(context().settings, leave_out=("forecast",))
    own = Commentary(chapters={"forecast": ChapterText("forecast", "ข้อความ", False, "")})
    used = replace(context(), settings=settings)
    made = write(whole_findings(), [], whole_tables(), used, own)
    assert "commentary.left_out" in [one.rule for one in check_typed(made, Cells(whole_tables()), used)]


@pytest.mark.parametrize(
    "wrong",
    [
        'leave_out = ["labour"]',
        'leave_out = ["nothing"]',
        'leave_out = "skills"',
        'logo = "figures/none.png"',
        'logo = "../logo.png"',
        "charts = 3",
        'colours = { navy = "blue" }',
        'colours = { navy = "#E0E0E0" }',
        'colours = { pink = "#123456" }',
        'signature = "x"',
    ],
)
def test_a_wrong_setting_is_refused_with_its_key(desk, wrong):
    answer = send(desk, "/workspace", text=wrong, digest="")
    assert answer.status_code == 400 and wrong.partition(" ")[0] in answer.text
    assert not (desk.data / "workspace.toml").exists()


def test_settings_of_names_logo_signature_and_chapters_are_read(desk):
    (desk.data / "figures").mkdir()
    Image.new("RGBA", (300, 200), "#C9A22780").save(desk.data / "figures" / "logo.png")
    text = (
        'logo = "figures/logo.png"\nsignature = { th = "นางสาวสมหญิง", en = "Ms Somying" }\nleave_out = ["skills"]\nlanguages = ["th", "en"]\n'
        '[charts]\nindex_history = "ten_years"\n'
    )
    assert send(desk, "/workspace", text=text, digest="").status_code == 303
    own = read_settings(desk.data)
    assert own.languages == ("th", "en")
    assert (own.leave_out, own.charts, own.signature.th) == (
        ("skills",),
        (("index_history", "ten_years"),),
        "นางสาวสมหญิง",
    )
    desk.out.mkdir(exist_ok=True)
    commentary.write_logo(desk.data, own.logo, desk.out)
    assert (desk.out / commentary.logo_of(desk.data, own.logo)).is_file()
    html = print_html(
        write(whole_findings(), [], whole_tables(), context()),
        replace(context(), settings=replace(own, logo="figures/logo.png")),
    )
    assert '<img class="logo" src="figures/logo.png" alt="กระทรวงแรงงาน">' in html


def test_the_form_of_the_charts_writes_their_table_and_leaves_the_rest(desk):
    path = desk.data / "workspace.toml"
    path.write_text('# ของเรา\ncontact = "กอง"\n[charts]\nindex_history = "whole"\n', encoding="utf-8")
    page = client(desk).get("/q/2025-Q3/look").text
    assert 'name="chart.index_history"' not in page  # no draft yet, nothing to choose for
    given = {f"chart.{name}": next(iter(own)) for name, own in chart_choices().items()}
    digest = stored(path).digest
    assert (
        send(desk, "/charts", **given | {"chart.index_history": "ten_years"}, digest=digest).status_code
        == 303
    )
    text = path.read_text(encoding="utf-8")
    assert text.startswith('# ของเรา\ncontact = "กอง"') and read_settings(desk.data).charts == (
        ("index_history", "ten_years"),
    )
    assert send(desk, "/charts", **given, digest=digest).status_code == 409  # somebody saved since
    assert (
        send(desk, "/charts", **given | {"chart.index_history": "3d"}, digest=stored(path).digest).status_code
        == 400
    )
    assert send(desk, "/charts", **given, digest=stored(path).digest).status_code == 303
    assert read_settings(desk.data).charts == () and "charts" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "choice"), [(n, c) for n, own in chart_choices().items() for c in own])
def test_every_choice_of_a_chart_can_be_drawn(name, choice):
    tables, own = example_tables(), example_context()
    drawable = [
        (chart, chart_data(chart, tables, own))
        for chart in all_charts(None, {name: choice})
        if chart.path.stem == name
    ]
    drawn = draw_pictures(drawable, own, Executor(), StageCache(None))
    assert len(drawn) == len(drawable) > 0 and all(drawn.values())


def test_a_choice_that_no_chart_declares_is_refused(tmp_path):
    for charts in ((("index_history", "3d"),), (("nothing", "x"),)):
        own = replace(context(), settings=replace(context().settings, charts=charts))
        with pytest.raises(DeclarationError):
            draw_all(whole_tables(), own, tmp_path)


def test_a_new_workspace_has_every_setting_in_its_file_with_a_value_that_is_read(tmp_path):
    made = tmp_path / "งาน"
    make_blank(made)
    (made / "figures").mkdir(exist_ok=True)
    Image.new("RGB", (30, 20)).save(made / "figures" / "logo.png")
    path = made / "workspace.toml"
    text = path.read_text(encoding="utf-8")
    for item in fields(Settings):
        assert re.search(rf"(?m)^(# )?(\[{item.name}\]|{item.name} = )", text), item.name
    path.write_text(re.sub(r"(?m)^# (\[?[a-z_]+(\]$| = ))", r"\1", text), encoding="utf-8")
    assert read_settings(made).leave_out == ("skills",)


def run(root, *arguments, code="from reporter.cli import main; main()"):
    """The program in a process of its own, as a command line runs it."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments, "--data", str(root)],
        capture_output=True,
        text=True,
        check=False,
    )


PROBE = """
from reporter import cli
from reporter.commands import MODULES
cli._Commands.get_command = lambda self, context, name: click.Command(name, params=[click.Option(["--data"])], callback=told)
import click
def told(data):
    from reporter.domain.thai import INDEX_STEPS
    from reporter.figures import NAVY
    from reporter.domain.declarations import css_variables, rule
    from reporter.pdf import worker_process
    assert "REPORTER_WORKSPACE" in worker_process._environment(worker_process.Path("x"))  # print has the same colours
    print(INDEX_STEPS.still, INDEX_STEPS.marked, NAVY, rule("majority.most"), css_variables().count("#123456"))
cli.main()
"""


def test_thresholds_of_words_and_colours_of_the_workspace_hold_for_its_commands(tmp_path):
    assert run(tmp_path, "status", code=PROBE).stdout.split() == ["0.3", "4.0", "#1F4E79", "50.0", "0"]
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "wording.toml").write_text("[steps.index]\nstill = 0.5\n", encoding="utf-8")
    (tmp_path / "workspace.toml").write_text('colours = { navy = "#123456" }\n', encoding="utf-8")
    assert run(tmp_path, "status", code=PROBE).stdout.split() == ["0.5", "4.0", "#123456", "50.0", "1"]


RULES_PROBE = """
from reporter import cli
from reporter.commands import MODULES
def probe(*_, **__):
    from reporter import measures
    from reporter.report.provenance import declared_bands
    bands = declared_bands()
    assert measures._simulated() == []  # measured at other thresholds
    print(measures.rules().alert, bands["outer"]["confidence"]["low"], bands["band"][2]["name"]["en"], bands["band"][4]["id"])
import reporter.commands.build as build
import click
build.check_command.callback = probe
cli.main()
"""


def test_bands_and_signals_of_the_workspace_hold_for_its_commands(tmp_path):
    own = tmp_path / "rules"
    own.mkdir()
    (own / "signals.toml").write_text("alert = 0.05\n", encoding="utf-8")
    bands = "".join(
        '[[band]]\nname = { en = "fair" }\n' if place == 2 else "[[band]]\n" for place in range(5)
    )
    (own / "bands.toml").write_text(f"[outer.confidence]\nlow = 70\n{bands}", encoding="utf-8")
    said = run(tmp_path, "check", code=RULES_PROBE)
    assert said.stdout.split() == ["0.05", "70", "fair", "much_above"], said.stderr


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("bands.toml", "[[band]]\nid = 'x'"),
        ("bands.toml", "outer = 3"),
        ("signals.toml", "alarm = 0.1"),
        ("signals.toml", "alert = "),
        ("signals.toml", "[timing]\nleading = [1]"),
    ],
)
def test_wrong_bands_and_signals_are_told_by_a_check(tmp_path, name, wrong):
    (tmp_path / "series").mkdir()
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / name).write_text(wrong, encoding="utf-8")
    done = run(tmp_path, "check")
    assert (
        done.returncode == 1
        and f"rules/{name}" in done.stdout + done.stderr
        and "Traceback" not in done.stderr
    )


@pytest.mark.parametrize("wrong", ["[steps.index]\nstil = 1", "[majority]\nmost = 'x'", "steps = 3", "x = ["])
def test_a_wrong_threshold_is_told_without_a_trace(tmp_path, wrong):
    (tmp_path / "series").mkdir()
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "wording.toml").write_text(wrong, encoding="utf-8")
    done = run(tmp_path, "check")
    told = done.stdout + done.stderr
    assert done.returncode == 1 and "rules/wording.toml" in told and "Traceback" not in told
