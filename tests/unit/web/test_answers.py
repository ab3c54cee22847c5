"""Answers that are kept: never for another person's rights, never of another moment, never without bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.cli.scheduled import read_command
from penstock.service.serving import Serving
from penstock.web.answers import BESIDE, Answers, Sent, Stands, packed, tag
from penstock.web.table import routes
from tests.tools.served import Served


def sent(text: str) -> Sent:
    return Sent(body=text.encode(), headers={"etag": tag(text.encode())})


def test_an_answer_is_made_once_for_a_moment() -> None:
    answers, made = Answers(), []

    def make() -> Sent:
        made.append(1)
        return sent(f"{len(made)}")

    told = [answers.get("runs", moment, make).body for moment in (1, 1, 2, 2, 1)]
    assert told == [b"1", b"1", b"2", b"2", b"3"], (
        "an older moment is not answered by a newer one, nor the other way"
    )


def test_what_is_kept_is_bounded_and_the_newest_stay() -> None:
    answers = Answers(largest=2 * BESIDE + 25)
    for name in ("a", "b", "a", "c"):
        answers.get(name, 1, lambda: sent("x" * 10))
    again: list[str] = []

    def noted(name: str) -> Sent:
        again.append(name)
        return sent("")

    for name in ("a", "c", "b"):
        answers.get(name, 1, lambda name=name: noted(name))  # type: ignore[misc]  # the default binds it
    assert again == ["b"], "the one that nobody had asked for longest has gone"


def test_what_is_larger_than_all_room_is_not_kept_and_drives_out_nothing() -> None:
    answers = Answers(largest=3 * BESIDE)
    answers.get("small", 1, lambda: sent("x"))
    answers.get("large", 1, lambda: sent("x"))
    answers.get("large", 2, lambda: sent("x" * 3 * BESIDE))
    assert answers.get("small", 1, lambda: sent("y")).body == b"x"
    assert answers.get("large", 2, lambda: sent("y")).body == b"y"
    assert answers.get("small", 1, lambda: sent("y")).body == b"x"


def test_answers_of_next_to_nothing_are_bounded_too() -> None:
    """A search for each letter that is typed, a page beyond the last: the question is larger than its answer."""
    answers, made = Answers(largest=10 * BESIDE), []

    def noted(question: int) -> Sent:
        made.append(question)
        return sent("")

    for turn in (range(1_000), range(1_000)):
        for question in turn:
            answers.get(question, 1, lambda question=question: noted(question))  # type: ignore[misc]
    assert len(made) == 2_000


def test_an_edited_project_file_is_another_moment(tmp_path: Path) -> None:
    """The name of the project and its environment are in answers, and not in the graph."""
    file = tmp_path / "penstock.yml"
    file.write_text("name: before\nwarehouses: {main: {type: duckdb, path: w.duckdb}}\n")
    serving = Serving(tmp_path, None, read_command)
    try:
        first = serving.moment()
        assert serving.moment() == first
        file.write_text("name: after that\nwarehouses: {main: {type: duckdb, path: w.duckdb}}\n")
        assert serving.moment() != first and serving.lately_moment() != first
    finally:
        serving.close()


def test_a_failure_is_not_kept() -> None:
    answers = Answers()
    with pytest.raises(ZeroDivisionError):
        answers.get("x", 1, lambda: sent(str(1 // 0)))
    assert answers.get("x", 1, lambda: sent("well")).body == b"well"


def test_packing_changes_no_tag() -> None:
    words = b"a long answer " * 1_000
    data, headers = packed(words, {"etag": tag(words)}, True)
    assert len(data) < len(words) and headers == {"etag": tag(words), "content-encoding": "gzip"}
    assert packed(words, {}, False) == (words, {})


@pytest.mark.slow
@pytest.mark.xdist_group("served")
def test_nobody_is_told_what_another_may_see(site: Served) -> None:
    """The one who sees all asks first, so that all answers are kept; then who sees one asset; then the first again."""
    root, limited = site.login("root"), site.add("narrow", "viewer", "fast_count")
    kept = [route for route in routes() if route.stands is not Stands.ONCE]
    assert {"assets", "status", "graph", "runs", "findings", "search", "why", "cost"} <= {
        one.name for one in kept
    }
    words = {"asset": "?name=loud", "search": "?text=lou", "why": "?name=loud"}
    for route in kept:
        path = route.path + words.get(route.name, "")
        before = root.get(path)
        assert before.status == 200, (path, before)
        told = limited.get(path)
        assert told.status in (200, 403, 404), (path, told)
        if told.status == 200:
            assert b"loud" not in told.body and b"all_things" not in told.body, (path, told.body)
        assert root.get(path, {"If-None-Match": before.headers["etag"]}).status in (200, 304)
    assert b"loud" in root.get("/api/v1/assets").body
