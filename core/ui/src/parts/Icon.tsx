/** The drawn signs of the pages: 16 px, in the colour of the text around them. */
const OUTLINES: Record<string, string> = {
  overview: "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z",
  graph: "M2 4h3v3H2zM11 2.5h3v3h-3zM11 10.5h3v3h-3zM5 5.5h2.5c1 0 1-1.5 3.5-1.5M7 5.5c1.5 0 1 6.500 4 6.500",
  runs: "M2.500 4h5M5 8h5M8.500 12h5",
  automation: "M9 1.500 3.500 9H8l-1 5.500L12.500 7H8z",
  freshness: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.500V8l2.500 1.500",
  alerts: "M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM6.500 13.500a1.500 1.500 0 0 0 3 0",
  checks: "M2 4l1 1 2-2M2 9l1 1 2-2M7 4.500h7M7 9.500h7M7 13h4",
  findings: "M8 2l6.500 11.500h-13zM8 6.500v3M8 11.300v.4",
  cost: "M3 13.500V8M8 13.500V3M13 13.500V6M2 13.500h12",
  compare: "M4.500 2.500v11M2.500 11.500l2 2 2-2M11.500 13.500v-11M9.500 4.500l2-2 2 2",
  settings: "M2 4.500h6M12 4.500h2M2 11.500h2M8 11.500h6M8 3h2.500v3H8zM4 10h2.500v3H4z",
  people: "M6 8a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM1.500 13.500c0-2.500 2-4 4.500-4s4.500 1.500 4.500 4M11 3.500a2.300 2.300 0 0 1 0 4.500M12 9.700c1.500.4 2.500 1.800 2.500 3.800",
  search: "M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM10.300 10.300 14 14",
  filter: "M2 4h12M4.500 8h7M6.500 12h3",
  moon: "M13 9.500A5.500 5.500 0 0 1 6.500 3 5.500 5.500 0 1 0 13 9.500z",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  play: "M5 3.500v9l7-4.500z",
  retry: "M13 8a5 5 0 1 1-1.600-3.700M13 2.500v3h-3",
  copy: "M5.500 5.500h7v7h-7zM3.500 10.500v-7h7",
  download: "M8 2.500v7M5 7l3 3 3-3M3 13.500h10",
  close: "M4 4l8 8M12 4l-8 8",
  plus: "M8 3.500v9M3.500 8h9",
  minus: "M3.500 8h9",
  fit: "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10",
  list: "M2.500 4h1M2.500 8h1M2.500 12h1M6 4h8M6 8h8M6 12h8",
  right: "M6 3.500 10.500 8 6 12.500",
  down: "M3.500 6 8 10.500 12.500 6",
  more: "M2 4h12M2 8h12M2 12h12",
  stream: "M8 2v7M5 6.500l3 3 3-3M2.500 9.500v4h11v-4",
  table: "M2.500 3h11v10h-11zM2.500 6.500h11M6.500 6.500V13",
  view: "M8 2l5 3v6l-5 3-5-3V5z",
  model: "M8 1.800l5.300 3v6.400L8 14.200l-5.300-3V4.800zM2.700 4.800 8 8l5.300-3.200M8 8v6.200",
  seed: "M4 2h5l3 3v9H4zM9 2v3h3",
  snapshot: "M2 5h3l1-1.500h4L11 5h3v8H2zM8 6.500a2.300 2.300 0 1 0 0 4.600 2.300 2.300 0 0 0 0-4.600z",
  exposure: "M2 3h12v8H2zM5 8.500V7M8 8.500V5M11 8.500V6M6 13.500h4",
  check: "M3 3h10v10H3zM5.500 8l2 2 3.500-4",
  terminal: "M2 4l4 4-4 4M8 12h6",
  lock: "M4 7.500h8v6H4zM5.500 7.500V5a2.500 2.500 0 0 1 5 0v2.500",
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
