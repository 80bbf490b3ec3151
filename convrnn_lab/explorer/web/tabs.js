// @ts-check
/* What of a figure is folded away until somebody asks for it: further panels, facts, and code. */

import { make } from "./marks.js";

const FACTS = "In numbers";
const CODE = "In code";
const BESIDE = 2; // large panels that leave room for the facts at their side
const ROOM = 510; // pixels that a figure may take on a laptop's screen, below its controls
/** @type {Record<string, [number, number]>} pixels of a row of such panels, and how many fill it */
const ROWS = { large: [290, 3], small: [200, 3], quarter: [200, 4], wide: [140, 1], broad: [350, 1], whole: [440, 1] };
const FOLDED = 230; // pixels of a large panel under a name

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
    /** @type {any[]} */
    this.buttons = [];
    this.known = ""; // what of the panels decides where they stand
  }

  /** Put something at the end of the row. @param {any} element */
  add(element) {
    this.el.append(element);
  }

  /** The group that is open. */
  get open() {
    const first = this.panels.find(({ tab }) => tab)?.tab ?? "";
    if (this.chosen === undefined && height(this.panels, first) > ROOM) return "";
    return this.chosen !== undefined && [...this.names, ""].includes(this.chosen) ? this.chosen : first;
  }

  /** Show what is open of a figure. @param {any[]} panels @param {string} code */
  settle(panels, code) {
    const known = JSON.stringify([Boolean(code), ...panels.map(({ tab, size }) => [tab, size])]);
    if (known === this.known) return; // as at nearly every look
    this.known = known;
    this.panels = panels;
    const large = panels.filter(({ tab, size }) => !tab && size === "large").length;
    const beside = (large > 0 && large <= BESIDE) || panels.some(({ size }) => size === "broad");
    const folded = panels.flatMap(({ tab }) => tab || []);
    const names = [...new Set([...folded, ...(beside ? [] : [FACTS]), ...(code ? [CODE] : [])])];
    if (names.join("\n") !== this.names.join("\n")) this.name(names);
    this.grid.classList.toggle("cl-beside", beside);
    this.show(beside);
  }

  /** @param {string[]} names */
  name(names) {
    this.names = names;
    for (const button of this.buttons) button.remove();
    this.buttons = names.map((name) => {
      const button = make("button", { type: "button", class: "cl-tab", "data-lm-suppress-shortcuts": "true" }, name);
      button.onclick = () => {
        this.chosen = this.open === name ? "" : name;
        this.show(this.grid.classList.contains("cl-beside"));
      };
      return button;
    });
    this.el.prepend(...this.buttons);
  }

  /** @param {boolean} beside whether the facts stand beside the panels */
  show(beside) {
    const { open } = this;
    this.buttons.forEach((button, index) => button.setAttribute("aria-expanded", String(this.names[index] === open)));
    [...this.panelBox.children].forEach((place, index) => {
      const panel = this.panels[index];
      place.hidden = !panel || Boolean(panel.tab && panel.tab !== open);
      place.classList.toggle("cl-tabbed", Boolean(panel?.tab));
    });
    this.notes.hidden = !beside && open !== FACTS;
    this.lines.hidden = open !== CODE;
  }
}

/** Return about how high a figure is in which a group is open, in pixels. @param {any[]} panels @param {string} open */
function height(panels, open) {
  let total = 0;
  for (const [size, [row, count]] of Object.entries(ROWS)) {
    const of = (/** @type {string} */ name) => panels.filter((panel) => panel.size === size && (panel.tab ?? "") === name).length;
    total += row * Math.ceil(of("") / count);
    if (open) total += (size === "large" ? FOLDED : row) * Math.ceil(of(open) / count);
  }
  return total;
}
