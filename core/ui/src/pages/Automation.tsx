/** Schedules, what became of their ticks, and the daemons; paused and resumed here. */
import { useState } from "react";
import { ApiProblem, post, useAsk } from "../api/client";
import { useLive } from "../api/live";
import type { AutomationDocument, Told, UpcomingDocument } from "../api/types";
import { useNow } from "../clock";
import { age, from, moment, plural, zoned } from "../parts/format";
import { Empty, Loading, Panel, Trouble } from "../parts/Panel";
import { State } from "../parts/State";
import { shown } from "../parts/states";
import { useProject } from "../project";
import { to } from "../route";

export function Automation() {
  const known = useProject();
  const now = useNow(5000);
  const asked = useAsk<AutomationDocument>("automation", { limit: 50 });
  const next = useAsk<UpcomingDocument>("automation/next", { limit: 10 });
  useLive("runs", () => (asked.again(), next.again()), 2000);
  const [why, setWhy] = useState("");
  const [told, setTold] = useState("");
  const may = known.project.me.rights.includes("edit");
  const steer = (verb: "pause" | "resume", schedule: string | null) =>
    post<Told>(`automation/${verb}`, { schedule, why: verb === "pause" ? why : "" }).then(
      (answer) => (setTold(answer.message), setWhy(""), asked.again(), known.automation.again()),
      (error: unknown) => setTold(error instanceof ApiProblem ? `${error.title} ${error.hint}` : String(error)),
    );
  if (asked.error) return <div className="page"><Trouble error={asked.error} again={asked.again} /></div>;
  const found = asked.data;
  if (!found) return <div className="page"><Loading /></div>;
  const alive = found.daemons.filter((one) => one.alive);
  return (
    <div className="page">
      <div className="head">
        <h1>Automation</h1>
        <span className="soft">{alive.length ? `${plural(alive.length, "daemon")} running` : "no daemon runs: nothing starts by itself"}</span>
        {found.schedules.length > 0 && may && <div className="end">{!found.paused && <label className="field"><input value={why} onChange={(event) => setWhy(event.target.value)} placeholder="Reason for a pause" aria-label="Reason for a pause" /></label>}<button type="button" className="button" onClick={() => void steer(found.paused ? "resume" : "pause", null)}>{found.paused ? "Resume all" : "Pause all"}</button></div>}
      </div>
      {found.paused && <div className="toast"><State state="paused" words={`All automation is paused ${found.paused}. Nothing starts by itself.`} /></div>}
      {told && <div className="toast" role="status">{told}</div>}
      <div className="stack">
        <Panel title="Schedules" note={String(found.schedules.length)}>
          {found.schedules.length === 0 ? <Empty title="penstock.yml has no schedule" command="penstock up">A schedule has a name, a time and a selection. The daemon of penstock up starts it.</Empty> : (
            <div className="scroll"><table>
              <thead><tr><th>Schedule</th><th className="hide-phone">When</th><th className="hide-phone">Runs</th><th>Next</th><th className="hide-phone">Last</th><th><span className="visually-hidden">Pause</span></th></tr></thead>
              <tbody>{found.schedules.map((one) => (
                <tr key={one.name}><td className="strong">{one.name}</td><td className="mono hide-phone">{one.when}</td><td className="mono ellipsis hide-phone">{one.run}</td><td>{one.paused ? <State state="paused" words={`Paused ${one.paused}`} /> : one.next_at ? <>{moment(one.next_at, now)} <span className="muted">{from(one.next_at, now)}</span></> : "never again"}</td><td className="hide-phone">{one.last ? <State state={one.last.state} words={`${shown(one.last.state).label} ${from(one.last.at, now)}`} /> : <span className="muted">no tick yet</span>}</td>
                  <td className="number">{may && <button type="button" className="button small" onClick={() => void steer(one.paused ? "resume" : "pause", one.name)}>{one.paused ? "Resume" : "Pause"}</button>}</td></tr>
              ))}</tbody>
            </table></div>
          )}
        </Panel>
        {(next.data?.ticks.length ?? 0) > 0 && (
          <Panel title="What comes" note={plural(next.data!.ticks.length, "tick")} end={<code className="muted small hide-phone">penstock automation next</code>}>
            <div className="scroll"><table><thead><tr><th>Due</th><th>Schedule</th><th className="hide-phone">Runs</th><th className="number">Away</th></tr></thead>
              <tbody>{next.data!.ticks.map((one) => <tr key={`${one.schedule} ${one.at}`}><td>{moment(one.due_at, now)}</td><td>{one.schedule}</td><td className="mono ellipsis hide-phone">{one.run}</td><td className="number soft">{from(one.due_at, now)}</td></tr>)}</tbody></table></div>
          </Panel>
        )}
        <Panel title="Ticks and decisions" note="newest first">
          {found.ticks.length === 0 ? <Empty title="No tick yet">Each time that was due stands here with what was decided and why.</Empty> : (
            <div className="scroll"><table>
              <thead><tr><th>Due</th><th>Schedule</th><th>State</th><th>Reason</th><th>Run</th></tr></thead>
              <tbody>{found.ticks.slice(0, 100).map((one) => (
                <tr key={`${one.schedule} ${one.at}`}><td>{moment(one.at, now)}</td><td>{one.schedule}</td><td><State state={one.state} /></td><td className="wrap soft">{zoned(one.reason, now)}</td><td>{one.run && <a href={to("runs", String(one.run))}>{String(one.run).slice(0, 8)}</a>}</td></tr>
              ))}</tbody>
            </table></div>
          )}
        </Panel>
        <Panel title="Backfills" note="none"><div className="body muted">Ranges of time that are filled again stand here once penstock starts them by itself. Until then: the event times of Plan &amp; run.</div></Panel>
        {found.daemons.length > 0 && <Panel title="Daemons"><ul className="rows">{found.daemons.map((one) => <li key={`${one.host} ${one.pid}`}><State state={one.alive ? "running" : "ended"} words={one.alive ? "Alive" : "Gone"} /><span>{one.host}, pid {one.pid}</span><span className="soft">{zoned(one.saying ?? "", now)}</span><span className="end muted small">seen {age(one.seen_at, now)} ago</span></li>)}</ul></Panel>}
      </div>
    </div>
  );
}
