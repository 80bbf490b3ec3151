// @ts-check
/* Where the parts of a panel lie, and what the pointer is over. */

const MARGIN = { l: 34, r: 10, t: 6, b: 26, autoexpand: false };
const TITLED = { ...MARGIN, l: 48, b: 40 };
const LETTER = 6; // pixels of one letter beside an axis

/**
 * Keep pixels square: plotly's own way widens the range where it should narrow the axis.
 *
 * @param {any} layout is changed
 */
export function squared({ width, height, margin, xaxis, yaxis }) {
  if (!yaxis.scaleanchor) return;
  const extent = (/** @type {any} */ { range: [from, to] }) => Math.abs(to - from);
  const across = width - margin.l - margin.r;
  const down = height - margin.t - margin.b;
  const pixel = Math.min(across / extent(xaxis), down / extent(yaxis));
  const centred = (/** @type {number} */ part) => [(1 - part) / 2, (1 + part) / 2];
  xaxis.domain = centred((pixel * extent(xaxis)) / across);
  yaxis.domain = centred((pixel * extent(yaxis)) / down);
  delete yaxis.scaleanchor;
}

/**
 * Return the room around a panel: words beside the axis need as much as the longest of them.
 *
 * @param {string} size of the panel
 * @param {any} layout
 */
export function margins(size, { xaxis, yaxis }) {
  // A figure that is not ours may need room that only plotly knows of.
  if (size === "whole") return { ...TITLED, autoexpand: true };
  if (size === "tall") return { l: 0, r: 0, t: 0, b: 0, autoexpand: false };
  const margin = xaxis?.title ? TITLED : MARGIN;
  const longest = Math.max(0, ...(yaxis?.ticktext ?? []).map((/** @type {string} */ text) => text.length));
  return { ...margin, l: Math.max(margin.l, 10 + LETTER * longest) };
}

/**
 * Return what plotly needs to draw a panel.
 *
 * @param {any} panel
 * @param {any} theme
 * @param {{width: number, height: number}} box in pixels
 */
export function plotlyLayout({ layout, size }, { xaxis, yaxis, ...theme }, { width, height }) {
  const margin = margins(size, layout);
  const whole = { margin, dragmode: false, ...theme, ...layout, width, height };
  whole.xaxis = { ...xaxis, ...layout.xaxis };
  whole.yaxis = { ...yaxis, ...layout.yaxis };
  squared(whole);
  return whole;
}

/**
 * Return the place of a point's picture in a grid of small pictures, counted in reading order.
 *
 * @param {{columns: number, pitch: [number, number], count: number}} grid
 * @param {{x: number, y: number}} point
 */
export function placeOn({ columns, pitch, count }, { x, y }) {
  const place = Math.floor(y / pitch[0]) * columns + Math.floor(x / pitch[1]);
  return Math.min(place, count - 1);
}

/**
 * Return what a click on a panel sets: the names of controls and their values.
 *
 * @param {any} click as the panel declares it
 * @param {{x: number, y: number}} point
 * @returns {[string, number][]}
 */
export function picked(click, point) {
  const { grid, ...axes } = click ?? {};
  if (grid) return [[grid.control, placeOn(grid, point)]];
  const place = /** @type {Record<string, number>} */ (/** @type {unknown} */ (point));
  // A control's values may begin elsewhere on its axis, lie further apart than 1, or be in an order.
  return Object.entries(axes).map(([axis, to]) => {
    if (to.values) return [to.control, nearestByRatio(to.values, place[axis])];
    const at = Math.round((place[axis] - (to.start ?? 0)) / (to.step ?? 1));
    return [to.control ?? to, to.order ? to.order[Math.max(0, Math.min(to.order.length - 1, at))] : at];
  });
}

/**
 * Return the nearest of some values that an axis has by their logarithms.
 *
 * @param {number[]} values
 * @param {number} at
 */
function nearestByRatio(values, at) {
  const apart = (/** @type {number} */ value) => Math.abs(Math.log(value / at));
  return values.reduce((best, value) => (apart(value) < apart(best) ? value : best));
}

/**
 * Return the value of the row above or below, where the rows are in an order.
 *
 * @param {ArrayLike<number>} order
 * @param {any} value
 * @param {1 | -1} direction
 */
export function besideIn(order, value, direction) {
  const row = Array.from(order).indexOf(Number(value)) + direction;
  return order[Math.max(0, Math.min(order.length - 1, row))];
}
