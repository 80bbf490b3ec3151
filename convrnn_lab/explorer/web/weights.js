// @ts-check
/* Numbers that a reader may change: typed, by the wheel, or by dragging up and down. */

import { colourOf, inkOn } from "./colours.js";
import { make } from "./marks.js";
import { cellText } from "./numbers.js";
import { isFinger } from "./touching.js";

/**
 * @typedef {import("./given.js").Givens} Givens
 * @typedef {{name: string, starts?: number[], count?: number}} PartGiven numbers side by side of each row that is edited:
 *   `count` of them from each of `starts` on; without, a whole array
 * @typedef {{rows: string[], columns: string[]}} Heads what stands beside the rows and above the columns
 */

const LARGEST = 1e38; // from here on single precision cannot even add two of them
const DRAG_PIXELS = 6; // of one step
const SLACK = 3; // pixels that a click may move before it is a drag
const MOVES = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
});

/**
 * Return the number that a text says.
 *
 * @param {string} text
 * @throws {Error} one sentence, where it says none
 */
export function numberOf(text) {
  const plain = text.trim().replace("−", "-").replace(/^(-?\d*),(\d+)$/, "$1.$2");
  const value = Number(plain);
  if (plain === "" || !(Math.abs(value) < LARGEST)) {
    const got = text.trim().slice(0, 20) || "nothing";
    throw new Error(`A weight must be a number between −1e38 and 1e38; got ${got}.`);
  }
  return value;
}

/** Return the step of the wheel: a power of ten, a tenth or less of the largest number. @param {ArrayLike<number>} values */
export function stepFor(values) {
  const largest = Math.max(...Array.from(values, Math.abs));
  return 10 ** (Math.floor(Math.log10(largest || 1)) - 1);
}

/** Return a number some steps further, without the dust of adding. @param {number} value @param {number} steps @param {number} step */
export function moved(value, steps, step) {
  return Number((Math.round(value / step + steps) * step).toPrecision(12));
}

/** Return cells with the words of their rows and columns among them. @param {any[]} cells @param {Heads} heads */
function withHeads(cells, { rows, columns }) {
  const head = (/** @type {string} */ words) => make("span", { class: "cl-name", "aria-hidden": "true" }, words);
  const across = (/** @type {number} */ row) => cells.slice(row * columns.length, (row + 1) * columns.length);
  return [head(""), ...columns.map(head), ...rows.flatMap((words, row) => [head(words), ...across(row)])];
}

/**
 * The cells of one panel, as fields to type into; they stay while their number does.
 */
export class Weights {
  /** @param {Givens} givens @param {(words: string) => void} say */
  constructor(givens, say) {
    /** @type {PartGiven[]} */
    this.parts = [];
    /** @type {{name: string, at: number}[]} where the number of each cell stands */
    this.spots = [];
    this.givens = givens;
    this.say = say;
    this.columns = 0;
    this.form = "";
    this.before = 0; // the number in the cell before one typed
    /** @type {any[]} */
    this.cells = [];
    this.grid = make("div", { class: "cl-weights", role: "group", "aria-label": "weights that can be changed" });
    this.reset = make("button", { type: "button", class: "cl-button cl-reset" }, "reset");
    this.reset.onclick = () => {
      this.say("");
      for (const { name } of this.parts) givens.give(name, null);
    };
    this.grid.addEventListener("wheel", (/** @type {any} */ event) => {
      const at = this.cells.indexOf(event.target);
      if (at < 0 || event.target !== document.activeElement) return; // else the page scrolls
      event.preventDefault();
      this.change(at, moved(this.values()[at], event.deltaY < 0 ? 1 : -1, this.step()));
    }, { passive: false });
  }

  /** The numbers in the cells, or those that were there. @param {"now" | "original"} [which] */
  values(which = "now") {
    return this.spots.map(({ name, at }) => this.givens[which](name)?.data[at] ?? 0);
  }

  step() {
    return stepFor(this.values("original"));
  }

  /** Give an array with one number changed. @param {number} cell @param {number} value */
  change(cell, value) {
    const { name, at } = this.spots[cell];
    const { shape, data: before } = /** @type {any} */ (this.givens.now(name));
    const data = Float32Array.from(before);
    data[at] = value;
    try {
      if (!(Math.abs(data[at]) < LARGEST)) numberOf(String(value)); // says why not
      this.givens.give(name, { shape, data });
      this.say("");
    } catch (error) {
      this.say(/** @type {Error} */ (error).message);
    }
  }

  /** Take what was typed; the last number stays where it is none. @param {number} at */
  take(at) {
    const cell = this.cells[at];
    if (cell.value === cell.dataset.shown) return;
    try {
      this.change(at, numberOf(cell.value));
    } catch (error) {
      this.change(at, this.before); // it has followed what was typed so far
      this.say(/** @type {Error} */ (error).message);
    }
    this.write(at);
  }

  /** Write a number into its cell. @param {number} at */
  write(at) {
    const cell = this.cells[at];
    const digits = this.columns > 8 ? 2 : 3;
    cell.value = cell.dataset.shown = cellText(this.values()[at], digits, this.columns);
  }

