/* The front end of an explorer, the same in a live notebook and in a page without a kernel.
 *
 * It holds a table of states: for each combination of control values, what differs from a base
 * figure. A control that moves to a state in the table is drawn at once; a live notebook asks the
 * kernel for the others, a page holds all it has. Sections: data, drawing, stage, live, page.
 */

// ---------------------------------------------------------------------------------------- data

const TABLE_BYTES = 8e6; // what the table of a live explorer may take, least recently used first
const REST_MS = 400; // how long a hand rests before states are asked for ahead of it
const PLAY_MS = 150; // from one value to the next while it plays
const PLAY = "▶ play";
const TYPES = {
  float32: Float32Array, float64: Float64Array, int32: Int32Array, int16: Int16Array,
  int8: Int8Array, uint32: Uint32Array, uint16: Uint16Array, uint8: Uint8Array, bool: Uint8Array,
};

const isPlain = (value) => value !== null && typeof value === "object" && !ArrayBuffer.isView(value);

/** Put arrays in the places that refer to them; those of two axes become arrays of rows. */
function revive(value, buffers) {
  if (Array.isArray(value)) return value.map((each) => revive(each, buffers));
  if (!isPlain(value)) return value;
  if ("array" in value && "dtype" in value) {
    const flat = new TYPES[value.dtype](buffers[value.array]);
    if (value.shape.length < 2) return flat;
    const width = value.shape[1];
    return Array.from({ length: value.shape[0] }, (_, row) => flat.subarray(row * width, (row + 1) * width));
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revive(each, buffers)]));
}

/** Copy what may be changed later; the bytes of arrays are shared. */
function clone(value) {
  if (Array.isArray(value)) return ArrayBuffer.isView(value[0]) ? value : value.map(clone);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, clone(each)]));
}

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}

/** Return `base` with the leaves of `patch` in place. */
function patched(base, patch) {
  const result = clone(base);
  for (const [path, value] of patch) {
    let place = result;
    for (const key of path.slice(0, -1)) place = place[key] ??= {};
    const last = path[path.length - 1];
    if (value === null) delete place[last];
    else place[last] = clone(value);
  }
  return result;
}

