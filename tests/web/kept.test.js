import assert from "node:assert/strict";
import test from "node:test";

import { hold, want } from "../../convrnn_lab/explorer/web/kept.js";

/** A node that counts what is written to it. */
class Written {
  constructor(tag, text = "") {
    Object.assign(this, { tag, text, attributes: {}, childNodes: [], writes: 0, parent: null, namespaceURI: "" });
  }

  get firstChild() {
    return this.childNodes[0] ?? null;
  }

  get lastChild() {
    return this.childNodes.at(-1) ?? null;
  }

  get nextSibling() {
    return this.parent.childNodes[this.parent.childNodes.indexOf(this) + 1] ?? null;
  }

  set data(text) {
    this.text = text;
    this.writes += 1;
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
    this.writes += 1;
  }

  removeAttribute(name) {
    delete this.attributes[name];
    this.writes += 1;
  }

  append(node) {
    this.childNodes.push(node);
    node.parent = this;
  }

  replaceWith(node) {
    this.parent.childNodes.splice(this.parent.childNodes.indexOf(this), 1, node);
    node.parent = this.parent;
  }

  remove() {
    this.parent.childNodes.splice(this.parent.childNodes.indexOf(this), 1);
  }

  replaceChildren() {
    this.childNodes = [];
  }

  /** What it holds, as markup. */
  toString() {
    if (!this.tag) return this.text;
    const attributes = Object.entries(this.attributes).map(([name, value]) => ` ${name}=${value}`);
    return `<${this.tag}${attributes.join("")}>${this.childNodes.join("")}</>`;
  }

  /** How often it, and all that it holds, has been written to since the last question. */
  count() {
    const total = this.childNodes.reduce((sum, node) => sum + node.count(), this.writes);
    this.writes = 0;
    return total;
  }
}

/** @param {any} t */
function parent(t) {
  const before = globalThis.document;
  t.after(() => { globalThis.document = before; });
  globalThis.document = {
    createElement: (tag) => new Written(tag),
    createElementNS: (space, tag) => Object.assign(new Written(tag), { namespaceURI: space }),
    createTextNode: (text) => new Written("", text),
  };
  return new Written("p");
}

test("what is the same stays as it is, and nothing is written to it", (t) => {
  const element = parent(t);
  hold(element, ["a", want("b", { x: 1, y: 2 }, "c", want("i", {}))]);
  const [text, inner] = element.childNodes;
  element.count();

  hold(element, ["a", want("b", { x: 1, y: 2 }, "c", want("i", {}))]);

  assert.deepEqual([element.childNodes[0] === text, element.childNodes[1] === inner, element.count()], [true, true, 0]);
});

test("of what differs only that is written: a text, an attribute", (t) => {
  const element = parent(t);
  hold(element, ["a", want("b", { x: 1, y: 2 }, "c"), want("b", { x: 3 })]);
  const kept = [...element.childNodes];
  element.count();

  hold(element, ["z", want("b", { x: 5 }, "d"), want("b", { x: 3 })]);

  assert.deepEqual(element.childNodes.map((node, place) => node === kept[place]), [true, true, true]);
  assert.deepEqual([String(element), element.count()], ["<p>z<b x=5>d</><b x=3></></>", 4]); // a, x, y and c
});

test("another tag is another element; what is more is added, and what is less goes", (t) => {
  const element = parent(t);
  hold(element, ["a", want("b", {}), want("b", {})]);
  const last = element.childNodes[2];

  hold(element, [want("i", {}), "a", want("b", {}), want("u", {}, "n"), "e"]);
  assert.equal(String(element), "<p><i></>a<b></><u>n</>e</>");
  assert.ok(element.childNodes[2] === last);

  hold(element, [want("i", {})]);
  assert.equal(String(element), "<p><i></></>");
});

test("an element that was emptied meanwhile is filled again", (t) => {
  const element = parent(t);
  hold(element, [want("b", { x: 1 })]);
  element.replaceChildren();

  hold(element, [want("b", { x: 1 })]);

  assert.equal(String(element), "<p><b x=1></></>");
});

test("what goes into a drawing is one, and text is no markup", (t) => {
  const element = parent(t);
  hold(element, [want("svg", {}, want("title", {}, "<b>"))]);
  const [svg] = element.childNodes;
  assert.deepEqual([svg.namespaceURI, svg.childNodes[0].namespaceURI].map((space) => space.split("/").at(-1)), ["svg", "svg"]);
  assert.equal(svg.childNodes[0].childNodes[0].tag, "");
});
