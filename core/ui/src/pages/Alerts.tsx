/** Incidents: each root cause once, with what it holds back; acknowledged here for a while. And the messages that were not sent. */
import { useState } from "react";
import { ApiProblem, post, useAsk } from "../api/client";
import type { ChannelsTried, IncidentDocument, IncidentsDocument, Told as Answer } from "../api/types";
import { useNow } from "../clock";
import { from, moment, plural } from "../parts/format";
import { Command, Empty, Loading, Panel, Segments, Trouble } from "../parts/Panel";
import { State, StateIcon } from "../parts/State";
import { useProject } from "../project";
import { refine, to, type Place } from "../route";

const SIGNS: Record<string, string> = { "fresh.fail": "broken", "fresh.warn": "late", "fresh.at_risk": "at_risk", "schedule.missed": "missed" };
const RANK: Record<string, number> = { failed: 0, broken: 1, warn: 2, late: 2, missed: 2, at_risk: 3, muted: 4, over: 5 };
const LENGTHS = [["3600", "1 h"], ["14400", "4 h"], ["86400", "1 day"], ["604800", "1 week"]] as const;

export function signOf(one: IncidentDocument, now: number): string {
  if (one.closed_at) return "over";
  return isMuted(one, now) ? "muted" : (SIGNS[one.kind] ?? (one.kind.endsWith(".failed") && one.severity !== "info" ? "failed" : "warn"));
}
/** What has failed first, then what is too old, then what will be; the newest of each first. */
export const sorted = (found: readonly IncidentDocument[], now: number): IncidentDocument[] =>
  [...found].sort((a, b) => RANK[signOf(a, now)]! - RANK[signOf(b, now)]! || b.opened_at.localeCompare(a.opened_at));
export const isMuted = (one: IncidentDocument, now: number): boolean => one.muted_until_at !== null && Date.parse(one.muted_until_at) > now;

const said = (error: unknown): string => (error instanceof ApiProblem ? `${error.title}. ${error.detail} ${error.hint}` : String(error));

export function Alerts({ place }: { place: Place }) {
  const known = useProject();
  const now = useNow(15_000);
  const all = place.query.get("show") === "all";
  const asked = useAsk<IncidentsDocument>("incidents", { open: !all, limit: 100 });
  const [told, setTold] = useState("");
  const found = asked.data?.incidents ?? [];
  const again = (words: string) => (setTold(words), asked.again(), known.incidentsAsked.again());
  const tell = () => post<ChannelsTried>("alerts/test", {}).then((answer) => again(Object.entries(answer.channels).map(([name, trouble]) => `${name}: ${trouble ?? "sent"}`).join(" · ")), (error: unknown) => setTold(said(error)));
  return (
    <div className="page">
      <div className="head">
        <h1>Alerts</h1><span className="soft">{plural(known.incidents.length, "open incident")}</span>
        <div className="end">
          <Segments label="Which" options={[["open", "Open"], ["all", "All"]] as const} value={all ? "all" : "open"} choose={(show) => refine(place, { show: show === "all" ? "all" : undefined })} />
          {known.project.me.rights.includes("edit") && <button type="button" className="button" onClick={() => void tell()}>Send a test message</button>}
        </div>
      </div>
      {told && <div className="toast" role="status">{told}</div>}
      {asked.error ? <Trouble error={asked.error} again={asked.again} /> : (
        <div className="stack">
          <Panel title="Incidents" note={asked.data ? String(found.length) : undefined} end={<code className="muted small hide-phone">penstock incidents</code>}>
            {!asked.data ? <Loading /> : found.length === 0 ? (
              <Empty title={all ? "There was no incident yet" : "No incident is open"} command="penstock alerts check">Each root cause stands here once, with all that it holds back. The daemon (penstock up) looks every half minute; without it, look once with this command.</Empty>
            ) : sorted(found, now).map((one) => <Incident key={one.id} one={one} now={now} told={again} />)}
          </Panel>
          <Outbox found={asked.data} now={now} />
        </div>
      )}
    </div>
  );
}

