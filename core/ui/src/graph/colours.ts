/** The colours of the theme for a canvas, which knows no CSS variables. */
const NAMES = [
  "bg", "panel", "node", "frame", "line", "line-strong", "ink", "ink-2", "ink-3", "accent", "accent-soft", "ok", "warn", "bad", "idle",
  "reuse", "risk", "edge", "identity", "transformation", "aggregation", "indirect", "airbyte", "dbt", "snowflake", "databricks", "duckdb",
  "postgres", "exposure",
] as const;
export type Colours = Record<(typeof NAMES)[number], string>;

export function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Colours;
}

export function toolColour(of: Colours, tool: string, kind: string): string {
  const name = kind === "exposure" ? "exposure" : kind === "stream" ? "airbyte" : tool.split("/")[0]!;
  return name in of ? of[name as keyof Colours] : of["ink-3"];
}
