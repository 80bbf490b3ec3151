"""What an explorer shows in a browser, read back as numbers."""

import json
from dataclasses import dataclass

READ = """root => {
  const plain = value => {
    if (ArrayBuffer.isView(value)) return Array.from(value);
    if (Array.isArray(value)) return value.map(plain);
    return value;
  };
  const panels = [...root.querySelectorAll('.cl-panel:not([hidden])')].map(panel => ({
    caption: panel.querySelector('figcaption').textContent,
    traces: Object.fromEntries(panel.querySelector('.cl-plot').data.map(trace =>
      [trace.name, Object.fromEntries(
        ['x', 'y', 'z'].map(key => [key, plain(trace[key] ?? null)]))])),
  }));
  return JSON.stringify({
    title: root.querySelector('.cl-title').textContent,
    message: [...root.querySelectorAll('.cl-message')].map(m => m.textContent).join(''),
    description: root.querySelector('.cl-panels').getAttribute('aria-label'),
    facts: Object.fromEntries([...root.querySelectorAll('dt')].map(
      dt => [dt.textContent, dt.nextElementSibling.textContent])),
    code: root.querySelector('code').textContent,
    panels,
  });
}"""


@dataclass(frozen=True)
class Screen:
    title: str
    message: str
    description: str
    facts: dict
    code: str
    panels: list

    def trace(self, name):
        """Return a trace by name, whichever panel it is in."""
        return next(p["traces"][name] for p in self.panels if name in p["traces"])


def read(page, index=0):
    """Return what the explorer number `index` of a page shows."""
    return Screen(**json.loads(page.locator(".convrnn-lab").nth(index).evaluate(READ)))