async function gunzip(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** Return plotly.js, loaded once per page from the bytes that `fetch` brings. */
function plotly(fetch) {
  const name = Symbol.for("convrnn_lab.plotly");
  globalThis[name] ??= (async () => {
    const source = new TextDecoder().decode(await gunzip(await fetch()));
    // Run as a module of its own, so that neither a loader nor another plotly on the page minds.
    const module = { exports: {} };
    new Function("module", "exports", "define", source)(module, module.exports, undefined);
    return module.exports;
  })();
  return globalThis[name];
}

// ------------------------------------------------------------------------------------- drawing

const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false };
const MARGIN = { l: 34, r: 10, t: 6, b: 26, autoexpand: false };
const TITLED = { ...MARGIN, l: 48, b: 40 };

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function isDark() {
  const jupyter = document.body.dataset.jpThemeLight;
  if (jupyter !== undefined) return jupyter === "false";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Keep pixels square: plotly's own way widens the range where it should narrow the axis. */
function squared({ width, height, margin, xaxis, yaxis }) {
  if (!yaxis.scaleanchor) return;
  const extent = ({ range: [from, to] }) => Math.abs(to - from);
  const across = width - margin.l - margin.r;
  const down = height - margin.t - margin.b;
  const pixel = Math.min(across / extent(xaxis), down / extent(yaxis));
  const centred = (part) => [(1 - part) / 2, (1 + part) / 2];
  xaxis.domain = centred((pixel * extent(xaxis)) / across);
  yaxis.domain = centred((pixel * extent(yaxis)) / down);
  delete yaxis.scaleanchor;
}

/** Return the colour of a value on one of plotly's scales, as red, green and blue. */
function colourOf(value, { zmin, zmax, colorscale }) {
  const place = Math.min(1, Math.max(0, (value - zmin) / (zmax - zmin)));
  const above = Math.max(1, colorscale.findIndex(([stop]) => stop >= place));
  const [[from, low], [to, high]] = [colorscale[above - 1], colorscale[above]];
  const channel = (colour, index) => parseInt(colour.slice(1 + 2 * index, 3 + 2 * index), 16);
  return [0, 1, 2].map((index) => {
    const [a, b] = [channel(low, index), channel(high, index)];
    return Math.round(a + ((b - a) * (place - from)) / (to - from));
  });
}

/** A heatmap of few cells that shows its numbers: as text of the page, which plotly draws far slower. */
function drawMatrix(plot, trace, { xaxis, yaxis }) {
  const digits = Number(trace.texttemplate.match(/\.(\d)~f/)[1]);
  const rows = trace.z.length;
  const columns = trace.z[0].length;
  const cells = trace.z.flatMap((row) => Array.from(row, (value) => {
    const [red, green, blue] = colourOf(value, trace);
    const ink = 0.299 * red + 0.587 * green + 0.114 * blue > 120 ? "#000" : "#fff";
    let text = Number(value.toFixed(digits)).toString().replace("-", "−").replace(/^−?0$/, "0").replace("Infinity", "∞");
    if (columns > 5) text = text.replace("0.", "."); // small cells
    return `<span style="background:rgb(${red},${green},${blue});color:${ink}">${text}</span>`;
  }));
  const named = yaxis.ticktext && xaxis.ticktext;
  if (named) { // from the last row on, so that no place has moved
    const head = (text) => `<span class="cl-head">${text}</span>`;
    for (let row = rows - 1; row >= 0; row -= 1) cells.splice(row * columns, 0, head(yaxis.ticktext[row]));
    cells.unshift(head(""), ...xaxis.ticktext.map(head));
  }
  const size = `--rows:${rows};--columns:${columns};font-size:${trace.textfont.size}px`;
  plot.innerHTML = `<div class="cl-matrix${named ? " cl-named" : ""}" style="${size}">${cells.join("")}</div>`;
  plot.data = [trace];
}

/** Bars that answer to nothing: as a small drawing of our own, for the same reason. */
function drawBars(plot, { data: [trace], layout }, { width, height }) {
  const [left, top, bottom] = [8, 14, 34];
  const { xaxis: { range: [first, last], title }, yaxis: { range: [low, high] } } = layout;
  const unit = (width - 2 * left) / (last - first);
  const x = (place) => left + unit * (place - first);
  const y = (value) => top + ((height - top - bottom) * (high - value)) / (high - low);
  const every = Math.ceil(trace.y.length / 12);
  const text = (at, up, words, size = 11) => `<text x="${at}" y="${up}" font-size="${size}">${words}</text>`;
  const parts = Array.from(trace.y, (value, index) => {
    const at = x(index + (trace.x0 ?? 0));
    const end = Number.isFinite(value) ? y(value) : y(0);
    const words = Number(value.toPrecision(2)).toString().replace("-", "−").replace("Infinity", "∞");
    const label = trace.texttemplate ? text(at, value < 0 ? end + 12 : end - 4, words) : "";
    const tick = index % every ? "" : text(at, height - bottom + 16, index + (trace.x0 ?? 0), 10);
    return `<rect x="${at - 0.4 * unit}" y="${Math.min(end, y(0))}" width="${0.8 * unit}" height="${Math.abs(end - y(0))}"
      fill="${trace.marker.color}"><title>${value}</title></rect>${label}${tick}`;
  });
  const zero = `<line x1="${left}" x2="${width - left}" y1="${y(0)}" y2="${y(0)}"/>`;
  const name = text(width / 2, height - 4, title?.text ?? "");
  plot.innerHTML = `<svg class="cl-bars" width="${width}" height="${height}">${parts.join("")}${zero}${name}</svg>`;
  plot.data = [trace];
}

const isDrawn = ([path]) => path[0] === "data" || (path[0] === "layout" && path[1] !== "shapes");

const isMatrix = ({ still, data: [trace] }) => Boolean(still && trace?.type === "heatmap" && trace.texttemplate);

const isBars = ({ still, data: [trace] }) => Boolean(still && trace?.type === "bar");

/** Return the place of a point's pixel in a grid of small pictures, counted in reading order. */
function placeOn({ columns, pitch, count }, { x, y }) {
  const place = Math.floor(y / pitch[0]) * columns + Math.floor(x / pitch[1]);
  return Math.min(place, count - 1);
}

/** The panels of one figure, and the text beside them. */
class Drawing {
  constructor(Plotly, el, base, themes, onPick) {
    Object.assign(this, { Plotly, base, themes, onPick });
    this.panels = [];
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
    this.watch();
    this.fit(base.panels);
  }

  /** Have a place for each panel; states may have more or fewer of them than the base. */
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

  /** Draw again when the theme or the width changes; `stop` ends it. */
  watch() {
    const redraw = () => this.show(this.patch ?? [], true);
    // Sizes come from here, so that no drawing has to ask the browser for a layout of the whole page.
    this.sizes = new Map();
    this.plots = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) this.sizes.set(target, contentRect);
      if (this.patch) redraw();
    });
    const themes = new MutationObserver(redraw);
    themes.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    const media = matchMedia("(prefers-color-scheme: dark)");
    media.addEventListener("change", redraw);
    this.stop = () => {
      themes.disconnect();
      this.plots.disconnect();
      media.removeEventListener("change", redraw);
      for (const plot of this.grid.querySelectorAll(".cl-plot")) this.Plotly.purge(plot);
    };
  }

  /** Show the state that `patch` makes of the base; only panels that differ are drawn again. */
  async show(patch, all = false) {
    this.patch = patch;
    // A state with more or fewer panels than the base brings all of its own.
    const own = patch.find(([path]) => path.length === 1 && path[0] === "panels")?.[1];
    const bases = own ?? this.base.panels;
    const wanted = bases.map(() => []);
    const rest = [];
    for (const [path, value] of patch) {
      if (path[0] !== "panels") rest.push([path, value]);
      else if (path.length > 1) wanted[path[1]].push([path.slice(2), value]);
    }
    this.fit(bases);
    const drawn = wanted.map((changes, index) => {
      const { changes: before, base } = this.panels[index];
      const known = !all && before && same(base, bases[index]);
      if (known && same(changes, before)) return null;
      Object.assign(this.panels[index], { changes, base: bases[index] });
      const panel = patched(bases[index], changes);
      // Outlines alone are drawn again in a third of the time.
      const outlines = known && same(changes.filter(isDrawn), before.filter(isDrawn));
      return outlines ? this.moveOutlines(index, panel) : this.drawPanel(index, panel);
    });
    const { panels, ...texts } = this.base;
    this.write(patched(texts, rest));
    await Promise.all(drawn);
  }

  /** Write what stands above a panel, and return the place of its drawing. */
  caption(index, { title, scale }) {
    const [caption, plot] = this.panelBox.children[index].children;
    caption.replaceChildren(title);
    if (scale) caption.append(this.scale(...scale));
    return plot;
  }

  moveOutlines(index, panel) {
    const plot = this.caption(index, panel);
    return plot._fullLayout && this.Plotly.relayout(plot, { shapes: panel.layout.shapes });
  }

  drawPanel(index, panel) {
    const { data, layout, click, still, size } = panel;
    const plot = this.caption(index, panel);
    const own = isMatrix(panel) || isBars(panel);
    // A panel may be drawn by plotly in one state and not in the next.
    if (plot.data && Boolean(plot._fullLayout) === own) this.empty(plot);
    if (isMatrix(panel)) return drawMatrix(plot, data[0], layout);
    const { xaxis, yaxis, ...theme } = this.themes[isDark() ? "dark" : "light"] ?? {};
    const { width, height } = this.sizes.get(plot) ?? plot.getBoundingClientRect();
    if (!width) return null; // hidden, or not on the page yet; drawn when it gets a size
    if (own) return drawBars(plot, panel, { width, height });
    // A figure that is not ours may need room that only plotly knows of.
    const titled = size === "whole" ? { ...TITLED, autoexpand: true } : TITLED;
    const margin = size === "whole" || layout.xaxis?.title ? titled : MARGIN;
    const whole = { margin, dragmode: false, ...theme, ...layout, width, height };
    whole.xaxis = { ...xaxis, ...layout.xaxis };
    whole.yaxis = { ...yaxis, ...layout.yaxis };
    squared(whole);
    const first = !plot.data;
    this.clicks[index] = click;
    const done = this.Plotly.react(plot, data, whole, still ? { ...CONFIG, staticPlot: true } : CONFIG);
    plot.classList.toggle("cl-pick", Boolean(click));
    if (first && !still) {
      plot.on("plotly_click", ({ points: [point] }) => {
        const { grid, ...axes } = this.clicks[index] ?? {};
        // A control's values may lie further apart than 1 on its axis.
        const moves = Object.entries(axes).map(([axis, to]) => [to.control ?? to, Math.round(point[axis] / (to.step ?? 1))]);
        this.onPick(grid ? [[grid.control, placeOn(grid, point)]] : moves);
      });
    }
    return done;
  }

  /** Take everything out of a panel, listeners too. */
  empty(plot) {
    this.Plotly.purge(plot);
    delete plot.data;
    plot.replaceChildren();
  }

  scale(colours, low, high) {
    const stops = colours.map(([place, colour]) => `${colour} ${100 * place}%`).join(",");
    const bar = make("span", { class: "cl-scale-bar", style: `background:linear-gradient(90deg,${stops})` });
    const text = (value) => Number(value.toPrecision(3)).toString().replace("-", "−");
    return make("span", { class: "cl-scale" }, text(low), bar, text(high));
  }

  write({ title, description, facts, code }) {
    if (this.title.textContent !== title) this.title.textContent = title;
    this.panelBox.setAttribute("aria-label", description);
    this.facts.replaceChildren(...facts.flatMap(([what, value]) => [make("dt", {}, what), make("dd", {}, value)]));
    this.code.textContent = code;
    this.lines.hidden = !code;
  }

  /** Say why the wanted state is not shown; the last figure stays, paler. */
  say(text) {
    this.message.textContent = text;
    for (const element of [this.title, this.grid]) element.classList.toggle("cl-stale", Boolean(text));
  }

  async copyCode() {
    try {
      await navigator.clipboard.writeText(this.code.textContent);
    } catch { // a page opened from a file may have no clipboard
      getSelection().selectAllChildren(this.code);
      document.execCommand("copy");
    }
    this.copy.textContent = "Copied";
    setTimeout(() => { this.copy.textContent = "Copy"; }, 1500);
  }
}

