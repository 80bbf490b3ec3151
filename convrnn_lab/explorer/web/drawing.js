// @ts-check
/* The panels of one figure, and the text beside them. */

import { patched, same } from "./data.js";
import { Editing } from "./editing.js";
import { hold, want } from "./kept.js";
import { plotlyLayout } from "./layout.js";
import { seen } from "./looks.js";
import { drawBars, drawMatrix, make } from "./marks.js";
import { number } from "./numbers.js";
import { drawPlot } from "./plot.js";
import { kindOf } from "./plot_schema.js";
import { letPick, plotlyAxes } from "./pointing.js";
import { Tabs } from "./tabs.js";

/** @typedef {import("./data.js").Change} Change */

const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false };
const COPIED_MS = 1500; // how long the button says that it has copied

function isDark() {
  const jupyter = document.body.dataset.jpThemeLight;
  if (jupyter !== undefined) return jupyter === "false";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Return what of a panel takes long to draw: all but the outlines and the words above. @param {any} panel */
function drawnPart(panel) {
  const { layout: { shapes: _, ...layout }, title: _title, scale: _scale, click: _click, ...rest } = panel;
  return { ...rest, layout };
}

/** The panels of one figure, and the text beside them. */
export class Drawing {
  /**
   * @param {() => Promise<any>} loadPlotly for panels that we do not draw ourselves
   * @param {Element} el takes the figure
   * @param {any} base the content that states differ from
   * @param {Record<string, any>} themes
   * @param {import("./look_controls.js").LookControls} looks
   * @param {import("./stage.js").Controls} controls what is pointed at in a panel is set here
   */
  constructor(loadPlotly, el, base, themes, looks, controls) {
    this.loadPlotly = loadPlotly;
    /** @type {any} */
    this.Plotly = null; // until it is needed
    this.base = base;
    this.themes = themes;
    this.looks = looks;
    this.controls = controls;
    /** @type {Change[] | null} */
    this.patch = null;
    this.content = base; // of the state that is shown, before one looks anywhere
    this.said = ""; // of the state
    this.refusal = ""; // of the settings that are computed here
    /** @type {any[]} */
    this.panels = []; // as they are drawn now
    this.title = make("p", { class: "cl-title" });
    this.message = make("p", { class: "cl-message", role: "status", "aria-live": "polite" });
    this.panelBox = make("div", { class: "cl-panels", role: "group" });
    this.facts = make("dl", { class: "cl-facts" });
    this.code = make("code");
    this.copy = make("button", { type: "button", class: "cl-button" }, "Copy");
    this.copy.onclick = () => this.copyCode();
    this.lines = make("div", { class: "cl-code" }, make("pre", {}, this.code), this.copy);
    this.notes = make("div", { class: "cl-notes", role: "group", tabindex: 0, "aria-label": "Facts" }, this.facts);
    this.grid = make("div", { class: "cl-figure" });
    this.tabs = new Tabs(this.grid, this.panelBox, this.notes, this.lines);
    this.grid.append(this.panelBox, this.notes, this.tabs.el, this.lines);
    this.editing = new Editing(this);
    el.append(this.editing.el, make("div", { class: "cl-headline" }, this.title, this.message), this.grid);
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
    this.tabs.settle(base.panels, "");
  }

  /** Follow the theme and the width no longer. */
  stop() {
    this.themeChanges.disconnect();
    this.plots.disconnect();
    this.darkness.removeEventListener("change", this.redraw);
    for (const plot of this.grid.querySelectorAll(".cl-plot")) this.empty(plot);
  }

  /** Have a place for each panel; states may have more or fewer of them than the base. @param {any[]} panels */
  fit(panels) {
    while (this.panels.length < panels.length) {
      const plot = make("div", { class: "cl-plot" });
      this.panelBox.append(make("figure", {}, make("figcaption"), plot));
      this.panels.push(null);
      letPick(plot, this.panels.length - 1, this);
      this.plots.observe(plot);
    }
    [...this.panelBox.children].forEach((place, index) => {
      const kind = `cl-panel cl-${panels[index]?.size}`;
      if (index < panels.length && !place.classList.contains(`cl-${panels[index].size}`)) place.className = kind;
    });
  }

  /**
   * Show the state that `patch` makes of the base; only panels that differ are drawn again.
   *
   * @param {Change[]} patch
   * @param {boolean} [all] draw all panels again
   */
  async show(patch, all = false) {
    if (patch !== this.patch) {
      this.patch = patch;
      this.content = patched(this.base, patch);
      this.looks.settle(this.content.looks ?? []);
    }
    await this.look(all);
  }

  /** Show the places that are looked at. @param {boolean} [all] draw all panels again */
  async look(all = false) {
    this.refusal = seen(this.content.refusal ?? "", this.looks.places);
    this.say(this.said);
    if (this.refusal) return;
    this.editing.settle(this.content, this.looks.settings());
    const { looks: _looks, given: _given, computed: _computed, refusal: _refusal, ...shown } = this.content;
    const { panels, ...words } = seen(shown, { ...this.looks.places, ...this.editing.places });
    this.fit(panels);
    this.tabs.settle(panels, words.code);
    const drawn = panels.map((/** @type {any} */ panel, /** @type {number} */ index) => this.change(index, panel, all));
    this.write(words);
    this.editing.show(panels);
    await Promise.all(drawn);
  }

  /** @param {number} index @param {any} panel @param {boolean} all */
  change(index, panel, all) {
    const before = this.panels[index];
    if (!all && same(before, panel)) return null;
    this.panels[index] = panel;
    // Outlines alone are drawn again in a third of the time.
    const outlines = !all && before && same(drawnPart(before), drawnPart(panel));
    return outlines ? this.moveOutlines(index, panel) : this.drawPanel(index, panel);
  }

  /** Write what stands above a panel, and return the place of its drawing. @param {number} index @param {any} panel */
  caption(index, { title, scale, click }) {
    const [caption, plot] = this.panelBox.children[index].children;
    hold(caption, scale ? [title, colourScale(scale)] : [title]);
    plot.classList.toggle("cl-pick", Boolean(click));
    return plot;
  }

  /** @param {number} index @param {any} panel */
  moveOutlines(index, panel) {
    const plot = this.caption(index, panel);
    if (!plot._fullLayout) return this.drawPanel(index, panel);
    return this.Plotly.relayout(plot, { shapes: panel.layout.shapes });
  }

  /** @param {number} index @param {any} panel */
  drawPanel(index, panel) {
    const plot = this.caption(index, panel);
    const kind = kindOf(panel);
    // A panel may be drawn in one way in one state, and in another in the next.
    if (plot.kind !== kind) this.empty(plot);
    plot.kind = kind;
    if (kind === "matrix") return drawMatrix(plot, panel);
    const { width, height } = this.sizes.get(plot) ?? plot.getBoundingClientRect();
    if (!width) return null; // hidden, or not on the page yet; drawn when it gets a size
    if (kind === "plotly") return this.drawPlotly(plot, index, { width, height });
    return (kind === "bars" ? drawBars : drawPlot)(plot, panel, { width, height });
  }

  /** @param {any} plot @param {number} index @param {{width: number, height: number}} box */
  async drawPlotly(plot, index, box) {
    this.Plotly ??= await this.loadPlotly();
    const panel = this.panels[index]; // the newest: others may have come while plotly.js was loaded
    if (plot.kind !== "plotly") return;
    const layout = plotlyLayout(panel, this.themes[isDark() ? "dark" : "light"] ?? {}, box);
    const config = panel.still ? { ...CONFIG, staticPlot: true } : CONFIG;
    await this.Plotly.react(plot, panel.data, layout, config);
    plot.axes = plotlyAxes(plot);
  }

  /** Take everything out of a panel, listeners too. @param {any} plot */
  empty(plot) {
    if (plot._fullLayout) this.Plotly.purge(plot);
    plot.layers?.remove();
    delete plot.data;
    delete plot.axes;
    plot.replaceChildren();
  }

  /** @param {{title: string, description: string, facts: [string, string][], code: string}} words */
  write({ title, description, facts, code }) {
    hold(this.title, [title]);
    this.panelBox.setAttribute("aria-label", description);
    hold(this.facts, facts.flatMap(([what, value]) => [want("dt", {}, what), want("dd", {}, String(value))]));
    hold(this.code, [code]);
  }

  /** Say why the wanted state is not shown; the last figure stays, paler. @param {string} text */
  say(text) {
    this.said = text;
    const message = text || this.refusal;
    if (this.message.textContent !== message) this.message.textContent = message;
    for (const element of [this.title, this.grid]) element.classList.toggle("cl-stale", Boolean(message));
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
  const bar = want("span", { class: "cl-scale-bar", style: `background:linear-gradient(90deg,${stops})` });
  return want("span", { class: "cl-scale" }, number(low), bar, number(high));
}
