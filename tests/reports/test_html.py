import nbformat

from convrnn_lab.reports import html

FOLDED = {"jupyter": {"source_hidden": True}}


def page_of(*cells):
    return html.page(nbformat.v4.new_notebook(cells=list(cells)), "small")


def test_a_folded_cell_is_folded_in_the_page():
    source = 'size: int = 3  # pixels, "a" < b\n\nname: str = "**x**"'
    cell = nbformat.v4.new_code_cell(source, metadata=FOLDED)

    page = page_of(cell)

    details = page.partition("<details>")[2].partition("</details>")[0]
    assert 'size: int = 3  # pixels, "a" &lt; b\n\nname: str' in details
    assert "**x**" in details


def test_a_fold_says_that_it_holds_the_parameters():
    tagged = FOLDED | {"tags": ["parameters"]}

    assert "<summary>Code<" in page_of(nbformat.v4.new_code_cell("size = 3", metadata=FOLDED))
    assert "<summary>Parameters<" in page_of(nbformat.v4.new_code_cell("a = 3", metadata=tagged))


def test_what_a_folded_cell_shows_is_seen():
    shown = nbformat.v4.new_output("stream", name="stdout", text="seen")
    cell = nbformat.v4.new_code_cell("print('seen')", metadata=FOLDED, outputs=[shown])

    page = page_of(cell)

    assert "<pre>seen" in page.partition("</details>")[2]


def test_other_cells_are_not_folded():
    assert "<details>" not in page_of(nbformat.v4.new_code_cell("1 + 1"))


def test_links_between_notebooks_become_links_between_pages():
    text = "[next](02_pooling.ipynb) and [data](data.csv) and `03_cnn.ipynb`"

    page = page_of(nbformat.v4.new_markdown_cell(text))

    assert 'href="02_pooling.html"' in page
    assert 'href="data.csv"' in page
    assert "03_cnn.ipynb" in page
