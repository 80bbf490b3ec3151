// The index of a sweep: filters over the parameters, a plot of the results, cards and failures.
// Every text goes in by textContent or as an attribute's value, never as markup.

const data = JSON.parse(document.getElementById("data").textContent);
const main = document.querySelector("main");
const example = document.createElement("template");
example.innerHTML = "<svg></svg>";
const SVG = example.content.firstChild.namespaceURI;
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#7f7f7f"];
const FEW = 12;

const add = (parent, name, attributes = {}, text = null) => {
  const svg = parent.namespaceURI === SVG || name === "svg";
  const node = svg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== null) node.textContent = text;
  parent.append(node);
  return node;
};
const shown = value => {
  if (value === null) return "–";
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  if (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
};
const column = index => data.columns[index];
const indices = data.columns.map((_, index) => index);
const distinct = index => {
  const values = [...new Set(data.reports.map(report => report.values[index]))];
  const number = values.every(value => typeof value === "number" || value === null);
  return values.sort((a, b) => number ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));
};
const isNumber = index => ["int", "float"].includes(column(index).kind);
const parameters = indices.filter(index => column(index).source === "parameter");
const varied = parameters.filter(index => distinct(index).length > 1);
const results = indices.filter(index => column(index).source === "result");

// ---- What it is

const { done, failed, stale } = data.counts;
const rest = data.counts["not run"] + stale;
const words = [`${data.reports.length} reports`, `${done} done`];
if (failed) words.push(`${failed} failed`);
if (rest) words.push(`${rest} not run`);
add(main, "p", { class: "muted" }, `${words.join(", ")}. Notebook ${data.notebook}, version ${data.version}.`);
const fixed = parameters.filter(index => !varied.includes(index));
if (fixed.length) {
  const texts = fixed.map(index => `${column(index).name} = ${shown(data.reports[0]?.values[index] ?? null)}`);
  add(main, "p", { class: "muted" }, `Everywhere: ${texts.join(", ")}.`);
}
for (const note of data.notes) add(main, "p", { class: "warn" }, note);

// ---- Filters: boxes to tick for few values, limits for many numbers, a part of the text for the rest

const filters = add(main, "form", { class: "filters", "aria-label": "Filters" });
const tests = [];

const boxes = (name, values, of) => {
  const field = add(filters, "fieldset");
  add(field, "legend", {}, name);
  const chosen = new Map();
  for (const value of values) {
    const label = add(field, "label");
    const box = add(label, "input", { type: "checkbox" });
    box.checked = box.defaultChecked = true;
    label.append(` ${shown(value)}`);
    chosen.set(value, box);
  }
  tests.push(report => chosen.get(of(report)).checked);
};
const limits = (name, index) => {
  const field = add(filters, "fieldset");
  add(field, "legend", {}, name);
  const [low, high] = ["from", "to"].map(word => {
    const label = add(field, "label", {}, `${word} `);
    return add(label, "input", { type: "number", step: "any" });
  });
  tests.push(({ values }) =>
    (low.value === "" || values[index] >= Number(low.value)) &&
    (high.value === "" || values[index] <= Number(high.value)));
};
const part = (name, index) => {
  const field = add(filters, "fieldset");
  add(field, "legend", {}, name);
  const input = add(add(field, "label", {}, "contains "), "input", { type: "search" });
  tests.push(({ values }) => String(values[index]).toLowerCase().includes(input.value.toLowerCase()));
};
for (const index of varied) {
  const values = distinct(index);
  if (values.length <= FEW) boxes(column(index).name, values, report => report.values[index]);
  else (isNumber(index) ? limits : part)(column(index).name, index);
}
const states = [...new Set(data.reports.map(report => report.status))];
if (states.length > 1) boxes("status", states, report => report.status);
if (tests.length) add(filters, "button", { type: "reset" }, "Show all");
const count = add(main, "p", { "aria-live": "polite" });

// ---- The plot

const plotted = add(main, "section");
const drawing = add(plotted, "div");
const controls = add(drawing, "div", { class: "row" });
const choice = (name, options, start) => {
  const label = add(controls, "label", {}, `${name} `);
  const select = add(label, "select", { "aria-label": name });
  for (const [value, text] of options) add(select, "option", { value }, text);
  select.value = String(start);
  return select;
};
const tick = name => {
  const label = add(controls, "label");
  const box = add(label, "input", { type: "checkbox" });
  label.append(` ${name}`);
  return box;
};
const option = index => [index, column(index).name];
const ups = indices.filter(index => isNumber(index) && column(index).source !== "parameter");
const acrosses = [...varied, ...ups, ...parameters.filter(index => !varied.includes(index))];
const firstResult = results.find(isNumber) ?? ups[0];
add(plotted, "h2", {}, "Results");
plotted.append(drawing);
const up = choice("plot", ups.map(option), firstResult);
const firstAcross = varied.find(isNumber) ?? varied[0] ?? acrosses[0];
const across = choice("against", acrosses.map(option), firstAcross);
const hue = choice("coloured by", [[-1, "nothing"], ...varied.map(option)], varied.find(index => index !== firstAcross) ?? -1);
const logs = [tick("logarithmic across"), tick("logarithmic up")];
const plot = add(drawing, "svg", {
  class: "plot", tabindex: "0", role: "application",
  "aria-label": "Plot; the arrow keys go from report to report, Enter opens one",
});
const readout = add(drawing, "p", { "aria-live": "polite", class: "muted" }, "\u00a0");
const key = add(drawing, "ul", { class: "key", "aria-label": "Colours" });

