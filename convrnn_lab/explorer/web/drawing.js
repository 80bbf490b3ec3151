// @ts-check
/* The panels of one figure, and the text beside them. */

import { changesByPanel, patched, same } from "./data.js";
import { drawBars, drawMatrix, isBars, isMatrix, make } from "./marks.js";
import { number } from "./numbers.js";

/** @typedef {import("./data.js").Change} Change */

const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false };
const MARGIN = { l: 34, r: 10, t: 6, b: 26, autoexpand: false };
const TITLED = { ...MARGIN, l: 48, b: 40 };
const LETTER = 6; // pixels of one letter beside an axis
const COPIED_MS = 1500; // how long the button says that it has copied

function isDark() {
  const jupyter = document.body.dataset.jpThemeLight;
  if (jupyter !== undefined) return jupyter === "false";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/**
 * Keep pixels square: plotly's own way widens the range where it should narrow the axis.
 *
 * @param {any} layout is changed
 */
export function squared({ width, height, margin, xaxis, yaxis }) {
  if (!yaxis.scaleanchor) return;
  const extent = (/** @type {any} */ { range: [from, to] }) => Math.abs(to - from);
  const across = width - margin.l - margin.r;
  const down = height - margin.t - margin.b;
  const pixel = Math.min(across / extent(xaxis), down / extent(yaxis));
  const centred = (/** @type {number} */ part) => [(1 - part) / 2, (1 + part) / 2];
  xaxis.domain = centred((pixel * extent(xaxis)) / across);
  yaxis.domain = centred((pixel * extent(yaxis)) / down);
  delete yaxis.scaleanchor;
}

/**
 * Return the room around a panel: words beside the axis need as much as the longest of them.
 *
 * @param {string} size of the panel
 * @param {any} layout
 */
export function margins(size, { xaxis, yaxis }) {
  // A figure that is not ours may need room that only plotly knows of.
  if (size === "whole") return { ...TITLED, autoexpand: true };
  const margin = xaxis?.title ? TITLED : MARGIN;
  const longest = Math.max(0, ...(yaxis?.ticktext ?? []).map((/** @type {string} */ text) => text.length));
  return { ...margin, l: Math.max(margin.l, 10 + LETTER * longest) };
}

/**
 * Return what plotly needs to draw a panel.
 *
 * @param {any} panel
 * @param {any} theme
 * @param {{width: number, height: number}} box in pixels
 */
export function plotlyLayout({ layout, size }, { xaxis, yaxis, ...theme }, { width, height }) {
  const margin = margins(size, layout);
  const whole = { margin, dragmode: false, ...theme, ...layout, width, height };
  whole.xaxis = { ...xaxis, ...layout.xaxis };
  whole.yaxis = { ...yaxis, ...layout.yaxis };
  squared(whole);
  return whole;
}

/**
 * Return the place of a point's picture in a grid of small pictures, counted in reading order.
 *
 * @param {{columns: number, pitch: [number, number], count: number}} grid
 * @param {{x: number, y: number}} point
 */
export function placeOn({ columns, pitch, count }, { x, y }) {
  const place = Math.floor(y / pitch[0]) * columns + Math.floor(x / pitch[1]);
  return Math.min(place, count - 1);
}

/**
 * Return what a click on a panel sets: the names of controls and their values.
 *
 * @param {any} click as the panel declares it
 * @param {{x: number, y: number}} point
 * @returns {[string, number][]}
 */
export function picked(click, point) {
  const { grid, ...axes } = click ?? {};
  if (grid) return [[grid.control, placeOn(grid, point)]];
  const place = /** @type {Record<string, number>} */ (/** @type {unknown} */ (point));
  // A control's values may lie further apart than 1 on its axis.
  return Object.entries(axes).map(([axis, to]) => [to.control ?? to, Math.round(place[axis] / (to.step ?? 1))]);
}

/** Say whether a change is of more than outlines, which can be moved by themselves. @param {Change} change */
const isDrawn = ([path]) => path[0] === "data" || (path[0] === "layout" && path[1] !== "shapes");

/** The panels of one figure, and the text beside them. */
export class Drawing {
  /**
   * @param {any} Plotly
   * @param {Element} el takes the figure
   * @param {any} base the content that states differ from
   * @param {Record<string, any>} themes
   * @param {(moves: [string, number][]) => void} onPick what a click on a panel does
   */
  constructor(Plotly, el, base, themes, onPick) {
    this.Plotly = Plotly;
    this.base = base;
    this.themes = themes;
    this.onPick = onPick;
    /** @type {Change[] | null} */
    this.patch = null;
    /** @type {{changes?: Change[], base?: any}[]} */
    this.panels = [];
    /** @type {any[]} */
    this.clicks = []; // what a click on each panel sets
    this.title = make("p", { class: "cl-title" });
    this.message = make("p", { class: "cl-message", role: "status", "aria-live": "polite" });
    this.panelBox = make("div", { class: "cl-panels", role: "img" });
    this.facts = make("dl", { class: "cl-facts" });
    this.code = make("code");
    this.copy = make("button", { type: "button", class: "cl-button" }, "Copy");
    this.copy.onclick = () => this.copyCode();
    this.lines = make("div", { class: "cl-code" }, make("pre", {}, this.code), this.copy);
    this.notes = make("div", { class: "cl-notes" }, this.facts, this.lines);
    this.grid = make("div", { class: "cl-figure" }, this.panelBox, this.notes);
    el.append(this.title, this.message, this.grid);
    // Sizes come from here, so that no drawing has to ask the browser for a layout of the whole page.
    /** @type {Map<Element, {width: number, height: number}>} */
    this.sizes = new Map();
    this.redraw = () => { this.show(this.patch ?? [], true); };
    this.plots = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) this.sizes.set(target, contentRect);
      if (this.patch) this.redraw();
    });
    this.themeChanges = new MutationObserver(this.redraw);
    this.themeChanges.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    this.darkness = matchMedia("(prefers-color-scheme: dark)");
    this.darkness.addEventListener("change", this.redraw);
    this.fit(base.panels);
  }

  /** Follow the theme and the width no longer. */
  stop() {
    this.themeChanges.disconnect();
    this.plots.disconnect();
    this.darkness.removeEventListener("change", this.redraw);
    for (const plot of this.grid.querySelectorAll(".cl-plot")) this.Plotly.purge(plot);
  }

  /** Have a place for each panel; states may have more or fewer of them than the base. @param {any[]} panels */
  fit(panels) {
    while (this.panels.length < panels.length) {
      const plot = make("div", { class: "cl-plot" });
      this.panelBox.append(make("figure", {}, make("figcaption"), plot));
      this.panels.push({});
      this.plots.observe(plot);
    }
    [...this.panelBox.children].forEach((place, index) => {
      place.hidden = index >= panels.length;
      const kind = `cl-panel cl-${panels[index]?.size}`;
      if (!place.hidden && place.className !== kind) place.className = kind;
    });
  }

  /**
   * Show the state that `patch` makes of the base; only panels that differ are drawn again.
   *
   * @param {Change[]} patch
   * @param {boolean} [all] draw all panels again
   */
  async show(patch, all = false) {
    this.patch = patch;
    const { bases, changes, texts } = changesByPanel(this.base.panels, patch);
    this.fit(bases);
    const drawn = changes.map((wanted, index) => this.change(index, bases[index], wanted, all));
    const { panels: _, ...words } = this.base;
    this.write(patched(words, texts));
    await Promise.all(drawn);
  }

  /** @param {number} index @param {any} base @param {Change[]} wanted @param {boolean} all */
  change(index, base, wanted, all) {
    const { changes: before, base: baseBefore } = this.panels[index];
    const known = !all && before && same(baseBefore, base);
    if (known && same(wanted, before)) return null;
    this.panels[index] = { changes: wanted, base };
    const panel = patched(base, wanted);
    // Outlines alone are drawn again in a third of the time.
    const outlines = known && same(wanted.filter(isDrawn), before.filter(isDrawn));
    return outlines ? this.moveOutlines(index, panel) : this.drawPanel(index, panel);
  }

  /** Write what stands above a panel, and return the place of its drawing. @param {number} index @param {any} panel */
  caption(index, { title, scale }) {
    const [caption, plot] = this.panelBox.children[index].children;
    caption.replaceChildren(title);
    if (scale) caption.append(colourScale(scale));
    return plot;
  }

  /** @param {number} index @param {any} panel */
  moveOutlines(index, panel) {
    const plot = this.caption(index, panel);
    return plot._fullLayout && this.Plotly.relayout(plot, { shapes: panel.layout.shapes });
  }

  /** @param {number} index @param {any} panel */
  drawPanel(index, panel) {
    const plot = this.caption(index, panel);
    const own = isMatrix(panel) || isBars(panel);
    // A panel may be drawn by plotly in one state and not in the next.
    if (plot.data && Boolean(plot._fullLayout) === own) this.empty(plot);
    if (isMatrix(panel)) return drawMatrix(plot, panel);
    const { width, height } = this.sizes.get(plot) ?? plot.getBoundingClientRect();
    if (!width) return null; // hidden, or not on the page yet; drawn when it gets a size
    if (own) return drawBars(plot, panel, { width, height });
    return this.drawPlotly(index, plot, panel, { width, height });
  }

  /** @param {number} index @param {any} plot @param {any} panel @param {{width: number, height: number}} box */
  drawPlotly(index, plot, panel, box) {
    const layout = plotlyLayout(panel, this.themes[isDark() ? "dark" : "light"] ?? {}, box);
    const first = !plot.data;
    this.clicks[index] = panel.click;
    const config = panel.still ? { ...CONFIG, staticPlot: true } : CONFIG;
    const done = this.Plotly.react(plot, panel.data, layout, config);
    plot.classList.toggle("cl-pick", Boolean(panel.click));
    if (first && !panel.still) {
      const pick = (/** @type {any} */ { points: [point] }) => this.onPick(picked(this.clicks[index], point));
      plot.on("plotly_click", pick);
    }
    return done;
  }

  /** Take everything out of a panel, listeners too. @param {any} plot */
  empty(plot) {
    this.Plotly.purge(plot);
    delete plot.data;
    plot.replaceChildren();
  }

  /** @param {{title: string, description: string, facts: [string, string][], code: string}} words */
  write({ title, description, facts, code }) {
    if (this.title.textContent !== title) this.title.textContent = title;
    this.panelBox.setAttribute("aria-label", description);
    this.facts.replaceChildren(...facts.flatMap(([what, value]) => [make("dt", {}, what), make("dd", {}, value)]));
    this.code.textContent = code;
    this.lines.hidden = !code;
  }

  /** Say why the wanted state is not shown; the last figure stays, paler. @param {string} text */
  say(text) {
    this.message.textContent = text;
    for (const element of [this.title, this.grid]) element.classList.toggle("cl-stale", Boolean(text));
  }

  async copyCode() {
    try {
      await navigator.clipboard.writeText(this.code.textContent);
    } catch { // a page opened from a file may have no clipboard
      getSelection()?.selectAllChildren(this.code);
      document.execCommand("copy");
    }
    this.copy.textContent = "Copied";
    setTimeout(() => { this.copy.textContent = "Copy"; }, COPIED_MS);
  }
}

/** Return a bar of colours between its two ends. @param {[[number, string][], number, number]} scale */
function colourScale([colours, low, high]) {
  const stops = colours.map(([place, colour]) => `${colour} ${100 * place}%`).join(",");
  const bar = make("span", { class: "cl-scale-bar", style: `background:linear-gradient(90deg,${stops})` });
  return make("span", { class: "cl-scale" }, number(low), bar, number(high));
}
