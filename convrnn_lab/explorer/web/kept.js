// @ts-check
/* What an element should hold, made of what it holds already: the browser lays out again, and paints,
 * only what differs. */

import { SVG } from "./addresses.js";

/**
 * @typedef {{tag: string, attributes: Record<string, any>, children: (Wanted | string)[]}} Wanted an element to be
 */

/** What was put into an element last. @type {WeakMap<any, (Wanted | string)[]>} */
const HELD = new WeakMap();

/**
 * Say which element is wanted; `make` and `draw` in marks.js make one at once.
 *
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {...(Wanted | string)} children text goes in as text
 * @returns {Wanted}
 */
export const want = (tag, attributes, ...children) => ({ tag, attributes, children });

/**
 * Let an element hold what is wanted; those inside that have the same tag are kept.
 *
 * @param {any} element that nothing else puts anything into
 * @param {(Wanted | string)[]} wanted
 */
export function hold(element, wanted) {
  let before = HELD.get(element) ?? [];
  if (element.childNodes.length !== before.length) { // it has been emptied meanwhile
    element.replaceChildren();
    before = [];
  }
  change(element, before, wanted);
  HELD.set(element, wanted);
}

/** @param {any} element @param {(Wanted | string)[]} before @param {(Wanted | string)[]} wanted */
function change(element, before, wanted) {
  let node = element.firstChild;
  wanted.forEach((one, index) => {
    const was = before[index];
    if (was === undefined) {
      element.append(built(element, one));
      return;
    }
    const kept = changed(node, was, one) ? node : built(element, one);
    if (kept !== node) node.replaceWith(kept);
    node = kept.nextSibling;
  });
  for (let more = wanted.length; more < before.length; more += 1) element.lastChild.remove();
}

/**
 * Make a node what is wanted in its place; say whether it could be.
 *
 * @param {any} node
 * @param {Wanted | string} was
 * @param {Wanted | string} wanted
 */
function changed(node, was, wanted) {
  if (typeof was === "string" || typeof wanted === "string") {
    if (typeof was !== typeof wanted) return false;
    if (was !== wanted) node.data = wanted;
    return true;
  }
  if (was.tag !== wanted.tag) return false;
  for (const [name, value] of Object.entries(wanted.attributes)) {
    if (was.attributes[name] !== value) node.setAttribute(name, value);
  }
  for (const name of Object.keys(was.attributes)) if (!(name in wanted.attributes)) node.removeAttribute(name);
  change(node, was.children, wanted.children);
  return true;
}

/** Make what is wanted, of the kind of what it goes into. @param {any} parent @param {Wanted | string} wanted @returns {any} */
function built(parent, wanted) {
  if (typeof wanted === "string") return document.createTextNode(wanted);
  const isDrawing = wanted.tag === "svg" || parent.namespaceURI.endsWith("svg");
  const made = isDrawing ? document.createElementNS(SVG, wanted.tag) : document.createElement(wanted.tag);
  for (const [name, value] of Object.entries(wanted.attributes)) made.setAttribute(name, value);
  for (const child of wanted.children) made.append(built(made, child));
  return made;
}
