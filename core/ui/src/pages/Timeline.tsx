/** The steps of a run over time: when each ran, what it waited for, and the critical path. */
import type { BarDocument, TimelineDocument } from "../api/types";
import { duration, plural } from "../parts/format";
import { StateIcon } from "../parts/State";
import { shown } from "../parts/states";

interface Props {
  told: TimelineDocument;
  live: boolean;
  begun: string | null;
  now: number;
  choose: (step: string) => void;
}

/** The length of the axis: it grows in steps while live, so that bars do not shift with every second. */
export function axis(seconds: number, live: boolean): number {
  if (!live) return Math.max(1, seconds);
  let length = 15;
  while (length < seconds * 1.05) length *= 2;
  return length;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** Seconds between two marks of the axis: a round time, ten marks at most. */
export const every = (length: number): number => STEPS.find((step) => step * 10 >= length) ?? 86_400 * Math.ceil(length / 864_000);

const short = (step: string): string => step.replace(/^[^/]+\//, "");

export function Timeline({ told, live, begun, now, choose }: Props) {
  if (!told.bars.length) return <div className="body muted">No step has begun.</div>;
  const gone = live && begun ? Math.max(told.seconds, (now - Date.parse(begun)) / 1000) : told.seconds;
  const length = axis(gone, live);
  return (
    <div className="bars" role="table" aria-label="Timeline of steps">
      <div className="scale" aria-hidden="true">{Array.from({ length: Math.floor(length / every(length)) + 1 }, (_, at) => at * every(length)).map((at) => at / length < 0.97 && <span key={at} style={{ left: `${(100 * at) / length}%` }}>{duration(at)}</span>)}</div>
      <span aria-hidden="true" />
      {told.bars.map((bar) => <Line key={bar.step} bar={bar} gone={gone} length={length} choose={choose} />)}
    </div>
  );
}

function Line({ bar, gone, length, choose }: { bar: BarDocument; gone: number; length: number; choose: (step: string) => void }) {
  const ended = bar.ended ?? gone;
  const part = (seconds: number) => `${(100 * Math.max(0, seconds)) / length}%`;
  const waits = Object.entries(bar.waited).map(([what, seconds]) => `${what} ${duration(seconds)}`).join(", ");
  const words = `${bar.step}: ${shown(bar.state).label}, ${duration(ended - bar.begun)}${bar.after ? `, after ${bar.after}` : ""}${waits ? `, waited for ${waits}` : ""}`;
  return (
    <div role="row" className="row">
      <span className="label" role="rowheader"><StateIcon state={bar.state} /><span className="mono ellipsis" title={bar.step}>{short(bar.step)}</span><span className="muted small hide-phone">{plural(bar.items, "item")}</span></span>
      <span className="track" role="cell" style={{ backgroundSize: `${(100 * every(length)) / length}% 100%` }}>
        {bar.ready > 0 && <span className="bar wait" style={{ left: 0, width: part(bar.ready) }} title={bar.after ? `waits for ${bar.after}` : "waits"}>{bar.after && bar.ready / length > 0.15 && <em>waits for {short(bar.after)}</em>}</span>}
        {bar.begun - bar.ready > 0.2 && <span className="bar wait slot" style={{ left: part(bar.ready), width: part(bar.begun - bar.ready) }} title={waits ? `waited for ${waits}` : "waits for a slot"} />}
        <button type="button" className={`bar ${shown(bar.state).tone}${bar.critical ? " critical" : ""}`} style={{ left: part(bar.begun), width: part(ended - bar.begun) }} title={words} aria-label={words} onClick={() => choose(bar.step)}>
          {(ended - bar.begun) / length > 0.15 ? (bar.attempts > 1 ? `attempt ${bar.attempts}` : shown(bar.state).label.toLowerCase()) : ""}
        </button>
      </span>
      <span className="took" role="cell">{duration(ended - bar.begun)}</span>
    </div>
  );
}
