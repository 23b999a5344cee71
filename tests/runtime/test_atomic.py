import pytest

from reporter.domain.errors import ReporterError, StateError
from reporter.runtime.cache import (
    clear_away,
    lock,
    new_folder,
    write_bytes,
)


def test_the_new_folder_takes_the_place_of_the_old(tmp_path):
    target = tmp_path / "out" / "2025-Q3"
    for content in ("first", "second"):
        with new_folder(target) as folder:
            (folder / "a.txt").write_text(content)
    assert (target / "a.txt").read_text() == "second"
    assert [path.name for path in target.parent.iterdir()] == ["2025-Q3"]


def test_an_error_leaves_the_old_folder_as_it_was(tmp_path):
    target = tmp_path / "2025-Q3"
    with new_folder(target) as folder:
        (folder / "a.txt").write_text("old")
    with pytest.raises(ValueError, match="stop"), new_folder(target) as folder:
        (folder / "a.txt").write_text("new")
        raise ValueError("stop")
    assert (target / "a.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["2025-Q3"]


def test_what_a_killed_run_left_is_removed(tmp_path):
    (tmp_path / ".2025-Q3.building").mkdir()
    (tmp_path / ".2025-Q3.building" / "half.pdf").write_text("half")
    with new_folder(tmp_path / "2025-Q3") as folder:
        assert list(folder.iterdir()) == []


def test_a_second_writer_is_refused(tmp_path):
    with (
        lock(tmp_path / ".x.lock"),
        pytest.raises(StateError, match="Another run"),
        lock(tmp_path / ".x.lock"),
    ):
        pass
    with lock(tmp_path / ".x.lock"):
        pass  # free again


def test_a_file_in_the_way_is_one_clear_error(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ReporterError, match="not a folder"), new_folder(tmp_path / "out" / "2025-Q3"):
        pass


def test_a_file_is_written_whole(tmp_path):
    write_bytes(tmp_path / "a.bin", b"\x00" * 1000)
    assert (tmp_path / "a.bin").read_bytes() == b"\x00" * 1000
    assert len(list(tmp_path.iterdir())) == 1


def test_a_parent_made_for_nothing_is_gone_again(tmp_path):
    with pytest.raises(ValueError, match="stop"), new_folder(tmp_path / "out" / "2025-Q3"):
        raise ValueError("stop")
    assert list(tmp_path.iterdir()) == []


def test_what_a_run_killed_after_the_swap_left_is_cleared_away_but_not_another_runs_work(tmp_path):
    target, beside = tmp_path / "2025-Q3", tmp_path / ".2025-Q3.building"
    target.mkdir()
    beside.mkdir()
    (beside / "old.pdf").write_text("old")
    with lock(tmp_path / ".2025-Q3.lock"):
        clear_away(target)
        assert beside.exists()
    clear_away(target)
    assert [path.name for path in tmp_path.iterdir()] == ["2025-Q3"]