const SHAPES = [
  "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "M-3.6-3.6h7.2v7.2h-7.2z", "M0-5L4.6 3.6h-9.2z", "M0-5L5 0L0 5L-5 0z",
  "M-1.6-5h3.2v3.4H5v3.2H1.6V5h-3.2V1.6H-5v-3.2h3.4z", "M0 5L4.6-3.6h-9.2z", "M-5-2h10v4h-10z", "M-2-5h4v10h-4z",
];
const ramp = share => `hsl(${260 - 200 * share} 75% ${52 - 6 * share}%)`;

const scale = (values, logarithmic, from, to) => {
  const numeric = values.every(value => typeof value === "number");
  if (!numeric) {
    const names = [...new Set(values)].sort((a, b) => String(a).localeCompare(String(b), "en", { numeric: true }));
    const step = (to - from) / names.length;
    const ticks = step < 24 ? [] : names.map((name, n) => [from + (n + 0.5) * step, shown(name)]);
    return { place: value => from + (names.indexOf(value) + 0.5) * step, ticks };
  }
  const change = logarithmic ? Math.log10 : value => value;
  let [low, high] = [Math.min(...values), Math.max(...values)].map(change);
  const margin = (high - low) * 0.05 || Math.abs(high) * 0.05 || 0.5;
  [low, high] = [low - margin, high + margin];
  const place = value => from + (change(value) - low) / (high - low) * (to - from);
  const ticks = steps(low, high, logarithmic).map(value => [place(value), shown(value)]);
  return { place, ticks };
};
const short = (text, room) => text.length > Math.max(4, room) ? `${text.slice(0, Math.max(3, room - 1))}…` : text;
const steps = (low, high, logarithmic) => {
  if (logarithmic && high - low >= 1) {
    const powers = [];
    for (let n = Math.ceil(low); n <= high; n += 1) powers.push(10 ** n);
    return powers;
  }
  const [first, last] = logarithmic ? [10 ** low, 10 ** high] : [low, high];
  const raw = (last - first) / 6;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * [1, 2, 5, 10].find(factor => factor * unit >= raw);
  const found = [];
  for (let value = Math.ceil(first / step) * step; value <= last; value += step) found.push(Number(value.toPrecision(12)));
  return found;
};

let points = [];
let chosen = -1;
const choose = index => {
  plot.querySelector(".chosen")?.classList.remove("chosen");
  chosen = index;
  const point = points[index];
  if (!point) return;
  point.node.classList.add("chosen");
  const texts = [...varied, Number(up.value)].map(each => `${column(each).name} ${shown(point.report.values[each])}`);
  readout.textContent = texts.join(", ");
};
const open = report => { if (report.name) location.href = address(report); };
const address = (report, kind = "html") => `reports/${encodeURIComponent(report.name)}.${kind}`;