// --------------------------------------------------------------------------------------- stage

/** Shows the newest wanted state, whatever came in between; asks for those not in the table. */
class Stage {
  constructor(drawing, find, ask) {
    Object.assign(this, { drawing, find, ask, wanted: null, shown: null, busy: false, age: 0 });
  }

  /** What is shown, or being drawn now, is no longer true. */
  stale() {
    this.shown = null;
    this.age += 1;
  }

  async want(key) {
    this.wanted = key;
    if (this.busy) return;
    this.busy = true;
    this.drawing.panelBox.setAttribute("aria-busy", "true");
    try {
      while (this.wanted !== this.shown) {
        const next = this.wanted;
        const { age } = this;
        const state = this.find(next);
        if (!state) {
          this.ask(next);
          return;
        }
        if (state.patch) await this.drawing.show(state.patch);
        this.drawing.say(state.refusal ?? state.bug ?? "");
        this.shown = age === this.age ? next : null;
      }
      this.drawing.panelBox.setAttribute("aria-busy", "false");
    } finally {
      this.busy = false;
    }
  }
}

/** Move along `names` by one value, the last one fastest, as lines of text are read; say if it could. */
function step(controls, names, direction) {
  const moves = [];
  for (const name of [...names].reverse()) {
    const offered = controls.offered(name);
    const next = offered.indexOf(controls.get(name)) + direction;
    if (next >= 0 && next < offered.length) {
      controls.set([...moves, [name, offered[next]]]);
      return true;
    }
    moves.push([name, offered[direction > 0 ? 0 : offered.length - 1]]);
  }
  return false; // the first or the last value of all
}

