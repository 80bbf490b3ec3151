// @ts-check
/* Clicks and keys on maps that stand in boxes, as those of a whole network: the box and the map are chosen together. */

import { step } from "./stage.js";

/** @typedef {import("./stage.js").Controls} Controls */
/**
 * @typedef {{box: number[], cell: number[], columns: number, count: number, value: number}} Box
 * @typedef {{controls: [string, string], again: string, boxes: Box[]}} Maps what is set by a click, and by a second one
 */

/**
 * Return the places of the box and of the map at a point; nothing beside them.
 *
 * @param {Maps} maps
 * @param {{x: number, y: number}} point
 * @returns {[number, number] | null}
 */
export function mapUnder({ boxes }, { x, y }) {
  const here = boxes.find(({ box: [left, top, right, bottom] }) => x >= left && x < right && y >= top && y < bottom);
  if (!here) return null;
  const { box: [left, top], cell: [width, height], columns, count, value } = here;
  const place = Math.floor((y - top) / height) * columns + Math.floor((x - left) / width);
  return [value, Math.min(place, count - 1)];
}

/** Return at which place a control is. @param {Controls} controls @param {string} name */
const placeOf = (controls, name) => controls.offered(name).indexOf(controls.get(name));

/** Show the other of two, all else staying as it is. @param {Controls} controls @param {string} name */
const turn = (controls, name) => controls.set([[name, 1 - placeOf(controls, name)]]);

/**
 * Choose the map at a point; where it is chosen already, come back to the whole, or to the map again.
 *
 * @param {Controls} controls
 * @param {Maps} maps
 * @param {{x: number, y: number}} point
 * @param {boolean} pressed whether the pointer came down here; one that is drawn across comes back to nothing
 */
export function pickMap(controls, maps, point, pressed) {
  const under = mapUnder(maps, point);
  if (!under) return;
  if (!maps.controls.every((name, index) => placeOf(controls, name) === under[index])) {
    controls.set([[maps.controls[0], under[0]], [maps.controls[1], under[1]], [maps.again, 0]]);
  } else if (pressed) turn(controls, maps.again);
}

/**
 * Do what a key says: an arrow goes to the layer or map beside, the Enter key comes back and forth. Say if it was one.
 *
 * @param {Controls} controls
 * @param {Maps} maps
 * @param {string} key
 * @param {"x" | "y" | undefined} axis of an arrow
 * @param {1 | -1} direction
 */
export function keyOnMaps(controls, maps, key, axis, direction) {
  if (key === "Enter") turn(controls, maps.again);
  else if (axis) step(controls, [maps.controls[axis === "x" ? 0 : 1]], direction);
  return key === "Enter" || Boolean(axis);
}