let drawn = [];
const draw = reports => {
  drawn = reports;
  // As many units as pixels, so that the labels are as large as the page's text.
  const width = Math.max(300, Math.min(960, drawing.clientWidth));
  const right = width - 20;
  plot.setAttribute("viewBox", `0 0 ${width} 340`);
  plot.replaceChildren();
  key.replaceChildren();
  readout.textContent = "\u00a0";
  chosen = -1;
  const [x, y, c] = [across, up, hue].map(select => Number(select.value));
  const usable = reports.filter(({ status, values }) => status === "done" && values[x] !== null && typeof values[y] === "number" &&
    (!logs[0].checked || !isNumber(x) || values[x] > 0) && (!logs[1].checked || values[y] > 0));
  if (!usable.length) {
    add(plot, "text", { x: width / 2, y: 170, "text-anchor": "middle" }, "Nothing to plot with these filters");
    points = [];
    return;
  }
  const h = scale(usable.map(({ values }) => values[x]), logs[0].checked, 70, right);
  const v = scale(usable.map(({ values }) => values[y]), logs[1].checked, 290, 24);
  add(plot, "path", { class: "axis", d: `M70 24V290H${right}`, fill: "none" });
  for (const [place, text] of h.ticks) {
    add(plot, "path", { class: "axis", d: `M${place} 290v5` });
    add(plot, "text", { x: place, y: 308, "text-anchor": "middle" }, short(text, (right - 70) / h.ticks.length / 7));
  }
  for (const [place, text] of v.ticks) {
    add(plot, "path", { class: "axis", d: `M65 ${place}H${right}`, "stroke-dasharray": "1 4" });
    add(plot, "text", { x: 62, y: place + 4, "text-anchor": "end" }, text);
  }
  add(plot, "text", { class: "name", x: (70 + right) / 2, y: 332, "text-anchor": "middle" }, column(x).name);
  add(plot, "text", { class: "name", x: 4, y: 14 }, column(y).name);
  const look = looks(c);
  points = usable.map(report => {
    const [place, height] = [h.place(report.values[x]), v.place(report.values[y])];
    const { fill, d } = look(report);
    const transform = `translate(${place.toFixed(1)} ${height.toFixed(1)})`;
    const node = add(plot, "path", { class: "point", d, fill, transform });
    return { report, node, place, height };
  }).sort((a, b) => a.place - b.place || a.height - b.height);
  points.forEach((point, index) => {
    point.node.addEventListener("pointerenter", () => choose(index));
    point.node.addEventListener("click", () => open(point.report));
  });
};
const looks = index => {
  if (index < 0) return () => ({ fill: COLOURS[0], d: SHAPES[0] });
  const values = distinct(index);
  const few = values.length <= COLOURS.length;
  const entry = (fill, d, text) => {
    const item = add(key, "li");
    add(add(item, "svg", { width: 12, height: 12, viewBox: "-6 -6 12 12" }), "path", { d, fill });
    item.append(` ${text}`);
  };
  if (few) {
    values.forEach((value, n) => entry(COLOURS[n], SHAPES[n], `${column(index).name} ${shown(value)}`));
    return ({ values: own }) => {
      const n = values.indexOf(own[index]);
      return { fill: COLOURS[n], d: SHAPES[n] };
    };
  }
  const share = value => values.indexOf(value) / (values.length - 1);
  for (const n of [0, 0.5, 1]) {
    const value = values[Math.round(n * (values.length - 1))];
    entry(ramp(share(value)), SHAPES[0], `${column(index).name} ${shown(value)}`);
  }
  return ({ values: own }) => ({ fill: ramp(share(own[index])), d: SHAPES[0] });
};
plot.addEventListener("keydown", event => {
  const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
  if (step && points.length) {
    event.preventDefault();
    choose(chosen < 0 ? (step > 0 ? 0 : points.length - 1) : (chosen + step + points.length) % points.length);
  } else if (event.key === "Enter" && points[chosen]) open(points[chosen].report);
});

// ---- The reports, and what failed

add(main, "h2", {}, "Reports");
const sorting = add(main, "label", { class: "row" }, "sorted by ");
const order = add(sorting, "select");
add(order, "option", { value: -1 }, "the grid");
for (const index of indices) add(order, "option", { value: index }, column(index).name);
const cards = add(main, "ul", { class: "cards" });
const facts = (parent, report, listed) => {
  const list = add(parent, "dl");
  for (const index of listed) {
    if (report.values[index] === null) continue;
    add(list, "dt", {}, column(index).name);
    add(list, "dd", {}, shown(report.values[index]));
  }
};
const title = report => {
  const named = varied.length ? varied : parameters;
  return named.map(index => `${column(index).name} ${shown(report.values[index])}`).join(", ") || data.notebook;
};
const seconds = indices.filter(index => column(index).source === "report" && isNumber(index));
const made = data.reports.filter(report => report.status === "done").map(report => {
  const card = add(cards, "li", { class: "card" });
  if (report.thumbnail) {
    const source = `data:image/svg+xml,${encodeURIComponent(report.thumbnail)}`;
    add(card, "img", { src: source, alt: "", width: 192, height: 108, decoding: "async", loading: "lazy" });
  }
  add(card, "a", { href: address(report) }, title(report));
  facts(card, report, [...results, ...seconds]);
  add(card, "a", { class: "file", href: address(report, "ipynb") }, "notebook");
  return { report, card };
});
const broken = data.reports.filter(report => report.status === "failed");
const failures = [];
if (broken.length) {
  add(main, "h2", {}, "Failed");
  for (const report of broken) {
    const card = add(main, "details");
    add(card, "summary", { class: "warn" }, `${title(report)}: ${report.reason}`);
    if (report.lines.length) add(card, "pre", {}, report.lines.join("\n"));
    failures.push({ report, card });
  }
}

const compare = index => ({ report: a }, { report: b }) => {
  const [one, other] = [a.values[index], b.values[index]];
  if (one === null || other === null) return (one === null) - (other === null);
  return typeof one === "number" && typeof other === "number" ? one - other : String(one).localeCompare(String(other), "en", { numeric: true });
};
const sort = () => {
  const index = Number(order.value);
  cards.replaceChildren(...(index < 0 ? made : made.toSorted(compare(index))).map(({ card }) => card));
};
const update = () => {
  const kept = new Set(data.reports.filter(report => tests.every(test => test(report))));
  for (const { report, card } of [...made, ...failures]) card.hidden = !kept.has(report);
  count.textContent = kept.size === data.reports.length ? "" : `${kept.size} of ${data.reports.length} reports shown`;
  draw([...kept]);
};
filters.addEventListener("input", update);
filters.addEventListener("reset", () => setTimeout(update));
filters.addEventListener("submit", event => event.preventDefault());
controls.addEventListener("input", update);
order.addEventListener("input", sort);
new ResizeObserver(() => draw(drawn)).observe(drawing);
plotted.hidden = !ups.length || !acrosses.length;
update();
document.body.dataset.ready = "";
