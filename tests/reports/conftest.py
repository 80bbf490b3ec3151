import nbformat
import pytest


@pytest.fixture
def notebook(tmp_path):
    """Return a function that writes a notebook of the given code cells."""

    def write(*sources, name="small"):
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        if cells:
            cells[0].metadata["tags"] = ["parameters"]
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        return path

    return write
