import assert from "node:assert/strict";
import test from "node:test";

import { AllControls, LookControls } from "../../convrnn_lab/explorer/web/look_controls.js";
import { seen } from "../../convrnn_lab/explorer/web/looks.js";
import { Player } from "../../convrnn_lab/explorer/web/play.js";
import { fakePage } from "./fake_page.mjs";

const ROW = { name: "row", label: "row", low: 0, high: 61 };
const COLUMN = { name: "column", label: "column", low: 0, high: 61 };

/** A player of looks, and the places that were shown. */
function player(t, declared, { start = {}, still = false } = {}) {
  fakePage(t, { still });
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const looks = new LookControls({ ...Object.fromEntries(declared.map(({ name, low }) => [name, low])), ...start });
  looks.settle(declared);
  const shown = [];
  looks.onChange(() => shown.push({ ...looks.places }));
  const settings = { get() {}, offered() {}, set() {}, key: () => "[]" };
  const controls = new AllControls(settings, looks);
  return { it: new Player(controls, declared.map(({ name }) => name)), looks, controls, shown };
}

/** Let time go by, piece by piece: the clock of a longer one stands at its end. */
function wait(t, ms) {
  for (let gone = 0; gone < ms; gone += 10) t.mock.timers.tick(10);
}

test("a full pass takes under 20 s however many values there are, and leaves out no row", (t) => {
  const { it, looks, shown } = player(t, [ROW, COLUMN]);

  it.toggle();
  wait(t, 19_000);

  assert.deepEqual([looks.places.row, looks.places.column], [61, 61]);
  assert.equal(new Set(shown.map(({ row }) => row)).size, 62);
  assert.equal(it.timer, null);
});

test("few values are shown one by one, and faster at a higher speed", (t) => {
  const { it, shown } = player(t, [{ ...ROW, high: 9 }]);

  it.toggle();
  wait(t, 1400);
  assert.deepEqual(shown.map(({ row }) => row), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  it.pause();
  it.speed = 4;
  it.rewind();
  shown.length = 0;
  it.toggle();
  wait(t, 400);
  assert.equal(shown.at(-1).row, 9);
});

test("a slow drawing makes the steps longer, not the pass", (t) => {
  const { it, looks } = player(t, [ROW, COLUMN]);
  looks.onChange(() => t.mock.timers.setTime(Date.now() + 500));

  it.toggle();
  t.mock.timers.tick(1);
  const from = Date.now();
  while (it.timer !== null) t.mock.timers.tick(40);

  assert.ok(Date.now() - from < 20_000);
  assert.deepEqual([looks.places.row, looks.places.column], [61, 61]);
});

test("what is made is shown up to here while it plays, and whole when somebody looks elsewhere", (t) => {
  const { it, looks, controls } = player(t, [{ ...ROW, high: 3 }]);
  const output = { shape: [4], data: Float64Array.of(5, 6, 7, 8) };
  const count = { look: ["add", { look: ["look", "row"] }, 1] };
  const built = { look: ["pick", [output, { look: ["until", output, count] }], { look: ["given", "building", 0] }] };
  const there = () => Array.from(seen(built, looks.places)).filter((value) => !Number.isNaN(value));

  assert.deepEqual(there(), [5, 6, 7, 8]);
  it.rewind();
  assert.deepEqual(there(), [5]);
  it.move(1);
  assert.deepEqual(there(), [5, 6]);
  controls.set([["row", 2]]);
  assert.deepEqual(there(), [5, 6, 7, 8]);
  it.move(-1);
  assert.deepEqual(there(), [5, 6, 7, 8]);
});

test("playing at the end begins again, and another setting shows its whole output", (t) => {
  const { it, looks } = player(t, [{ ...ROW, high: 3 }], { start: { row: 3 } });

  it.toggle();
  assert.deepEqual(looks.places, { row: 0, building: 1 });
  it.pause();
  looks.settle([{ ...ROW, high: 2 }]);
  assert.equal(looks.places.building, 0);
});

test("a step by hand stops the playing", (t) => {
  const { it, shown } = player(t, [{ ...ROW, high: 9 }]);
  it.toggle();
  it.move(1);
  wait(t, 5000);

  assert.deepEqual(shown.map(({ row }) => row), [1]);
});

test("who wants little motion steps by hand", (t) => {
  const { it } = player(t, [ROW], { still: true });
  const texts = it.el.children.map(({ textContent }) => textContent);

  assert.deepEqual(texts, ["|◀ from the start", "◀ back", "forward ▶"]);
});

test("the space bar plays and pauses, except where it means something else", (t) => {
  const { it } = player(t, [ROW]);
  let heard;
  it.listen({ addEventListener: (_, listener) => { heard = listener; } });
  const press = (taken, key = " ") => {
    const event = { key, target: { closest: () => taken }, preventDefault() { this.done = true; }, stopPropagation() {} };
    heard(event);
    return Boolean(event.done);
  };

  assert.ok(!press(true) && !press(null, "a"));
  assert.equal(it.timer, null);
  assert.ok(press(null));
  assert.notEqual(it.timer, null);
  press(null);
  assert.equal(it.timer, null);
});