function stepButtons(controls, names) {
  if (!names.length) return "";
  const button = (text, onclick) => {
    const element = make("button", { type: "button", class: "cl-button" }, text);
    element.onclick = onclick;
    return element;
  };
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = PLAY;
  };
  const play = button(PLAY, () => {
    if (timer) return stop();
    play.textContent = "❚❚ pause";
    timer = setInterval(() => {
      if (!play.isConnected || !step(controls, names, 1)) stop();
    }, PLAY_MS);
    return undefined;
  });
  const move = (direction) => () => step(controls, names, direction);
  return make("div", { class: "cl-steps" }, button("◀ previous value", move(-1)), play, button("next value ▶", move(1)));
}

// ---------------------------------------------------------------------------------------- live

const bytesOf = (buffer) => (buffer.buffer
  ? buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength)
  : buffer);

/** The sliders and lists of ipywidgets, as the stage sees them. */
class LiveControls {
  constructor(names, models) {
    this.models = new Map(names.map((name, index) => [name, models[index]]));
  }

  get(name) {
    const model = this.models.get(name);
    const labels = model.get("_options_labels");
    return labels ? labels[model.get("index")] : model.get("value");
  }

  set(moves) {
    for (const [name, value] of moves) {
      const model = this.models.get(name);
      const labels = model.get("_options_labels");
      // A list is set by the place of a value: what a click into a panel gives.
      if (labels) model.set("index", labels.includes(String(value)) ? labels.indexOf(String(value)) : value);
      else model.set("value", value);
      model.save_changes();
    }
  }

