// @ts-check
/* Operations of looks on a line that was typed; the same as drawing/typed_looks.py in Python. */

/** @typedef {{shape: number[], data: any}} Values an array in rows, whose data are a typed array */

/** Return the mean, counted from the first value to the last. @param {Values} values */
function averageOf({ data }) {
  let sum = 0;
  for (let index = 0; index < data.length; index += 1) sum += data[index];
  return sum / data.length;
}

/** Return the names at some places. @param {Values} places @param {string[]} names @returns {string[]} */
const namesAt = ({ data }, names) => Array.from(data, (place) => names[place]);

/** Return names in rows; empty ones fill the last row. @param {string[]} names @param {number} columns */
function cutInRows(names, columns) {
  const whole = [...names, ...Array(Math.ceil(names.length / columns) * columns - names.length).fill("")];
  return Array.from({ length: whole.length / columns }, (_, row) => whole.slice(row * columns, (row + 1) * columns));
}

/** @type {Record<string, (...values: any[]) => any>} */
export const TYPED = {
  average: averageOf,
  length: ({ data }) => data.length,
  named: namesAt,
  cut: cutInRows,
  quoted: (names) => JSON.stringify(names.join("")),
};
