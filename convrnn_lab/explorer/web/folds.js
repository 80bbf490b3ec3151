// @ts-check
/* Groups of rarer controls, each folded behind its name until somebody asks for it. */

import { make } from "./marks.js";

/** @typedef {[string, string[]]} Fold the name of a group, and of its controls */

/** The buttons of all groups, `el`, and what they open. */
export class Folds {
  /** @param {Fold[]} declared */
  constructor(declared) {
    this.el = make("div", { class: "cl-folds", role: "group", "aria-label": "More controls" });
    this.groups = declared.map(([title, names]) => this.addGroup(title, names));
  }

  /** @param {string} title @param {string[]} names */
  addGroup(title, names) {
    const known = { type: "button", class: "cl-tab", "aria-expanded": "false", "data-lm-suppress-shortcuts": "true" };
    const button = make("button", known, title);
    const body = make("div", { class: "cl-controls cl-looks cl-fold", role: "group", "aria-label": title });
    const group = { title, names, button, body, bodies: [body] };
    body.hidden = true;
    button.onclick = () => unfold(group, button.getAttribute("aria-expanded") !== "true");
    this.el.append(button);
    return group;
  }

  /** What the groups hold, in their order. @returns {any[]} */
  get bodies() {
    return this.groups.map(({ body }) => body);
  }

  /** Return where the row of a control goes, if it is folded away. @param {string} name */
  placeOf(name) {
    return this.groups.find(({ names }) => names.includes(name))?.body;
  }

  /** Fold what is there already with a group. @param {number} index @param {any} element */
  take(index, element) {
    const group = this.groups[index];
    group.bodies.push(element);
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", group.title);
    unfold(group, false);
  }

  /** Offer no group in which nothing can be moved. */
  arrange() {
    for (const { button, bodies } of this.groups) {
      button.hidden = bodies.every((each) => [...each.children].every((/** @type {any} */ row) => row.hidden));
    }
  }

  /** Open the groups of controls that were moved from elsewhere: nothing changes unseen. @param {string[]} moved */
  reveal(moved) {
    for (const group of this.groups) {
      if (moved.some((name) => group.names.includes(name))) unfold(group, true);
    }
  }
}

/** Open a group, or fold it. @param {{button: any, bodies: any[]}} group @param {boolean} open */
function unfold({ button, bodies }, open) {
  button.setAttribute("aria-expanded", String(open));
  for (const each of bodies) each.hidden = !open;
}
