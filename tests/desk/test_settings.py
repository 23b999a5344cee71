"""A workspace's own settings, templates and rules: checked before they are saved, in a sandbox, told when they are outdated."""

from dataclasses import replace

import pytest

from reporter.delivery.operation import Place, examine
from reporter.domain.errors import RenderError
from reporter.inputs.workspace import begin, overrides, possible, read_settings
from reporter.report.pages import write
from tests.report.issues import context, whole_findings, whole_tables
from tests.support.desk import NOW, client, csrf, example_desk

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
    told = next(one for one in examine(Place(desk.data, desk.out, {}, NOW)) if one.name == "overrides")
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
