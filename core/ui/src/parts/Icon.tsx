/** The drawn signs of the pages: 16 px, in the colour of the text around them. */
const OUTLINES: Record<string, string> = {
  overview: "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z",
  graph: "M2 4h3v3H2zM11 2.5h3v3h-3zM11 10.5h3v3h-3zM5 5.5h2.5c1 0 1-1.5 3.5-1.5M7 5.5c1.5 0 1 6.5 4 6.5",
  runs: "M2.5 4h5M5 8h5M8.5 12h5",
  automation: "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z",
  freshness: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.5V8l2.5 1.5",
  alerts: "M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM6.5 13.5a1.5 1.5 0 0 0 3 0",
  checks: "M2 4l1 1 2-2M2 9l1 1 2-2M7 4.5h7M7 9.5h7M7 13h4",
  findings: "M8 2l6.5 11.5h-13zM8 6.5v3M8 11.3v.4",
  cost: "M3 13.5V8M8 13.5V3M13 13.5V6M2 13.5h12",
  compare: "M4.5 2.5v11M2.5 11.5l2 2 2-2M11.5 13.5v-11M9.5 4.5l2-2 2 2",
  settings: "M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6M8 3h2.5v3H8zM4 10h2.5v3H4z",
  people: "M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M11 3.5a2.3 2.3 0 0 1 0 4.5M12 9.7c1.5.4 2.5 1.8 2.5 3.8",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3 14 14",
  filter: "M2 4h12M4.5 8h7M6.5 12h3",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  play: "M5 3.5v9l7-4.5z",
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3",
  copy: "M5.5 5.5h7v7h-7zM3.5 10.5v-7h7",
  download: "M8 2.5v7M5 7l3 3 3-3M3 13.5h10",
  close: "M4 4l8 8M12 4l-8 8",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  list: "M2.5 4h1M2.5 8h1M2.5 12h1M6 4h8M6 8h8M6 12h8",
  right: "M6 3.5 10.5 8 6 12.5",
  down: "M3.5 6 8 10.5 12.5 6",
  more: "M2 4h12M2 8h12M2 12h12",
  stream: "M8 2v7M5 6.5l3 3 3-3M2.5 9.5v4h11v-4",
  table: "M2.5 3h11v10h-11zM2.5 6.5h11M6.5 6.5V13",
  view: "M8 2l5 3v6l-5 3-5-3V5z",
  model: "M8 1.8l5.3 3v6.4L8 14.2l-5.3-3V4.8zM2.7 4.8 8 8l5.3-3.2M8 8v6.2",
  seed: "M4 2h5l3 3v9H4zM9 2v3h3",
  snapshot: "M2 5h3l1-1.5h4L11 5h3v8H2zM8 6.5a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6z",
  exposure: "M2 3h12v8H2zM5 8.5V7M8 8.5V5M11 8.5V6M6 13.5h4",
  check: "M3 3h10v10H3zM5.5 8l2 2 3.5-4",
  terminal: "M2 4l4 4-4 4M8 12h6",
};

export function Icon({ name, size = 16 }: { name: string; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" strokeLinecap="round" aria-hidden="true" className="state-icon">
      <path d={OUTLINES[name] ?? OUTLINES.table} fill={name === "play" ? "currentColor" : "none"} />
    </svg>
  );
}

/** The sign of a kind of asset, by dbt's and Airbyte's words. */
export function kindIcon(kind: string, type: string): string {
  if (kind === "stream" || kind === "connection" || kind === "sync") return "stream";
  if (kind === "exposure") return "exposure";
  if (kind === "check") return "check";
  if (type === "seed" || type === "snapshot") return type;
  if (kind === "view") return "view";
  return type === "model" ? "model" : "table";
}
