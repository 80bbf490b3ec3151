// @ts-check
/* Matrices as pixels: one pixel of a canvas for each value, which the browser makes as large as it should be. */

import { colourOf } from "./colours.js";

/** @typedef {import("./scales.js").Scale} Scale */

const SHADES = 1024; // of a scale; no screen shows more
/** @type {Map<string, Uint32Array>} */
const SHADES_OF = new Map();

/** Return the colours of a scale from its low to its high end, as a canvas keeps them. @param {[number, string][]} colorscale */
function shadesOf(colorscale) {
  const name = JSON.stringify(colorscale);
  const known = SHADES_OF.get(name);
  if (known) return known;
  const shades = new Uint32Array(SHADES);
  const bytes = new Uint8ClampedArray(shades.buffer);
  for (let shade = 0; shade < SHADES; shade += 1) {
    bytes.set([...colourOf(shade, { zmin: 0, zmax: SHADES - 1, colorscale }), 255], 4 * shade);
  }
  SHADES_OF.set(name, shades);
  return shades;
}

/**
 * Return the pixels of a matrix in reading order; what is no number can be seen through.
 *
 * @param {any} trace
 */
export function pixelsOf({ z, zmin, zmax, colorscale }) {
  const [rows, columns] = [z.length, z[0]?.length ?? 0];
  const shades = shadesOf(colorscale);
  const pixels = new Uint32Array(rows * columns);
  const unit = (SHADES - 1) / (zmax - zmin || 1);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const value = z[row][column];
      if (value === null || Number.isNaN(value)) continue;
      const shade = Math.min(SHADES - 1, Math.max(0, Math.round((value - zmin) * unit)));
      pixels[row * columns + column] = shades[shade];
    }
  }
  return pixels;
}

/**
 * Return where the middles of an axis's cells lie; names lie 1 apart.
 *
 * @param {ArrayLike<any>} places
 * @param {number} [size] of a lone cell
 */
export function middlesOf(places, size = 1) {
  const at = (/** @type {number} */ index) => (typeof places[index] === "string" ? index : places[index]);
  return { first: at(0), last: at(places.length - 1), step: places.length > 1 ? at(1) - at(0) : size };
}

/**
 * Return where the cells of an axis begin and end, in pixels of the panel.
 *
 * @param {ArrayLike<any>} places of the cells' middles
 * @param {Scale} scale
 * @param {number} [size] of a lone cell
 */
export function cellEnds(places, scale, size) {
  const { first, last, step } = middlesOf(places, size);
  return [first - step / 2, last + step / 2].map(scale.toPixel);
}

/**
 * Draw a matrix on a canvas, and lay that where it belongs.
 *
 * @param {any} canvas
 * @param {any} trace
 * @param {{x: Scale, y: Scale}} scales
 * @param {{x: ArrayLike<any>, y: ArrayLike<any>}} places
 */
export function drawPixels(canvas, trace, scales, places) {
  const [rows, columns] = [trace.z.length, trace.z[0]?.length ?? 0];
  if (!rows || !columns) return;
  if (canvas.width !== columns) canvas.width = columns;
  if (canvas.height !== rows) canvas.height = rows;
  const image = new ImageData(new Uint8ClampedArray(pixelsOf(trace).buffer), columns, rows);
  canvas.getContext("2d").putImageData(image, 0, 0);
  const [left, right] = cellEnds(places.x, scales.x, trace.dx);
  const [top, bottom] = cellEnds(places.y, scales.y, trace.dy);
  const turned = `scale(${right < left ? -1 : 1}, ${bottom < top ? -1 : 1})`;
  Object.assign(canvas.style, {
    left: `${Math.min(left, right)}px`, top: `${Math.min(top, bottom)}px`, transform: turned,
    width: `${Math.abs(right - left)}px`, height: `${Math.abs(bottom - top)}px`,
  });
}
