// @ts-check
/* Colours of numbers, and of text on them. */

const BRIGHT = 120; // from here on a ground wants black ink

/** Colours of traces that name none, in their order. */
export const SERIES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"];

/**
 * Return the colour of a value on one of plotly's scales, as red, green and blue.
 *
 * @param {number} value NaN has the colour of the middle
 * @param {{zmin: number, zmax: number, colorscale: [number, string][]}} scale
 * @returns {number[]}
 */
export function colourOf(value, { zmin, zmax, colorscale }) {
  const share = Number.isNaN(value) ? 0.5 : (value - zmin) / (zmax - zmin);
  const place = Math.min(1, Math.max(0, share));
  const above = Math.max(1, colorscale.findIndex(([stop]) => stop >= place));
  const [[from, low], [to, high]] = [colorscale[above - 1], colorscale[above]];
  const channel = (/** @type {string} */ colour, /** @type {number} */ index) =>
    parseInt(colour.slice(1 + 2 * index, 3 + 2 * index), 16);
  return [0, 1, 2].map((index) => {
    const [a, b] = [channel(low, index), channel(high, index)];
    return Math.round(a + ((b - a) * (place - from)) / (to - from));
  });
}

/** Return the colour of text on a ground. @param {number[]} ground red, green and blue */
export function inkOn([red, green, blue]) {
  return 0.299 * red + 0.587 * green + 0.114 * blue > BRIGHT ? "#000" : "#fff";
}
