import assert from "node:assert/strict";
import test from "node:test";

import { LiveControls } from "../../convrnn_lab/explorer/web/live.js";
import { PageSettings, tree } from "../../convrnn_lab/explorer/web/page.js";
import { Stage, step } from "../../convrnn_lab/explorer/web/stage.js";

/** A drawing that only keeps what it was asked for; `release` ends the drawing under way. */
function fakeDrawing() {
  const drawing = { shown: [], said: "", busy: null, panelBox: { setAttribute: (_, value) => { drawing.busy = value; } } };
  drawing.show = (patch) => {
    drawing.shown.push(patch);
    return new Promise((resolve) => { drawing.release = resolve; });
  };
  drawing.say = (text) => { drawing.said = text; };
  return drawing;
}

test("only the newest of the states wanted meanwhile is drawn", async () => {
  const drawing = fakeDrawing();
  const stage = new Stage(drawing, (key) => ({ patch: [key] }), () => assert.fail("nothing is asked"));

  const done = stage.want("a");
  stage.want("b");
  stage.want("c");
  drawing.release();
  await new Promise(setImmediate);
  drawing.release();
  await done;

  assert.deepEqual(drawing.shown, [["a"], ["c"]]);
  assert.equal(drawing.busy, "false");
});

test("a state that is not known is asked for, and the figure stays busy until it comes", async () => {
  const drawing = fakeDrawing();
  const asked = [];
  const stage = new Stage(drawing, () => undefined, (key) => asked.push(key));

  await stage.want("a");

  assert.deepEqual(asked, ["a"]);
  assert.deepEqual(drawing.shown, []);
  assert.equal(drawing.busy, "true");
});

test("a refused setting keeps the last figure and says why", async () => {
  const drawing = fakeDrawing();
  const stage = new Stage(drawing, () => ({ refusal: "too large" }), () => {});

  await stage.want("a");

  assert.deepEqual(drawing.shown, []);
  assert.equal(drawing.said, "too large");
});

test("what became stale while it was drawn is drawn again", async () => {
  const drawing = fakeDrawing();
  const stage = new Stage(drawing, (key) => ({ patch: [key] }), () => {});

  const done = stage.want("a");
  stage.stale();
  drawing.release();
  await new Promise(setImmediate);
  drawing.release();
  await done;

  assert.deepEqual(drawing.shown, [["a"], ["a"]]);
});

function fakeControls(values, offered) {
  return {
    get: (name) => values[name],
    offered: (name) => offered[name],
    set: (moves) => Object.assign(values, Object.fromEntries(moves)),
  };
}

test("steps go through rows as a text is read, and end at the last value", () => {
  const values = { row: 0, column: 1 };
  const controls = fakeControls(values, { row: [0, 1], column: [0, 1] });

  assert.ok(step(controls, ["row", "column"], 1));
  assert.deepEqual(values, { row: 1, column: 0 });
  assert.ok(step(controls, ["row", "column"], 1));
  assert.ok(!step(controls, ["row", "column"], 1));
  assert.deepEqual(values, { row: 1, column: 1 });
  assert.ok(step(controls, ["row", "column"], -1));
  assert.ok(step(controls, ["row", "column"], -1));
  assert.deepEqual(values, { row: 0, column: 1 });
});

const DECLARED = [
  { name: "size", label: "size", slider: true },
  { name: "padding", label: "padding", slider: true, order: [0, 1, 2, "same"] },
];
const KEYS = [[1, 0], [1, "same"], [3, "same"], [3, 2], [3, 0]];

test("a page's settings are a tree in the order of the controls", () => {
  const root = tree(KEYS);

  assert.deepEqual([...root.keys()], [1, 3]);
  assert.deepEqual([...root.get(3).keys()], ["same", 2, 0]);
});

test("a page keeps a word while another control moves, and takes the nearest number else", () => {
  const settings = new PageSettings(DECLARED, KEYS, [3, "same"]);
  assert.deepEqual(settings.tokens, [[1, 3], [0, 2, "same"]]);

  settings.set([["size", 1]]);
  assert.equal(settings.key(), '[1,"same"]');
  settings.set([["size", 3], ["padding", 2]]);
  assert.equal(settings.key(), "[3,2]");
  settings.set([["size", 1]]);
  assert.equal(settings.key(), "[1,0]");
});

test("a list of a page is set by a value, or by the place of one", () => {
  const declared = [{ name: "digit", label: "digit", slider: false, order: ["three", "five"] }];
  const settings = new PageSettings(declared, [["three"], ["five"]], ["three"]);

  settings.set([["digit", 1]]);
  assert.deepEqual(settings.values, ["five"]);
  settings.set([["digit", "three"]]);
  assert.deepEqual(settings.values, ["three"]);
});

/** A model of ipywidgets with some of its state. */
function fakeModel(state) {
  return { get: (name) => state[name], set: (name, value) => { state[name] = value; }, save_changes: () => { state.saved = true; } };
}

test("live controls speak of numbers by value and of lists by label", () => {
  const size = { value: 3, min: 1, max: 4 };
  const padding = { _options_labels: ["0", "1", "same"], index: 2 };
  const controls = new LiveControls(["size", "padding"], [fakeModel(size), fakeModel(padding)]);

  assert.equal(controls.key(), '[3,"same"]');
  assert.deepEqual(controls.offered("size"), [1, 2, 3, 4]);
  assert.deepEqual(controls.offered("padding"), ["0", "1", "same"]);
  controls.set([["size", 4], ["padding", 0]]);
  assert.equal(controls.key(), '[4,"0"]');
  assert.ok(size.saved && padding.saved);
});

test("a value of a list goes before the place of one", () => {
  const state = { _options_labels: ["1", "0"], index: 0 };
  const controls = new LiveControls(["n"], [fakeModel(state)]);

  controls.set([["n", 0]]);

  assert.equal(state.index, 1);
});
