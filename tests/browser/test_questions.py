"""Questions with a field under each: in a page, by keyboard, for a screen reader, when narrow."""

import pytest

from convrnn_lab import exercises
from convrnn_lab.explorer import assets
from tests.browser.test_stage import AXE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def questions_file(tmp_path_factory):
    body = exercises.ask("pooling").element()
    path = tmp_path_factory.mktemp("questions") / "page.html"
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Pooling</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<style>body{color-scheme:light dark}@media(prefers-color-scheme:dark)"
        "{body{background:#1c2128;color:#e6edf3}}</style>"
        f"<main><h1>Pooling</h1>{body}</main>{assets.scripts(body)}</html>",
        "utf-8",
    )
    return path


def asked(page, index=0):
    return page.locator(".cl-question").nth(index)


def said(page, index=0):
    return asked(page, index).locator("[role=status]").text_content()


def answer(page, text, index=0):
    field = asked(page, index).get_by_role("textbox")
    field.fill(text)
    field.press("Enter")
    return said(page, index)


def test_an_answer_is_checked_by_keyboard_and_gets_a_hint_or_the_reason(open_page, questions_file):
    page = open_page(questions_file.as_uri(), offline=True)
    exercise = exercises.checking.exercises_of("pooling")["height"]

    assert answer(page, "") == "Write your answer into the field first."
    assert answer(page, "14") == f"Not yet, but a guess is a good start. {exercise.hint}"
    assert answer(page, " 15.0 pixels") == f"Right. {exercise.reason}"
    assert page.left + page.faults == []


def test_a_hint_comes_when_asked_for_and_the_answer_after_two_wrong_ones(open_page, questions_file):
    page = open_page(questions_file.as_uri(), offline=True)
    exercise = exercises.checking.exercises_of("pooling")["height"]
    reveal = asked(page).get_by_text("Show the answer")

    asked(page).get_by_text("Hint", exact=True).click()
    assert said(page) == exercise.hint
    answer(page, "13")
    assert not reveal.is_visible()
    answer(page, "14")
    reveal.click()
    assert said(page) == f"It is 15. {exercise.reason}"


def test_one_chooses_by_arrow_keys(open_page, questions_file):
    page = open_page(questions_file.as_uri(), offline=True)
    first = asked(page, 3).get_by_role("radio").first

    first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert said(page, 3).startswith("Not yet")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert said(page, 3).startswith("Right. The stride loses the place")


def test_an_answer_stays_while_the_page_is_open_and_none_needs_to(open_page, questions_file):
    page = open_page(questions_file.as_uri(), offline=True)
    answer(page, "15")

    page.reload()
    assert asked(page).get_by_role("textbox").input_value() == "15"
    assert said(page).startswith("Right.")

    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('no'); } })"
    )
    page.reload()
    assert asked(page).get_by_role("textbox").input_value() == ""
    assert answer(page, "15").startswith("Right.")
    assert page.faults == []


@pytest.mark.parametrize(
    "text", ["<img src=x onerror=alert(1)>", "9" * 10_000, "1/0", "\N{SNOWMAN}" * 50, "'; --"]
)
def test_what_cannot_be_read_is_one_sentence_and_never_markup(open_page, questions_file, text):
    page = open_page(questions_file.as_uri(), offline=True)

    assert answer(page, text) == "Write a number, such as 13, 0.5 or 1/3."
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1366])
def test_questions_are_accessible_and_fit(open_page, questions_file, scheme, width):
    page = open_page(questions_file.as_uri(), offline=True, width=width, scheme=scheme)
    answer(page, "15")
    answer(page, "many", 1)

    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then(({ violations }) => violations.map(({ id }) => id))")

    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_javascript_the_questions_can_be_read(browser, questions_file):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(questions_file.as_uri())

    assert page.locator("li").count() == 4
    assert page.get_by_text("To answer here, the page needs JavaScript.").is_visible()
    context.close()
