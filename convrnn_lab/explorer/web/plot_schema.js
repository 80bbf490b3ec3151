// @ts-check
/* Which panels we draw ourselves; the rest of plotly's schema is left to plotly.
 *
 * What SCHEMA is stands here as JSON: explorer/own_panels.py reads it too, and must say the same of
 * every panel of tests/web/panel_cases.json.
 */

import { isBars, isMatrix } from "./marks.js";

/** @type {Record<string, any>} */
const SCHEMA = {
  "rules": {
    "line": {"any": ["color", "width"], "keys": {"dash": {"oneOf": ["solid", "dot", "dash", "longdash", "dashdot"]}}},
    "font": {"any": ["size", "color", "family"]},
    "errors": {"any": ["symmetric", "array", "arrayminus", "color", "thickness", "width"], "keys": {"type": {"oneOf": ["data"]}}},
    "pattern": {"oneOf": ["", ".", "/", "\\", "x", "-", "|"]},
    "paint": {"any": ["color", "size"]}
  },
  "traces": {
    "scatter": {
      "needs": ["y"],
      "any": [
        "type", "name", "visible", "x", "y", "x0", "dx", "hovertemplate", "hoverinfo", "showlegend", "customdata", "text", "fillcolor",
        "cliponaxis"
      ],
      "keys": {
        "line": "line",
        "textfont": "font",
        "error_x": "errors",
        "error_y": "errors",
        "fill": {"oneOf": ["none", "toself", "tozeroy", "tonexty"]},
        "mode": {"oneOf": ["lines", "markers", "text", "lines+markers", "lines+text", "markers+text", "lines+markers+text"]},
        "marker": {
          "any": ["color", "size", "maxdisplayed"],
          "keys": {
            "line": {"any": ["color", "width"]},
            "symbol": {
              "oneOf": [
                "circle", "square", "diamond", "triangle-up", "triangle-down", "x", "cross", "star", "circle-open",
                "square-open", "diamond-open", "triangle-up-open", "triangle-down-open", "x-open", "cross-open", "star-open"
              ]
            }
          }
        },
        "fillpattern": {"any": ["fgcolor", "size", "solidity"], "keys": {"shape": "pattern"}},
        "textposition": {
          "oneOf": [
            "top left", "top center", "top right", "middle left", "middle center", "middle right", "bottom left",
            "bottom center", "bottom right"
          ]
        }
      }
    },
    "bar": {
      "any": [
        "type", "name", "visible", "x", "y", "x0", "dx", "hovertemplate", "hoverinfo", "showlegend", "customdata", "text", "base",
        "width", "texttemplate", "cliponaxis"
      ],
      "keys": {
        "orientation": {"oneOf": ["h", "v"]},
        "textfont": "font",
        "textposition": {"oneOf": ["outside"]},
        "error_x": "errors",
        "error_y": "errors",
        "marker": {"any": ["color"], "keys": {"pattern": {"keys": {"shape": "pattern"}}}}
      }
    },
    "heatmap": {
      "needs": ["z", "zmin", "zmax", "colorscale", "showscale"],
      "any": [
        "type", "name", "visible", "x", "y", "x0", "dx", "hovertemplate", "hoverinfo", "showlegend", "customdata", "text", "z", "y0",
        "dy", "zmin", "zmax", "texttemplate"
      ],
      "keys": {
        "textfont": "font",
        "showscale": {"oneOf": [false]},
        "colorscale": {"scale": "^#[0-9a-fA-F]{6}$"},
        "xgap": {"oneOf": [0]},
        "ygap": {"oneOf": [0]}
      }
    },
    "box": {
      "needs": ["y", "name"],
      "any": ["type", "name", "visible", "x", "y", "x0", "dx", "hovertemplate", "hoverinfo", "showlegend", "customdata", "text", "jitter"],
      "keys": {"boxpoints": {"oneOf": ["all", "outliers"]}, "line": "paint", "marker": "paint"}
    }
  },
  "axis": {
    "any": [
      "range", "nticks", "tickvals", "ticktext", "ticksuffix", "showgrid", "gridcolor", "zeroline", "zerolinecolor",
      "showline", "linecolor", "mirror", "showticklabels", "visible", "fixedrange", "constrain", "scaleanchor", "automargin"
    ],
    "keys": {
      "title": {"any": ["text"], "keys": {"font": "font"}},
      "tickfont": "font",
      "type": {"oneOf": ["linear", "log", "category"]},
      "tickformat": {"match": "^,?(\\.[0-9]+)?~?[%fgsed]?$"},
      "ticks": {"oneOf": [""]},
      "tickangle": {"oneOf": [0]},
      "dtick": {"match": "^([0-9.]+|D2)$"},
      "exponentformat": {"oneOf": ["power"]}
    }
  },
  "shapes": {
    "path": {
      "any": ["type", "name", "visible", "fillcolor"],
      "keys": {
        "line": "line",
        "xref": {"oneOf": ["x"]},
        "yref": {"oneOf": ["y"]},
        "path": {"match": "^([MLHVZ\\s,0-9.+-]|e[+-][0-9])*$"}
      }
    },
    "rect": {
      "any": ["type", "name", "visible", "fillcolor", "x0", "x1", "y0", "y1", "xanchor", "yanchor", "xsizemode", "ysizemode"],
      "keys": {"line": "line", "xref": {"oneOf": ["x"]}, "yref": {"oneOf": ["y"]}}
    },
    "circle": {
      "any": ["type", "name", "visible", "fillcolor", "x0", "x1", "y0", "y1", "xanchor", "yanchor", "xsizemode", "ysizemode"],
      "keys": {"line": "line", "xref": {"oneOf": ["x"]}, "yref": {"oneOf": ["y"]}}
    }
  }
};

