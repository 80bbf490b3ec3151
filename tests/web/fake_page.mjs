/* As much of a page as controls need that nobody sees. */

/** An element that keeps what it is given. */
class FakeElement {
  constructor(tag) {
    Object.assign(this, { tagName: tag.toUpperCase(), children: [], attributes: {}, hidden: false, isConnected: true, textContent: "" });
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  append(...children) {
    this.children.push(...children);
    for (const child of children) if (typeof child === "string") this.textContent += child;
  }

  addEventListener() {}
}

/** Put a page in its place for one test. @param {any} t @param {{still?: boolean}} [wishes] */
export function fakePage(t, { still = false } = {}) {
  const before = { document: globalThis.document, matchMedia: globalThis.matchMedia };
  globalThis.document = { createElement: (tag) => new FakeElement(tag) };
  globalThis.matchMedia = () => ({ matches: still });
  t.after(() => Object.assign(globalThis, before));
}
