"""A notebook in JupyterLab, as a reader uses it."""

import re

import pytest

from tests.browser.screen import read

PATIENCE_MS = 180_000
"""How long a state is waited for: on a loaded machine it comes late, and it is no measurement."""


HANDLE = ".noUi-handle, input[type=range]"
"""What takes the keys of a slider: of a setting, and of a look."""

RAIL = ".noUi-base, input[type=range]"


class LiveNotebook:
    """A notebook open in JupyterLab, run to its end."""

    def __init__(self, page, count):
        self.page = page
        page.wait_for_selector(".jp-Notebook", timeout=PATIENCE_MS)
        self.idle()
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells'); 0")
        self.drawn(count)

    def idle(self):
        self.page.wait_for_function(
            """() => {
              const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
              return context?.isReady && context.session?.kernel?.status === 'idle';
            }""",
            timeout=PATIENCE_MS,
        )

    def busy(self):
        """Say whether the kernel works; a dead one does not."""
        status = "jupyterapp.shell.currentWidget.sessionContext.session.kernel?.status"
        return self.page.evaluate(status) == "busy"

    def drawn(self, count):
        # JupyterLab draws a cell when it comes near the screen.
        for _ in range(PATIENCE_MS // 150):
            if self.page.locator(".convrnn-lab .cl-panels").count() >= count:
                break
            self.page.locator(".jp-WindowedPanel-outer").first.hover()
            self.page.mouse.wheel(0, 500)
            self.page.wait_for_timeout(150)
        else:
            pytest.fail(f"{count} figures did not appear")
        self.idle()
        for index in range(count):
            self.settled(index)

    def start_over(self):
        """Put every control back to where it started."""
        self.run(
            "import gc\n"
            "from convrnn_lab.explorers import Explorer\n"
            "for each in [e for e in gc.get_objects() if isinstance(e, Explorer)]:\n"
            "    for name, control in each.controls.items():\n"
            "        control.value = each.start[name]"
        )
        for index in range(self.page.locator(".convrnn-lab .cl-panels").count()):
            self.settled(index)

    def run(self, code):
        """Run code in the notebook's kernel and return what it prints."""
        return self.page.evaluate(
            """async code => {
              const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
              const future = kernel.requestExecute({code});
              let text = '';
              future.onIOPub = message => {
                text += message.content.text ?? '';
                text += (message.content.traceback ?? []).join('\\n');
              };
              await future.done;
              return text.trim();
            }""",
            code,
        )

    def says(self, code, wanted):
        """Wait until an expression in the kernel prints as `wanted`; moves reach it one by one."""
        for _ in range(PATIENCE_MS // 100):
            found = self.run(f"print({code})")
            if found == wanted:
                return
            self.page.wait_for_timeout(100)
        pytest.fail(f"{code} is {found}, not {wanted}")

    def until(self, condition):
        """Wait until a condition on what is shown holds."""
        for _ in range(PATIENCE_MS // 80):
            if condition():
                return
            self.page.wait_for_timeout(80)
        seen = self.page.locator(".convrnn-lab-explorer").count()
        said = self.page.locator(".convrnn-lab [role=status]").all_inner_texts()
        pytest.fail(f"it did not come about: {[self.values(i) for i in range(seen)]}, {said}")

    def stroke(self, field, *points):
        """Draw through points of a field; again if the page has moved under the pointer."""

        def drawn():
            field.hover(position=points[0])  # waits until the page is at rest
            self.page.mouse.down()
            for point in points[1:]:
                field.hover(position=point)
            self.page.mouse.up()
            return field.evaluate(
                """canvas => {
                  const {data} = canvas.getContext('2d')
                      .getImageData(0, 0, canvas.width, canvas.height);
                  return data.some(value => value < 99);
                }"""
            )

        self.until(drawn)

    def control(self, name, explorer=0):
        """Return the row of a control: a setting's is of ipywidgets, a look's is our own."""
        box = self.page.locator(".convrnn-lab-explorer").nth(explorer)
        label = self.page.locator(".widget-label, :scope > span", has_text=re.compile(f"^{name}$"))
        return box.locator(".widget-inline-hbox, .cl-looks label:not([hidden])").filter(has=label)

    def unfold(self, name, explorer=0, within=""):
        """Open what is folded away under a name, and wait until it is drawn."""
        root = self.page.locator(".convrnn-lab-explorer").nth(explorer)
        tab = root.locator(f"{within} .cl-tab", has_text=name)
        if tab.get_attribute("aria-expanded") == "false":
            tab.click()
        root.evaluate(
            """async root => {
              const plots = () => [...root.querySelectorAll('.cl-panel:not([hidden]) .cl-plot')];
              while (!plots().every(plot => plot.data)) await new Promise(requestAnimationFrame);
            }"""
        )

    def unfold_controls(self, explorer=0):
        """Open all groups of controls."""
        box = self.page.locator(".convrnn-lab-explorer").nth(explorer)
        folded = box.locator(".cl-folds .cl-tab[aria-expanded=false]:visible")
        for name in folded.all_text_contents():
            self.unfold(name, explorer, ".cl-folds")  # a panel may be folded under the same name

    def values(self, explorer=0):
        """Return what the controls say on the screen."""
        shown = (
            self.page.locator(".convrnn-lab-explorer")
            .nth(explorer)
            .evaluate(
                """box => Object.fromEntries([
              ...box.querySelectorAll('.widget-inline-hbox, .cl-looks label:not([hidden])')
              ].map(row => [
                row.querySelector('.widget-label, span').textContent,
                row.querySelector('.widget-readout, output')?.textContent
                    ?? row.querySelector('select').selectedOptions[0].textContent,
            ]))"""
            )
        )
        # ipywidgets writes blanks of a list as unbreakable ones.
        return {name: text.replace("\xa0", " ") for name, text in shown.items()}

    def settled(self, index=0):
        """Wait until figure, controls and kernel are at rest, and return what the figure shows."""
        last = None
        panels = self.page.locator(".convrnn-lab").nth(index).locator(".cl-panels")
        for _ in range(PATIENCE_MS // 80):
            self.page.wait_for_timeout(80)
            if panels.get_attribute("aria-busy") == "true" or self.busy():
                last = None
                continue
            values = self.values(index)
            if values == last:
                return read(self.page, index)
            last = values
        pytest.fail("the figure did not come to rest")
        return None