/**
 * Say whether a value is one that a rule allows: one of a list, or many of it; a text of some form; a
 * scale of colours; or a part with known keys, of which some may have any value.
 *
 * @param {any} value
 * @param {any} rule may be the name of one
 * @returns {boolean}
 */
function isAllowed(value, rule) {
  if (typeof rule === "string") return isAllowed(value, SCHEMA.rules[rule]);
  const { oneOf, match, scale, any = [], keys = {}, needs = [] } = rule;
  if (oneOf) return Array.isArray(value) ? value.every((one) => isAllowed(one, rule)) : oneOf.includes(value);
  if (match) return new RegExp(match).test(String(value));
  if (scale) return Array.isArray(value) && value.every(([, colour]) => new RegExp(scale).test(colour));
  return value !== null && typeof value === "object" && !Array.isArray(value)
    && needs.every((/** @type {string} */ key) => key in value)
    && Object.entries(value).every(([key, part]) => any.includes(key) || (Object.hasOwn(keys, key) && isAllowed(part, keys[key])));
}

/** Say whether a part is of a known kind, and allowed. @param {any} part @param {Record<string, any>} kinds */
const isKnownPart = (part, kinds) => Object.hasOwn(kinds, part.type) && isAllowed(part, kinds[part.type]);

/** Say whether words stand on axes of categories only: plotly reads dates out of others. @param {any} trace @param {any} layout */
const hasNamesOnly = (trace, layout) => ["x", "y"].every((letter) => {
  const values = trace[letter] ?? [];
  return layout[`${letter}axis`]?.type === "category" || !Array.isArray(values) || values.every((value) => typeof value !== "string");
});

/** Say whether a panel has only what we draw ourselves. @param {any} panel */
function isOurs({ size, data, layout }) {
  const { showlegend, xaxis = {}, yaxis = {}, shapes = [], ...rest } = layout;
  return size !== "whole" && showlegend === false && !Object.keys(rest).length
    && [xaxis, yaxis].every((axis) => isAllowed(axis, SCHEMA.axis))
    && shapes.every((/** @type {any} */ shape) => isKnownPart(shape, SCHEMA.shapes))
    && data.every((/** @type {any} */ trace) => isKnownPart(trace, SCHEMA.traces) && hasNamesOnly(trace, layout));
}

/** Say what draws a panel: "matrix", "bars" and "plot" are ours. @param {any} panel */
export function kindOf(panel) {
  if (isMatrix(panel)) return "matrix";
  if (isBars(panel)) return "bars";
  return isOurs(panel) ? "plot" : "plotly";
}