export function Incident({ one, now, told }: { one: IncidentDocument; now: number; told?: (words: string) => void }) {
  const known = useProject();
  const sign = signOf(one, now);
  const asset = known.status.has(one.cause);
  const retried = known.status.get(one.cause)?.attempt_run;
  const may = known.project.me.rights.includes("operate");
  return (
    <div className="incident">
      <StateIcon state={sign} size={16} />
      <div>
        <div className="strong">{one.title}</div>
        {one.why && <div className="soft small">{one.why}</div>}
        <div className="muted small">
          <span className="mono">{one.kind}</span> · {asset ? <a href={to("asset", one.cause)}>{one.cause}</a> : one.cause} · {one.closed_at ? `over ${from(one.closed_at, now)}` : `since ${moment(one.opened_at, now)}, ${from(one.opened_at, now)}`}
          {sign === "muted" && <> · muted by {one.muted_by} until {moment(one.muted_until_at, now)}</>}
          {told && one.channels.length > 0 && <> · told {one.channels.join(", ")}</>}
        </div>
        {one.affected.length > 0 && <div className="small soft">Holds back {plural(one.affected.length, "asset")}{one.exposures > 0 && `, of them ${plural(one.exposures, "exposure")}`}: {one.affected.slice(0, 6).map((name, at) => <span key={name}>{at > 0 && ", "}<a className="mono ink" href={to("asset", name.replace(/ \(exposure\)$/, ""))}>{name}</a></span>)}{one.affected.length > 6 && " …"}</div>}
        {told && one.command.split(/\n| {3,}/).filter(Boolean).map((line) => <Told key={line} line={line} />)}
      </div>
      {!one.closed_at && may && (
        <div className="steer">
          {retried && sign === "failed" && <a className="button" href={to("launch", "", { retry: retried })}>Retry</a>}
          {told && <Mute one={one} now={now} told={told} />}
        </div>
      )}
    </div>
  );
}

/** "penstock retry 1", or "the log: penstock logs 1". */
function Told({ line }: { line: string }) {
  const at = line.indexOf(": penstock ");
  return at < 0 ? <Command line={line} /> : <div className="small soft">{line.slice(0, at + 1)} <code className="ink">{line.slice(at + 2)}</code></div>;
}

function Mute({ one, now, told }: { one: IncidentDocument; now: number; told: (words: string) => void }) {
  const [seconds, setSeconds] = useState<string>("14400");
  const mute = (length: number) => post<Answer>(`incidents/${encodeURIComponent(one.id)}/mute`, { seconds: length }).then((answer) => told(answer.message), (error: unknown) => told(said(error)));
  if (isMuted(one, now)) return <button type="button" className="button" onClick={() => void mute(0)}>Tell again</button>;
  return (
    <span className="joined">
      <button type="button" className="button" onClick={() => void mute(Number(seconds))} title="Nothing more is told of it for so long, but its end">Acknowledge</button>
      <select className="button" aria-label="For how long" value={seconds} onChange={(event) => setSeconds(event.target.value)}>{LENGTHS.map(([value, words]) => <option key={value} value={value}>{words}</option>)}</select>
    </span>
  );
}

function Outbox({ found, now }: { found: IncidentsDocument | undefined; now: number }) {
  const unsent = found?.unsent ?? [];
  return (
    <Panel title="Outbox" note={found ? plural(unsent.length, "message") : undefined}>
      {unsent.length === 0 ? <div className="body muted">No message waits. What a channel does not take stands here with what it said.</div> : (
        <div className="scroll"><table><thead><tr><th>State</th><th>Channel</th><th>About</th><th className="number">Tries</th><th>What the channel said</th><th className="number">Written</th></tr></thead>
          <tbody>{unsent.map((one) => <tr key={`${one.incident} ${one.channel} ${one.event}`}><td><State state={one.trouble ? "failed" : "waiting"} words={one.trouble ? "Not taken" : "Waits"} /></td><td className="mono">{one.channel}</td><td>{one.event} <span className="mono muted">{one.incident}</span></td><td className="number">{one.tries}</td><td className="wrap soft">{one.trouble}</td><td className="number soft">{from(one.written_at, now)}</td></tr>)}</tbody></table></div>
      )}
    </Panel>
  );
}