  offered(name) {
    const model = this.models.get(name);
    const [low, high] = [model.get("min"), model.get("max")];
    return Array.from({ length: high - low + 1 }, (_, index) => low + index);
  }

  key() {
    return JSON.stringify([...this.models.keys()].map((name) => this.get(name)));
  }

  onChange(listener) {
    for (const model of this.models.values()) model.on("change:value change:index", listener);
    return () => this.models.forEach((model) => model.off("change:value change:index", listener));
  }
}

/** States of a live explorer; the least recently used go when they take too much. */
class Table {
  constructor() {
    Object.assign(this, { states: new Map(), bytes: 0 });
  }

  find(key) {
    const state = this.states.get(key);
    if (state) {
      this.states.delete(key);
      this.states.set(key, state);
    }
    return state;
  }

  add(key, state) {
    this.remove(key);
    this.states.set(key, state);
    this.bytes += state.bytes;
    for (const oldest of this.states.keys()) {
      if (this.bytes <= TABLE_BYTES || oldest === key) break;
      this.remove(oldest);
    }
  }

  remove(key) {
    this.bytes -= this.states.get(key)?.bytes ?? 0;
    this.states.delete(key);
  }

  clear() {
    this.states.clear();
    this.bytes = 0;
  }
}

/** A button for work that takes seconds. The kernel works while it is asked to go on, piece by piece. */
function jobRow(label, send, pending) {
  const button = make("button", { type: "button", class: "cl-button" }, label);
  const bar = make("progress", { max: 1, value: 0, "aria-label": label });
  const text = make("span", { role: "status" });
  let running = false;
  const say = (action) => send({ type: "job", action });
  button.onclick = () => {
    say(running ? "stop" : "start");
    if (!running) text.textContent = "";
    button.disabled = true; // until the kernel answers
  };
  pending.job = ({ running: goesOn, fraction, text: words, problem }) => {
    running = goesOn;
    button.disabled = false;
    button.textContent = running ? "Stop" : label;
    bar.value = fraction;
    text.textContent = problem || words;
    text.classList.toggle("cl-problem", Boolean(problem));
    if (running) say("continue");
  };
  return make("div", { class: "cl-job" }, button, bar, text);
}