  /** Find the numbers that are edited, row by row; return how many columns they have. @param {PartGiven[]} parts */
  place(parts) {
    this.parts = parts;
    const each = parts.map(({ name, starts, count }) => {
      const { shape = [0] } = this.givens.original(name) ?? {};
      const width = count ?? shape[shape.length - 1];
      const whole = Array.from({ length: shape.length === 2 ? shape[0] : 1 }, (_, row) => row * width);
      return { name, starts: starts ?? whole, width };
    });
    this.spots = each[0].starts.flatMap((_, row) => each.flatMap(({ name, starts, width }) => (
      Array.from({ length: width }, (__, column) => ({ name, at: starts[row] + column })))));
    return each.reduce((sum, { width }) => sum + width, 0);
  }

  /** Make the cells. @param {number} columns @param {Heads} [heads] */
  fit(columns, heads) {
    const form = JSON.stringify([columns, this.spots.length, heads]);
    if (this.form === form) return;
    this.form = form;
    this.columns = columns;
    const rows = this.spots.length / columns;
    this.cells = this.spots.map((_, at) => this.cell(at, rows, heads));
    const size = heads && columns <= 24 ? 11 : columns > 8 ? 8 : columns > 5 ? 10 : 12; // under heads they are wide
    this.grid.setAttribute("style", `--rows:${rows};--columns:${columns};font-size:${size}px`);
    this.grid.classList.toggle("cl-headed", heads !== undefined);
    this.grid.replaceChildren(...(heads ? withHeads(this.cells, heads) : this.cells));
  }

  /** @param {number} at @param {number} rows @param {Heads} [heads] */
  cell(at, rows, heads) {
    const [row, column] = [Math.floor(at / this.columns), at % this.columns];
    const place = rows > 1 ? `weight, row ${row}, column ${column}` : `weight ${column}`;
    const label = heads ? `weight ${heads.rows[row]}, ${heads.columns[column]}` : place;
    const cell = make("input", { type: "text", inputmode: "text", autocomplete: "off", "aria-label": label, tabindex: at ? -1 : 0 });
    cell.dataset.lmSuppressShortcuts = "true";
    cell.onfocus = () => {
      for (const each of this.cells) each.tabIndex = each === cell ? 0 : -1; // Tab comes back to this one
      this.before = this.values()[at];
      cell.select();
    };
    cell.onblur = () => { this.take(at); };
    cell.oninput = () => {
      const typed = cell.value;
      // Follows while one types; what is no number yet, such as "-", may become one.
      if (typed.trim() && Math.abs(Number(typed.replace("−", "-"))) < LARGEST) {
        this.change(at, numberOf(typed));
        cell.value = typed;
      }
    };
    cell.onkeydown = (/** @type {any} */ event) => { this.key(event, at, rows); };
    this.letDrag(cell, at);
    return cell;
  }

  /** @param {any} event @param {number} at @param {number} rows */
  key(event, at, rows) {
    const { key } = event;
    event.stopPropagation(); // the notebook has keys of its own
    if (key === "Enter" || key === "Escape") {
      if (key === "Escape") {
        this.change(at, this.before);
        this.write(at);
      }
      this.take(at);
      this.before = this.values()[at];
      this.cells[at].select();
    } else if (key === "PageUp" || key === "PageDown") {
      event.preventDefault();
      this.change(at, moved(this.values()[at], key === "PageUp" ? 1 : -1, this.step()));
    } else if (key in MOVES) {
      event.preventDefault();
      const [down, right] = MOVES[key];
      const row = Math.max(0, Math.min(rows - 1, Math.floor(at / this.columns) + down));
      const column = Math.max(0, Math.min(this.columns - 1, (at % this.columns) + right));
      this.cells[row * this.columns + column].focus();
    }
  }

  /** Up is more. @param {any} cell @param {number} at */
  letDrag(cell, at) {
    /** @type {{y: number, value: number, moves: boolean} | null} */
    let from = null;
    cell.onpointerdown = (/** @type {any} */ event) => {
      // As with the wheel: where a finger has not chosen the cell, it scrolls the page.
      if (event.button || (isFinger(event) && cell !== document.activeElement)) return;
      from = { y: event.clientY, value: this.values()[at], moves: false };
      cell.setPointerCapture?.(event.pointerId);
    };
    cell.onpointermove = (/** @type {any} */ event) => {
      if (!from || (!from.moves && Math.abs(event.clientY - from.y) < SLACK)) return;
      from.moves = true;
      event.preventDefault();
      this.change(at, moved(from.value, Math.round((from.y - event.clientY) / DRAG_PIXELS), this.step()));
    };
    cell.onpointerup = cell.onpointercancel = () => {
      if (from?.moves) cell.select();
      from = null;
    };
  }

  /**
   * Show the numbers, with their colours where they are a matrix.
   *
   * @param {any} trace of the panel
   * @param {PartGiven[]} parts
   * @param {Heads} [heads]
   */
  show(trace, parts, heads) {
    this.fit(this.place(parts), heads);
    const values = this.values();
    this.cells.forEach((cell, at) => {
      if (cell !== document.activeElement || cell.value === cell.dataset.shown) this.write(at);
      else cell.dataset.shown = cell.value; // what is being typed stays as it is typed
      if (!trace.colorscale) return;
      const ground = colourOf(values[at], trace);
      cell.style.background = `rgb(${ground.join(",")})`;
      cell.style.color = inkOn(ground);
    });
    this.grid.classList.toggle("cl-cells", Boolean(trace.colorscale));
    this.reset.hidden = !parts.some(({ name }) => name in this.givens.arrays);
  }
}
