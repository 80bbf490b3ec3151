// @ts-check
/* The pointer and the arrow keys on a panel: what lies under them is set, without letting go. */

import { besideIn, picked } from "./layout.js";
import { keyOnMaps, pickMap } from "./map_click.js";
import { step } from "./stage.js";
import { fingertip, holdsMark, isFinger, slidesAside } from "./touching.js";

const KEYS = /** @type {Record<string, [string, 1 | -1]>} */ ({
  ArrowLeft: ["x", -1], ArrowRight: ["x", 1], ArrowUp: ["y", -1], ArrowDown: ["y", 1],
});

/**
 * Return the axes of a panel that plotly has drawn: the value at a pixel, at most at their ends.
 *
 * @param {any} plot
 */
export function plotlyAxes(plot) {
  const { xaxis, yaxis } = plot._fullLayout;
  // plotly's own measure of an axis: where it begins, how long it is, and which values it shows.
  const toValue = (/** @type {any} */ axis) => (/** @type {number} */ pixel) =>
    axis?.p2d(Math.max(0, Math.min(axis._length, pixel - axis._offset)));
  return { x: { toValue: toValue(xaxis) }, y: { toValue: toValue(yaxis) } };
}

/**
 * Return the point of a panel's axes under the pointer; null where nothing is drawn yet.
 *
 * @param {any} plot its `axes` say which value lies at a pixel of it
 * @param {{clientX: number, clientY: number}} pointer
 */
export function pointOf(plot, { clientX, clientY }) {
  const { axes } = plot;
  if (!axes) return null;
  const box = plot.getBoundingClientRect();
  return { x: axes.x.toValue(clientX - box.left), y: axes.y.toValue(clientY - box.top) };
}

/**
 * Let a panel be pointed at: a click, a drag, and the arrow keys while it has the focus.
 *
 * @param {any} plot
 * @param {number} index of the panel
 * @param {{panels: any[], controls: import("./stage.js").Controls}} drawing
 */
export function letPick(plot, index, drawing) {
  const move = (/** @type {any} */ event) => {
    const { click, data } = drawing.panels[index] ?? {};
    const point = click && pointOf(plot, event);
    if (!point) return;
    if (click.maps) pickMap(drawing.controls, click.maps, point, event.type !== "pointermove");
    else drawing.controls.set(within(drawing.controls, picked(click, onData(point, data[0]))));
  };
  plot.tabIndex = 0;
  const holds = (/** @type {any} */ event) => (
    !isFinger(event) || holdsMark(drawing.panels[index].click, fingertip(event).map((at) => pointOf(plot, at)), drawing.controls));
  followPointer(plot, move, holds, () => Boolean(drawing.panels[index]?.click));
  plot.addEventListener("keydown", (/** @type {any} */ event) => {
    const { click, layout } = drawing.panels[index] ?? {};
    const [axis, direction] = KEYS[event.key] ?? [];
    if (click?.grid && axis) {
      event.preventDefault();
      event.stopPropagation();
      stepOnGrid(drawing.controls, click.grid, axis, direction);
      return;
    }
    if (click?.maps && keyOnMaps(drawing.controls, click.maps, event.key, /** @type {any} */ (axis), direction)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const control = click && axis && (click[axis]?.control ?? click[axis]);
    if (!control || typeof control !== "string") return;
    event.preventDefault();
    event.stopPropagation();
    // Rows are counted downwards; an axis that grows upwards has its arrow the other way round.
    const [from, to] = layout[`${axis}axis`].range;
    const way = /** @type {1 | -1} */ (axis === "y" && from < to ? -direction : direction);
    const { order } = click[axis];
    if (order) drawing.controls.set([[control, besideIn(order, drawing.controls.get(control), way)]]);
    else step(drawing.controls, [control], way);
  });
}

/**
 * Call `move` where a pointer presses and drags; a finger, which also scrolls the page, may tap or slide instead.
 *
 * @param {any} plot
 * @param {(event: any) => void} move
 * @param {(event: any) => boolean} holds whether a pointer takes hold where it comes down
 * @param {() => boolean} listens whether there is anything to point at
 */
function followPointer(plot, move, holds, listens) {
  /** @type {any} */
  let from = null;
  let dragging = false;
  const drag = (/** @type {any} */ event) => {
    dragging = true;
    // plotly lays a cover over the page while a button is down.
    plot.setPointerCapture?.(event.pointerId);
    move(event);
  };
  plot.addEventListener("pointerdown", (/** @type {any} */ event) => {
    if (event.button || event.isPrimary === false || !listens()) return;
    from = event;
    dragging = false;
    if (holds(event)) drag(event);
  }, true);
  plot.addEventListener("pointermove", (/** @type {any} */ event) => {
    if (dragging) move(event);
    else if (from && slidesAside(from, event)) drag(event);
  }, true);
  plot.addEventListener("pointerup", (/** @type {any} */ event) => {
    if (from && !dragging) move(event); // a tap
    from = null;
    dragging = false;
  }, true);
  plot.addEventListener("pointercancel", () => { // the page scrolls
    from = null;
    dragging = false;
  }, true);
  // What is held is dragged up and down, too, and the page stays where it is.
  plot.addEventListener("touchstart", (/** @type {any} */ event) => {
    if (dragging && event.touches.length === 1) event.preventDefault();
  }, { passive: false });
}

/**
 * Move to the picture beside, above or below in a grid, if there is one.
 *
 * @param {import("./stage.js").Controls} controls
 * @param {{control: string, columns: number}} grid
 * @param {string} axis
 * @param {1 | -1} direction
 */
export function stepOnGrid(controls, { control, columns }, axis, direction) {
  const offered = controls.offered(control);
  const place = offered.indexOf(controls.get(control)) + direction * (axis === "y" ? columns : 1);
  if (place in offered) controls.set([[control, offered[place]]]);
}

/**
 * Return moves that stay inside what the controls offer: the pointer may be beside the data.
 *
 * @param {import("./stage.js").Controls} controls
 * @param {[string, number][]} moves numbers, or places in lists
 * @returns {[string, number][]}
 */
export function within(controls, moves) {
  return moves.map(([name, value]) => {
    const offered = controls.offered(name).map(Number);
    const [low, high] = offered.some(Number.isNaN) ? [0, offered.length - 1] : [offered[0], offered[offered.length - 1]];
    return [name, Math.max(low, Math.min(high, value))];
  });
}

/** Return a point on the nearest sample, of a trace with samples. @param {{x: number, y: number}} point @param {any} trace */
function onData(point, trace) {
  const rows = trace?.z;
  if (!rows) return point;
  const inside = (/** @type {number} */ at, /** @type {number} */ count) => Math.max(0, Math.min(count - 1, Math.round(at)));
  return { x: inside(point.x, rows[0].length), y: inside(point.y, rows.length) };
}
