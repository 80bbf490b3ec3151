// @ts-check
/* A finger on a panel: it takes hold of what is marked there, and points where it taps; else the page scrolls. */

/** @typedef {{x: number, y: number}} Point */

const FINGER_REACH = 24; // pixels by which a finger may miss what is marked
const SLIDE = 8; // pixels to the side from which on a finger drags

/** Say whether it is a finger or a stylus, which scroll the page, too. @param {{pointerType?: string}} event */
export const isFinger = ({ pointerType }) => pointerType === "touch" || pointerType === "pen";

/** Say whether a finger slides to the side. @param {{clientX: number}} from @param {{clientX: number}} to */
export const slidesAside = (from, to) => Math.abs(to.clientX - from.clientX) >= SLIDE;

/** Return the corners of what a finger may mean. @param {{clientX: number, clientY: number}} pointer */
export const fingertip = ({ clientX, clientY }) => (
  [-FINGER_REACH, FINGER_REACH].map((by) => ({ clientX: clientX + by, clientY: clientY + by })));

/**
 * Return where on an axis the value of a control is marked.
 *
 * @param {any} to what a click along the axis sets
 * @param {Pick<import("./stage.js").Controls, "get" | "offered">} controls
 */
function markedAt(to, controls) {
  const name = to.control ?? to;
  const value = controls.get(name);
  const list = to.order ? Array.from(to.order, String) : controls.offered(name).map(String);
  const place = to.order || typeof value !== "number" ? list.indexOf(String(value)) : value;
  return (to.start ?? 0) + place * (to.step ?? 1);
}

/**
 * Say whether what is marked lies between two corners of a panel, whose two axes are pointed at.
 *
 * @param {any} click as the panel declares it
 * @param {(Point | null)[]} corners
 * @param {Pick<import("./stage.js").Controls, "get" | "offered">} controls
 */
export function holdsMark(click, [one, other], controls) {
  if (!click?.x || !click.y || !one || !other) return false; // up and down scrolls
  return /** @type {("x" | "y")[]} */ (["x", "y"]).every((axis) => {
    const at = markedAt(click[axis], controls);
    const half = Math.abs(click[axis].step ?? 1) / 2;
    return at > Math.min(one[axis], other[axis]) - half && at < Math.max(one[axis], other[axis]) + half;
  });
}
