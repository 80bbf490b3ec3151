import assert from "node:assert/strict";
import test from "node:test";

import { Channel } from "../../convrnn_lab/explorer/web/conversation.js";
import { LiveControls, callOf, tie } from "../../convrnn_lab/explorer/web/live.js";
import { LookControls } from "../../convrnn_lab/explorer/web/look_controls.js";
import { fakePage } from "./fake_page.mjs";

/** A model of ipywidgets that says when it moves, as those of a notebook do. */
function fakeSlider(value, max) {
  const state = { value, min: 0, max };
  const listeners = [];
  return {
    get: (name) => state[name],
    set: (name, to) => { state[name] = to; for (const listener of listeners) listener(); },
    save_changes() {},
    on: (_, listener) => listeners.push(listener),
    off() {},
  };
}

/** Two looks, and the widgets that follow them. */
function looksAndWidgets(t) {
  fakePage(t);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const looks = new LookControls({ row: 0, column: 0 });
  looks.settle(["row", "column"].map((name) => ({ name, label: name, low: 0, high: 9 })));
  const widgets = new LiveControls(["row", "column"], [fakeSlider(0, 9), fakeSlider(0, 9)]);
  tie(looks, widgets);
  return { looks, widgets };
}

test("a list whose options are being replaced is no move: it has no value yet", () => {
  const list = fakeSlider(0, 0);
  list.set("_options_labels", ["0", "1"]);
  list.set("index", 1);
  const controls = new LiveControls(["padding"], [list]);
  const keys = [];
  controls.onChange(() => keys.push(controls.key()));

  list.set("_options_labels", ["0"]); // its place comes with the next message
  list.set("index", 0);
  list.set("index", null);
  assert.equal(controls.key(), '["0"]'); // a timer may ask meanwhile
  list.set("_options_labels", ["0", "1", "2"]);
  list.set("index", 2);

  assert.deepEqual(keys, ['["0"]', '["2"]']);
});

test("two looks that move together both stay where the hand put them, in the kernel too", (t) => {
  const { looks, widgets } = looksAndWidgets(t);

  looks.set([["row", 3], ["column", 4]]);
  t.mock.timers.tick(1000);

  assert.deepEqual([looks.get("row"), looks.get("column")], [3, 4]);
  assert.deepEqual([widgets.get("row"), widgets.get("column")], [3, 4]);
});

test("a look follows its widget when a cell of the notebook sets that", (t) => {
  const { looks, widgets } = looksAndWidgets(t);

  widgets.set([["column", 7]]);

  assert.equal(looks.get("column"), 7);
});

test("two looks that a cell sets one after the other both follow", (t) => {
  const { looks, widgets } = looksAndWidgets(t);

  widgets.set([["column", 7]]);
  widgets.set([["row", 2]]);
  t.mock.timers.tick(1000);

  assert.deepEqual([looks.get("row"), looks.get("column")], [2, 7]);
  assert.deepEqual([widgets.get("row"), widgets.get("column")], [2, 7]);
});

test("what a widget does not offer yet is set as soon as the kernel has widened its range", (t) => {
  fakePage(t);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const looks = new LookControls({ size: 3, row: 0 });
  const computed = { name: "size", label: "size", low: 1, high: 9, computed: true };
  looks.settle([computed, { name: "row", label: "row", low: 0, high: { look: ["look", "size"] } }]);
  const [size, row] = [fakeSlider(3, 9), fakeSlider(0, 3)];
  tie(looks, new LiveControls(["size", "row"], [size, row]));

  looks.set([["size", 8], ["row", 7]]);
  t.mock.timers.tick(1000);
  assert.deepEqual([size.get("value"), row.get("value")], [8, 0]); // the kernel has not answered
  row.set("max", 8);

  assert.deepEqual([looks.get("size"), looks.get("row"), row.get("value")], [8, 7, 7]);
});

/** A channel whose kernel answers as `answer` says; it keeps what it was asked. */
function channelTo(answer) {
  const asked = [];
  let hear;
  const model = {
    on: (_, listener) => { hear = listener; },
    off() {},
    send: (content) => {
      asked.push(content);
      const said = answer(content);
      if (said) hear({ ...said, type: content.type, client: content.client }, []);
    },
  };
  return { asked, channel: new Channel(model) };
}

const editing = { listed: () => [{ name: "weight", by: "numbers", shape: [2], numbers: [1, 0.5] }] };

test("the call that is copied is of what is seen, not of what the kernel knows so far", async (t) => {
  const { looks, widgets } = looksAndWidgets(t);
  const { asked, channel } = channelTo(() => ({ code: "explorers.stack()" }));
  looks.set([["row", 3]]);

  assert.equal(await callOf(channel, widgets, looks, editing), "explorers.stack()");
  assert.deepEqual(asked[0].looked, { row: 3, column: 0 });
  assert.deepEqual(asked[0].given, editing.listed());
});

test("without an answer, or with a refusal, there is a sentence in place of a call", async (t) => {
  const { looks, widgets } = looksAndWidgets(t);
  const silent = callOf(channelTo(() => null).channel, widgets, looks, editing);
  t.mock.timers.tick(5000);

  await assert.rejects(silent, { message: "The kernel is busy or gone: it does not answer." });
  await assert.rejects(callOf(channelTo(() => ({ problem: "too large" })).channel, widgets, looks, editing), { message: "too large" });
});
