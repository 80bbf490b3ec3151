// @ts-check
/* The index of a sweep: filters over the parameters, a plot of the results, cards and failures. */

import { Plot, add } from "./index_plot.js";
import { Columns, address, compareValues, shown } from "./index_scales.js";

/** @typedef {import("./index_scales.js").Report} Report */
/** @typedef {import("./index_scales.js").Value} Value */

const FEW = 12; // values that have a box to tick each

/** Say what the sweep is. @param {any} main @param {Columns} columns */
function addSummary(main, columns) {
  const { reports, notes } = columns.data;
  add(main, "p", { class: "muted" }, columns.summary());
  const texts = columns.fixed.map((index) => `${columns.name(index)} = ${shown(reports[0]?.values[index] ?? null)}`);
  if (texts.length) add(main, "p", { class: "muted" }, `Everywhere: ${texts.join(", ")}.`);
  for (const note of notes) add(main, "p", { class: "warn" }, note);
}

/** Filters: boxes to tick for few values, limits for many numbers, a part of the text for the rest. */
class Filters {
  /** @param {any} main @param {Columns} columns */
  constructor(main, columns) {
    this.form = add(main, "form", { class: "filters", "aria-label": "Filters" });
    /** @type {((report: Report) => boolean)[]} */
    this.tests = [];
    for (const index of columns.varied) this.add(columns, index);
    const states = [...new Set(columns.data.reports.map((report) => report.status))];
    if (states.length > 1) this.boxes("status", states, (report) => report.status);
    if (this.tests.length) add(this.form, "button", { type: "reset" }, "Show all");
    this.form.addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
  }

  /** @param {Columns} columns @param {number} index */
  add(columns, index) {
    const values = columns.distinct(index);
    if (values.length <= FEW) this.boxes(columns.name(index), values, (report) => report.values[index]);
    else if (columns.isNumber(index)) this.limits(columns.name(index), index);
    else this.part(columns.name(index), index);
  }

  /** @param {string} name */
  field(name) {
    const field = add(this.form, "fieldset");
    add(field, "legend", {}, name);
    return field;
  }

  /** @param {string} name @param {Value[]} values @param {(report: Report) => Value} of */
  boxes(name, values, of) {
    const field = this.field(name);
    const chosen = new Map();
    for (const value of values) {
      const label = add(field, "label");
      const box = add(label, "input", { type: "checkbox" });
      box.checked = box.defaultChecked = true;
      label.append(` ${shown(value)}`);
      chosen.set(value, box);
    }
    this.tests.push((report) => chosen.get(of(report)).checked);
  }

  /** @param {string} name @param {number} index */
  limits(name, index) {
    const field = this.field(name);
    const [low, high] = ["from", "to"].map((word) =>
      add(add(field, "label", {}, `${word} `), "input", { type: "number", step: "any" }));
    this.tests.push(({ values }) =>
      (low.value === "" || Number(values[index]) >= Number(low.value))
      && (high.value === "" || Number(values[index]) <= Number(high.value)));
  }

  /** @param {string} name @param {number} index */
  part(name, index) {
    const input = add(add(this.field(name), "label", {}, "contains "), "input", { type: "search" });
    this.tests.push(({ values }) => String(values[index]).toLowerCase().includes(input.value.toLowerCase()));
  }

  /** @param {Report} report */
  keeps(report) {
    return this.tests.every((test) => test(report));
  }
}

/** The reports that are done, as cards in an order to choose. */
class Cards {
  /** @param {any} main @param {Columns} columns */
  constructor(main, columns) {
    add(main, "h2", {}, "Reports");
    const sorting = add(main, "label", { class: "row" }, "sorted by ");
    this.order = add(sorting, "select");
    add(this.order, "option", { value: -1 }, "the grid");
    for (const index of columns.indices) add(this.order, "option", { value: index }, columns.name(index));
    this.list = add(main, "ul", { class: "cards" });
    const done = columns.data.reports.filter((report) => report.status === "done");
    this.made = done.map((report) => ({ report, card: this.card(report, columns) }));
    this.order.addEventListener("input", () => this.sort());
  }

  /** @param {Report} report @param {Columns} columns */
  card(report, columns) {
    const card = add(this.list, "li", { class: "card" });
    if (report.thumbnail) {
      const source = `data:image/svg+xml,${encodeURIComponent(report.thumbnail)}`;
      add(card, "img", { src: source, alt: "", width: 192, height: 108, decoding: "async", loading: "lazy" });
    }
    add(card, "a", { href: address(report) }, columns.title(report));
    const facts = add(card, "dl");
    for (const index of [...columns.results, ...columns.times]) {
      if (report.values[index] === null) continue;
      add(facts, "dt", {}, columns.name(index));
      add(facts, "dd", {}, shown(report.values[index]));
    }
    add(card, "a", { class: "file", href: address(report, "ipynb") }, "notebook");
    return card;
  }

  sort() {
    const index = Number(this.order.value);
    const sorted = index < 0 ? this.made : this.made.toSorted((a, b) =>
      compareValues(a.report.values[index], b.report.values[index]));
    this.list.replaceChildren(...sorted.map(({ card }) => card));
  }
}

/** List what failed. @param {any} main @param {Columns} columns @returns {{report: Report, card: any}[]} */
function addFailures(main, columns) {
  const failed = columns.data.reports.filter((report) => report.status === "failed");
  if (failed.length) add(main, "h2", {}, "Failed");
  return failed.map((report) => {
    const card = add(main, "details");
    add(card, "summary", { class: "warn" }, `${columns.title(report)}: ${report.reason}`);
    if (report.lines?.length) add(card, "pre", {}, report.lines.join("\n"));
    return { report, card };
  });
}

/** Fill the page. @param {import("./index_scales.js").Data} data */
function show(data) {
  const main = document.querySelector("main");
  const columns = new Columns(data);
  addSummary(main, columns);
  const filters = new Filters(main, columns);
  const count = add(main, "p", { "aria-live": "polite" });
  const section = add(main, "section");
  const plot = new Plot(section, columns);
  section.hidden = plot.empty;
  const cards = new Cards(main, columns);
  const listed = [...cards.made, ...addFailures(main, columns)];
  const update = () => {
    const kept = new Set(data.reports.filter((report) => filters.keeps(report)));
    for (const { report, card } of listed) card.hidden = !kept.has(report);
    count.textContent = kept.size === data.reports.length ? "" : `${kept.size} of ${data.reports.length} reports shown`;
    plot.draw([...kept]);
  };
  filters.form.addEventListener("input", update);
  filters.form.addEventListener("reset", () => setTimeout(update));
  plot.controls.addEventListener("input", update);
  update();
  document.body.dataset.ready = "";
}

const written = globalThis.document?.getElementById("data");
if (written) show(JSON.parse(written.textContent ?? ""));