/** A field to draw in, or to load a picture into; the kernel gets the ink, newest first. */
function padField(label, send, pending) {
  const size = 140;
  const canvas = make("canvas", { width: size, height: size, class: "cl-pad", role: "img", "aria-label": label });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const problem = make("span", { role: "status", class: "cl-problem" });
  let waiting = false;
  let again = false;
  const ship = () => {
    again = waiting;
    if (waiting) return;
    waiting = true;
    const { data } = pen.getImageData(0, 0, size, size);
    const ink = Uint8Array.from({ length: size * size }, (_, index) => 255 - data[4 * index]);
    send({ type: "drawn", shape: [size, size] }, [ink.buffer]);
  };
  pending.drawn = ({ problem: words }) => {
    waiting = false;
    problem.textContent = words;
    if (again) ship();
  };
  const clear = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, size, size);
  };
  clear();
  Object.assign(pen, { lineWidth: 12, lineCap: "round", lineJoin: "round" });
  let last = null;
  const place = ({ offsetX, offsetY }) => [(offsetX * size) / canvas.clientWidth, (offsetY * size) / canvas.clientHeight];
  const draw = (event) => {
    const next = place(event);
    pen.beginPath();
    pen.moveTo(...(last ?? next));
    pen.lineTo(...next);
    pen.stroke();
    last = next;
    ship();
  };
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    draw(event);
  };
  canvas.onpointermove = (event) => { if (last) draw(event); };
  canvas.onpointerup = canvas.onpointercancel = () => { last = null; };
  const wipe = make("button", { type: "button", class: "cl-button" }, "Clear");
  wipe.onclick = clear;
  const file = make("input", { type: "file", accept: "image/*", "aria-label": "Load a picture" });
  file.onchange = async () => {
    try {
      const picture = await createImageBitmap(file.files[0]);
      const scale = size / Math.max(picture.width, picture.height);
      const [width, height] = [picture.width * scale, picture.height * scale];
      clear();
      pen.drawImage(picture, (size - width) / 2, (size - height) / 2, width, height);
      ship();
    } catch {
      problem.textContent = `${file.files[0]?.name ?? "the file"} is no picture that the browser can read`;
    }
  };
  const beside = make("div", {}, make("p", {}, label), wipe, file, problem);
  return make("div", { class: "cl-draw" }, canvas, beside);
}

/** Take plotly.js from a model that carries it, before there is anything to draw. */
function initialize({ model }) {
  const script = model.get("script");
  if (!script?.byteLength) return;
  const bytes = bytesOf(script);
  plotly(() => bytes);
  model.set("script", new DataView(new ArrayBuffer(0)));
  model.save_changes();
}

