// @ts-check
/* What of a figure is folded away until somebody asks for it: further panels, facts, and code. */

import { make } from "./marks.js";

const FACTS = "In numbers";
const CODE = "In code";
const BESIDE = 2; // large panels that leave room for the facts at their side

/** The buttons under a figure; one of the groups that they name is open at a time, or none. */
export class Tabs {
  /** @param {any} grid holds all of it @param {any} panelBox @param {any} notes the facts @param {any} lines the code */
  constructor(grid, panelBox, notes, lines) {
    this.grid = grid;
    this.panelBox = panelBox;
    this.notes = notes;
    this.lines = lines;
    this.el = make("div", { class: "cl-tabs", role: "group", "aria-label": "More of this figure" });
    /** @type {string[]} */
    this.names = [];
    /** The group that was opened by hand; none by "". @type {string | undefined} */
    this.chosen = undefined;
    /** @type {any[]} */
    this.panels = [];
  }

  /** The group that is open. */
  get open() {
    const first = this.panels.find(({ tab }) => tab)?.tab ?? "";
    return this.chosen !== undefined && [...this.names, ""].includes(this.chosen) ? this.chosen : first;
  }

  /** Show what is open of a figure. @param {any[]} panels @param {string} code */
  settle(panels, code) {
    this.panels = panels;
    const large = panels.filter(({ tab, size }) => !tab && size === "large").length;
    const beside = large > 0 && large <= BESIDE;
    const folded = panels.flatMap(({ tab }) => tab || []);
    const names = [...new Set([...folded, ...(beside ? [] : [FACTS]), ...(code ? [CODE] : [])])];
    if (names.join("\n") !== this.names.join("\n")) this.name(names);
    this.grid.classList.toggle("cl-beside", beside);
    this.show(beside);
  }

  /** @param {string[]} names */
  name(names) {
    this.names = names;
    this.el.replaceChildren(...names.map((name) => {
      const button = make("button", { type: "button", class: "cl-tab", "data-lm-suppress-shortcuts": "true" }, name);
      button.onclick = () => {
        this.chosen = this.open === name ? "" : name;
        this.show(this.grid.classList.contains("cl-beside"));
      };
      return button;
    }));
  }

  /** @param {boolean} beside whether the facts stand beside the panels */
  show(beside) {
    const { open } = this;
    [...this.el.children].forEach((button, index) => button.setAttribute("aria-expanded", String(this.names[index] === open)));
    [...this.panelBox.children].forEach((place, index) => {
      const panel = this.panels[index];
      place.hidden = !panel || Boolean(panel.tab && panel.tab !== open);
      place.classList.toggle("cl-tabbed", Boolean(panel?.tab));
    });
    this.notes.hidden = !beside && open !== FACTS;
    this.lines.hidden = open !== CODE;
  }
}
