// Generates the dashboard JSON of Grafana 12 (schema 42) from a short description.

/** An expression and the legend of its series. */
type Query = [expr: string, legend?: string];

export interface Panel {
  title: string;
  /** What a bad value means. */
  about?: string;
  /** A heading of docs/operations.md. */
  runbook?: string;
  as?: "graph" | "stacked" | "stat" | "table" | "logs";
  /** Grafana's name of the unit: s, bytes, reqps, percentunit, … */
  unit?: string;
  /** Of 24 columns: by default 8, for a stat 4. */
  width?: number;
  queries: Query[];
  /** Thresholds for yellow and red; for low values when yellow is the larger one. */
  limits?: [yellow: number, red: number];
}

export interface Variable {
  name: string;
  label: string;
  /** The metric whose label values are offered. */
  values: string;
}

export interface Dashboard {
  /** Also the file name. */
  uid: string;
  title: string;
  about: string;
  variables?: Variable[];
  rows: Record<string, Panel[]>;
}

const PROMETHEUS = { type: "prometheus", uid: "prometheus" };
const LOKI = { type: "loki", uid: "loki" };
const COLUMNS = 24;

/** Generates the dashboard as Grafana's provisioning expects it. Pure. */
export function draw({ uid, title, about, variables = [], rows }: Dashboard) {
  return {
    uid: `akashi-${uid}`,
    title: `Akashi: ${title}`,
    description: about,
    tags: ["akashi"],
    schemaVersion: 42,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: "30s",
    timezone: "browser",
    time: { from: "now-6h", to: "now" },
    links: [{
      type: "dashboards",
      title: "Akashi",
      tags: ["akashi"],
      asDropdown: false,
      includeVars: false,
      keepTime: true,
    }],
    templating: { list: variables.map(drawVariable) },
    panels: layOut(rows),
  };
}

function drawVariable({ name, label, values }: Variable) {
  return {
    name,
    label,
    type: "query",
    datasource: PROMETHEUS,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: ".*",
    current: { text: "All", value: "$__all" },
    query: { query: values, refId: name },
  };
}

/** Places rows from top to bottom and panels from left to right, with a new line when one does not fit. */
function layOut(rows: Record<string, Panel[]>) {
  let [id, y] = [1, 0];
  return Object.entries(rows).flatMap(([title, panels]) => {
    const row = {
      id: id++,
      type: "row",
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y: y++, w: COLUMNS, h: 1 },
    };
    let x = 0;
    let tallest = 0;
    const drawn = panels.map((panel) => {
      const [w, h] = [panel.width ?? (panel.as === "stat" ? 4 : 8), panel.as === "stat" ? 4 : 8];
      if (x + w > COLUMNS) [x, y, tallest] = [0, y + tallest, 0];
      const gridPos = { x, y, w, h };
      [x, tallest] = [x + w, Math.max(tallest, h)];
      return { id: id++, gridPos, ...drawPanel(panel) };
    });
    y += tallest;
    return [row, ...drawn];
  });
}

function drawPanel(panel: Panel) {
  const { title, about, runbook, as = "graph", queries } = panel;
  const help = [about, runbook && `Runbook: docs/operations.md#${runbook}`].filter(Boolean).join("\n\n");
  const datasource = as === "logs" ? LOKI : PROMETHEUS;
  const isNow = as === "stat" || as === "table";
  return {
    title,
    ...(help && { description: help }),
    datasource,
    type: { graph: "timeseries", stacked: "timeseries", stat: "stat", table: "table", logs: "logs" }[as],
    targets: queries.map(([expr, legend], at) => ({
      refId: String.fromCharCode(65 + at),
      datasource,
      expr,
      ...(legend !== undefined && { legendFormat: legend }),
      ...(as !== "logs" && { instant: isNow, range: !isNow }),
      ...(as === "table" && { format: "table" }),
    })),
    ...drawOptions(panel),
  };
}

function drawOptions({ as = "graph", unit = "short", limits }: Panel) {
  if (as === "logs") return { options: { showTime: true, wrapLogMessage: true, sortOrder: "Descending" } };
  const defaults = { unit, min: 0, ...(limits && { thresholds: drawLimits(limits) }) };
  if (as === "stat") {
    return {
      fieldConfig: { defaults: { ...defaults, min: undefined, noValue: "–" }, overrides: [] },
      options: {
        reduceOptions: { calcs: ["lastNotNull"] },
        colorMode: limits ? "value" : "none",
        graphMode: "none",
      },
    };
  }
  if (as === "table") {
    return {
      fieldConfig: { defaults, overrides: [] },
      transformations: [{ id: "organize", options: { excludeByName: { Time: true } } }],
    };
  }
  const custom = {
    lineWidth: 1,
    fillOpacity: as === "stacked" ? 40 : 5,
    showPoints: "never",
    spanNulls: false,
    ...(as === "stacked" && { stacking: { mode: "normal" } }),
    ...(limits && { thresholdsStyle: { mode: "dashed" } }),
  };
  return {
    fieldConfig: { defaults: { ...defaults, custom }, overrides: [] },
    options: {
      tooltip: { mode: "multi", sort: "desc" },
      legend: { displayMode: "list", placement: "bottom" },
    },
  };
}

function drawLimits([yellow, red]: [number, number]) {
  const steps = yellow < red
    ? [["green", null], ["yellow", yellow], ["red", red]]
    : [["red", null], ["yellow", red], ["green", yellow]];
  return { mode: "absolute", steps: steps.map(([color, value]) => ({ color, value })) };
}

/** Every Prometheus query with default values for its variables. */
export function queriesOf({ rows, variables = [] }: Dashboard): string[] {
  const panels = Object.values(rows).flat().filter((panel) => panel.as !== "logs");
  return panels.flatMap(({ queries }) => queries).map(([expr]) =>
    variables.reduce((text, { name }) => text.replaceAll(`$${name}`, ".*"), expr)
      .replaceAll("$__rate_interval", "1m")
  );
}