async function render({ model, el }) {
  const client = `${Date.now()}-${Math.random()}`;
  const root = make("div", { class: "convrnn-lab" }, make("p", { class: "cl-message" }, "Drawing…"));
  el.append(root);
  const pending = {};
  const answer = (type) => new Promise((resolve) => { pending[type] = resolve; });
  const listen = (content, buffers) => {
    if ([client, undefined].includes(content.client)) pending[content.type]?.(content, buffers.map(bytesOf));
  };
  model.on("msg:custom", listen);
  const send = (content, buffers = []) => {
    try {
      model.send({ ...content, client }, undefined, buffers);
    } catch { // the kernel has gone and its channel is closed: there will be no answer
    }
  };

  const fetchPlotly = () => new Promise((resolve) => {
    pending.plotly = (_, [bytes]) => resolve(bytes);
    send({ type: "plotly" });
  });
  const started = new Promise((resolve) => {
    pending.start = (content, buffers) => resolve({ ...content, buffers });
  });
  send({ type: "start" });
  const Plotly = await plotly(fetchPlotly);
  const start = await started;
  const ids = model.get("controls").map((id) => id.slice("IPY_MODEL_".length));
  const models = await Promise.all(ids.map((id) => model.widget_manager.get_model(id)));

  const controls = new LiveControls(start.names, models);
  const table = new Table();
  const base = revive(start.base, start.buffers);
  root.replaceChildren(
    start.pad ? padField(start.pad, send, pending) : "",
    start.job ? jobRow(start.job, send, pending) : "",
    stepButtons(controls, start.scan),
  );
  const drawing = new Drawing(Plotly, root, base, start.themes, (moves) => controls.set(moves));
  let asked = null;
  let silence;
  let silent = false;
  const saySilent = () => {
    silent = true;
    drawing.say("The kernel is busy or gone; the figure shows its last answer.");
    drawing.panelBox.setAttribute("aria-busy", "false");
  };
  const ask = (key) => {
    if (asked && silent) saySilent(); // a state from the table may have cleared it
    if (asked) return;
    asked = key;
    send({ type: "state", values: JSON.parse(key) });
    silence = setTimeout(saySilent, 3000);
  };
  const stage = new Stage(drawing, (key) => table.find(key), ask);

  // Ahead of the hand only while it rests: a question in between would wait for the answer.
  let idle;
  let filling = false;
  let movedAt = 0;
  const fill = () => {
    filling = true;
    send({ type: "fill", values: JSON.parse(controls.key()) });
  };
  const restFirst = () => {
    clearTimeout(idle);
    idle = setTimeout(() => { if (!filling && !asked) fill(); }, REST_MS);
  };
  pending.states = ({ states, done }, buffers) => {
    for (const { asked: keys, patch, refusal, bug, bytes } of states) {
      const state = { patch: patch && revive(patch, buffers), refusal, bug, bytes };
      for (const key of new Set(keys)) table.add(key, state);
      if (bug) table.remove(keys[0]), drawing.say(bug);
    }
    if (done === undefined) {
      clearTimeout(silence);
      const answered = asked;
      asked = null;
      silent = false;
      if (!states[0].bug || controls.key() !== answered) stage.want(controls.key());
    } else {
      filling = false;
      if (!done && performance.now() - movedAt > REST_MS) return fill();
    }
    return restFirst();
  };
  const moved = () => {
    movedAt = performance.now();
    stage.want(controls.key());
    restFirst();
  };
  const forget = controls.onChange(moved);
  pending.stale = () => {
    table.clear();
    stage.stale();
    moved();
  };
  if (start.key) {
    table.add(start.key, { patch: [], bytes: 0 });
    await stage.want(start.key);
  }
  moved();
  assist(root);
  return () => {
    clearTimeout(idle);
    clearTimeout(silence);
    forget();
    model.off("msg:custom", listen);
    drawing.stop();
  };
}

/** Make ipywidgets' sliders usable from the keyboard, and by name, in every front end. */
function assist(root) {
  const box = root.closest(".convrnn-lab-explorer") ?? root;
  // Notebook 7 takes arrow keys and Enter for its cells, unless the very element says this.
  for (const element of box.querySelectorAll(".noUi-handle, .widget-readout, select, button")) {
    element.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  for (const handle of box.querySelectorAll(".noUi-handle")) {
    const label = handle.closest(".widget-inline-hbox")?.querySelector(".widget-label");
    handle.setAttribute("aria-label", label?.textContent ?? "");
  }
}

// ---------------------------------------------------------------------------------------- page

/** Undo the grouping of bytes by their place in a number, which lets them compress better. */
function ungrouped(bytes, width) {
  const length = bytes.length / width;
  const result = new Uint8Array(bytes.length);
  for (let place = 0; place < width; place += 1) {
    for (let index = 0; index < length; index += 1) result[index * width + place] = bytes[place * length + index];
  }
  return result.buffer;
}

async function unpack(script) {
  const text = atob(script.textContent.trim());
  return gunzip(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
}

/** The states of a page as a tree: one level a control, in the order of their declaration. */
function tree(keys) {
  const root = new Map();
  for (const key of keys) {
    let node = root;
    for (const token of key) {
      if (!node.has(token)) node.set(token, new Map());
      node = node.get(token);
    }
  }
  return root;
}

function nearest(wanted, tokens) {
  if (tokens.includes(wanted)) return wanted;
  const distance = (token) => Math.abs(Number(token) - Number(wanted));
  const numbers = tokens.filter((token) => !Number.isNaN(distance(token)));
  return numbers.length ? numbers.reduce((a, b) => (distance(b) < distance(a) ? b : a)) : tokens[0];
}

/** Sliders and lists in plain HTML over the states that a page holds. */
class PageControls {
  constructor(declared, keys, start) {
    Object.assign(this, { declared, root: tree(keys), wanted: [...start] });
    this.el = make("div", { class: "cl-controls" });
    this.inputs = declared.map((control, index) => this.addInput(control, index));
    this.settle();
  }

  addInput({ label, slider }, index) {
    const input = slider ? make("input", { type: "range", min: 0, step: 1 }) : make("select");
    const output = make("output");
    input.addEventListener("input", () => this.set([[this.declared[index].name, this.tokens[index][Number(input.value)]]]));
    this.el.append(make("label", {}, make("span", {}, label), input, slider ? output : ""));
    return { input, output };
  }

  /** Replace what the page does not hold by the nearest it does, and show that on the inputs. */
  settle() {
    let node = this.root;
    this.tokens = [];
    this.values = this.wanted.map((wanted, index) => {
      this.tokens[index] = [...node.keys()].sort((a, b) => this.order(index, a) - this.order(index, b));
      const value = nearest(wanted, this.tokens[index]);
      node = node.get(value);
      return value;
    });
    this.inputs.forEach(({ input, output }, index) => {
      const tokens = this.tokens[index];
      if (this.declared[index].slider) {
        input.max = tokens.length - 1;
        output.textContent = this.values[index];
        input.setAttribute("aria-valuetext", this.values[index]);
      } else if (input.options.length !== tokens.length) {
        input.replaceChildren(...tokens.map((token, place) => make("option", { value: place }, token)));
      }
      input.value = tokens.indexOf(this.values[index]);
      input.disabled = tokens.length < 2;
    });
  }

  order(index, token) {
    return this.declared[index].order?.indexOf(token) ?? token;
  }

  get(name) {
    return this.values[this.declared.findIndex((control) => control.name === name)];
  }

  offered(name) {
    return this.tokens[this.declared.findIndex((control) => control.name === name)];
  }

  set(moves) {
    this.wanted = [...this.values];
    for (const [name, value] of moves) {
      const index = this.declared.findIndex((control) => control.name === name);
      const { order } = this.declared[index];
      this.wanted[index] = order && !order.includes(value) && typeof value === "number" ? order[value] : value;
    }
    this.settle();
    this.listener?.();
  }

  key() {
    return JSON.stringify(this.values);
  }
}

async function mount(root, plotlyScript) {
  const bytes = await unpack(root.querySelector("script"));
  const length = new DataView(bytes).getUint32(0, true);
  const content = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  let offset = 4 + length;
  const buffers = content.buffers.map(([size, width]) => {
    offset += size;
    return ungrouped(new Uint8Array(bytes, offset - size, size), width);
  });
  const Plotly = await plotly(() => {
    const text = atob(plotlyScript.textContent.trim());
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  });
  const states = new Map(content.states.map(({ key, patch, refusal }) => [
    JSON.stringify(key),
    { patch: patch && patch.map(([path, value]) => [content.paths[path], revive(value, buffers)]), refusal },
  ]));
  const controls = new PageControls(content.controls, content.states.map(({ key }) => key), content.start);
  const holds = make("p", { class: "cl-holds" }, content.holds);
  root.replaceChildren(controls.el, holds, stepButtons(controls, content.scan));
  const drawing = new Drawing(Plotly, root, revive(content.base, buffers), content.themes, (moves) => controls.set(moves));
  const stage = new Stage(drawing, (key) => states.get(key), () => {});
  controls.listener = () => stage.want(controls.key());
  await drawing.show([]);
  await stage.want(controls.key());
  root.dataset.ready = "true";
}

const plotlyScript = globalThis.document?.getElementById("convrnn-lab-plotly");
if (plotlyScript) {
  for (const root of document.querySelectorAll(".convrnn-lab[data-page]")) mount(root, plotlyScript);
}

export default { initialize, render };
