/** What is wrong now, what runs, what comes next, and the last day. */
import { useAsk } from "../api/client";
import { useLive } from "../api/live";
import type { AssetState, IncidentDocument, RunDocument, RunRecord, RunsDocument, UpcomingDocument } from "../api/types";
import { useNow } from "../clock";
import { age, count, duration, from, moment, plural, today, zone } from "../parts/format";
import { Icon } from "../parts/Icon";
import { Empty, Loading, Panel, Trouble } from "../parts/Panel";
import { State, StateIcon } from "../parts/State";
import { checked, isBad, shown } from "../parts/states";
import { trigger } from "../parts/trigger";
import { promised, stateOf, useProject } from "../project";
import { to } from "../route";
import { Incident, sorted } from "./Alerts";
import { Promised, standing } from "./Freshness";

export function Overview() {
  const known = useProject();
  const now = useNow(1000);
  const runs = useAsk<RunsDocument>("runs", { limit: 200 });
  useLive("runs", runs.again, 1000);
  const states = [...known.status.values()];
  const failed = states.filter((one) => isBad(stateOf(one)));
  // What an incident tells of is not told twice.
  const told = new Set(known.incidents.flatMap((one) => [one.cause, ...one.affected]));
  const untold = failed.filter((one) => !told.has(one.name));
  const warned = states.flatMap((one) => one.checks.filter((check) => check.outcome === "warn" || isBad(check.outcome)).map((check) => ({ asset: one, check })));
  if (known.statusAsked.error) return <div className="page"><Trouble error={known.statusAsked.error} again={known.statusAsked.again} /></div>;
  // Before anything is known, nothing is said to be well.
  if (!known.statusAsked.data || !known.incidentsAsked.data || !runs.data) return <div className="page"><div className="head"><h1>Overview</h1></div>{runs.error ? <Trouble error={runs.error} again={runs.again} /> : known.incidentsAsked.error ? <Trouble error={known.incidentsAsked.error} again={known.incidentsAsked.again} /> : <Loading />}</div>;
  return (
    <div className="page">
      <div className="head">
        <h1>Overview</h1>
        <span className="soft">{[known.incidents.length > 0 && plural(known.incidents.length, "incident"), failed.length > 0 && `${plural(failed.length, "asset")} failed`].filter(Boolean).join(", ") || "nothing has failed"}</span>
        <span className="end muted">{today(now)} · {zone()}</span>
      </div>
      <div className="stack">
        <Figures states={states} runs={runs.data?.runs ?? []} live={known.live.length} />
        <div className="grid">
          <div className="span-8 stack"><Wrong incidents={known.incidents} failed={untold} warned={warned} now={now} /><RunningNow live={known.live} now={now} /></div>
          <div className="span-4 stack"><AtRisk now={now} /><Next now={now} /></div>
          <div className="span-12"><Day runs={runs.data?.runs ?? []} now={now} /></div>
        </div>
      </div>
    </div>
  );
}

function Figures({ states, runs, live }: { states: AssetState[]; runs: RunRecord[]; live: number }) {
  const { promises } = useProject();
  const late = [...promises.values()].filter((one) => ["late", "broken"].includes(promised(one)));
  const good = states.filter((one) => shown(stateOf(one)).tone === "ok" || shown(stateOf(one)).tone === "reuse").length;
  const checks = states.flatMap((one) => one.checks);
  const sum = (name: string) => runs.reduce((total, run) => total + (run.counts[name] ?? 0), 0);
  const figures = [
    ["success", "Made", count(good), `of ${plural(states.length, "asset")}`, to("graph")],
    ["failed", "Failed", count(states.filter((one) => isBad(stateOf(one))).length), "on the last try", to("graph", "", { as: "list" })],
    ["late", "Late", count(late.length), `of ${plural(promises.size, "promise")}`, to("freshness")],
    ["running", "Running", count(live), live === 1 ? "run" : "runs", to("runs", "", { state: "running" })],
    ["reused", "Reused", count(sum("reused")), `in ${plural(runs.length, "run")}`, to("runs")],
    ["pass", "Checks", count(checks.filter((one) => checked(one.outcome) === "pass").length), `of ${checks.length} passed`, to("checks")],
  ] as const;
  return (
    <div className="panel figures">
      {figures.map(([state, label, value, note, link]) => (
        <a key={label} href={link}>
          <div className="label state"><StateIcon state={state} /> {label}</div>
          <div><span className="value">{value}</span> <span className="muted small">{note}</span></div>
        </a>
      ))}
    </div>
  );
}

interface Wrongs {
  incidents: IncidentDocument[];
  failed: AssetState[];
  warned: { asset: AssetState; check: AssetState["checks"][number] }[];
  now: number;
}

function Wrong({ incidents, failed, warned, now }: Wrongs) {
  const total = incidents.length + failed.length + warned.length;
  return (
    <Panel title="What is wrong" note={total ? plural(total, "thing") : "nothing, as far as was looked"} end={<a href={to("alerts")}>Alerts</a>}>
      {total === 0 && <Empty title="Nothing failed on its last try">Incidents, checks and assets that fail stand here first, with the run and what they said.</Empty>}
      {sorted(incidents, now).slice(0, 5).map((one) => <Incident key={one.id} one={one} now={now} />)}
      {failed.slice(0, 6).map((one) => (
        <div key={one.name} className="incident">
          <StateIcon state="failed" size={16} />
          <div>
            <div><span className="tone-bad strong">{shown(stateOf(one)).label}</span> <a className="mono ink strong" href={to("asset", one.name)}>{one.name}</a></div>
            {one.message && <div className="soft small">{one.message}</div>}
            <div className="muted small">{age(one.attempted_at, now)} ago{one.attempt_run && <> · run <a href={to("runs", one.attempt_run)}>{one.attempt_run.slice(0, 8)}</a></>}</div>
          </div>
          {one.attempt_run && <a className="button" href={to("launch", "", { retry: one.attempt_run })}><Icon name="retry" size={14} />Retry</a>}
        </div>
      ))}
      {warned.slice(0, 4).map(({ asset, check }) => (
        <div key={`${asset.name} ${check.name}`} className="incident">
          <StateIcon state={check.outcome} size={16} />
          <div>
            <div><span className={`tone-${shown(check.outcome).tone} strong`}>Check {shown(check.outcome).label.toLowerCase()}</span> <span className="mono">{check.name}</span></div>
            {check.message && <div className="soft small">{check.message}</div>}
            <div className="muted small">of <a href={to("asset", asset.name)}>{asset.name}</a> · {age(check.ended_at, now)} ago</div>
          </div>
        </div>
      ))}
      {incidents.length > 5 && <div className="body small"><a href={to("alerts")}>All {plural(incidents.length, "incident")}</a></div>}
    </Panel>
  );
}

const RANK: Record<string, number> = { broken: 0, late: 1, at_risk: 2, unknown: 3, fresh: 4 };

function AtRisk({ now }: { now: number }) {
  const { promises } = useProject();
  if (promises.size === 0) return null;
  const all = [...promises.values()].sort((a, b) => RANK[promised(a)]! - RANK[promised(b)]!);
  const risky = all.filter((one) => one.state !== "ok");
  return (
    <Panel title="Promises" note={standing(all)} end={<a href={to("freshness")}>Freshness</a>}>
      {(risky.length ? risky : all).slice(0, 4).map((one) => <Promised key={one.name} promise={one} now={now} brief />)}
    </Panel>
  );
}

function Next({ now }: { now: number }) {
  const { automation } = useProject();
  const next = useAsk<UpcomingDocument>("automation/next", { limit: 5 });
  const paused = new Map((automation.data?.schedules ?? []).map((one) => [one.name, automation.data?.paused ?? one.paused]));
  const ticks = next.data?.ticks ?? [];
  return (
    <Panel title="Next" end={<a href={to("automation")}>Automation</a>}>
      {next.error ? <div className="body muted">Schedules cannot be read: {String(next.error)}</div> : !next.data ? <Loading /> : ticks.length === 0 ? (
        <Empty title="Nothing is scheduled" command="penstock up">Schedules in penstock.yml stand here with their next times. The daemon starts them.</Empty>
      ) : (
        <ul className="rows">
          {ticks.map((one) => (
            <li key={`${one.schedule} ${one.at}`}><span className="strong clock">{moment(one.due_at, now)}</span><Icon name="automation" size={14} /><span className="ellipsis" title={one.run}>{one.schedule}</span><span className="end muted small">{paused.get(one.schedule) ? "paused" : from(one.due_at, now)}</span></li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function RunningNow({ live, now }: { live: RunRecord[]; now: number }) {
  return (
    <Panel title="Running now" note={live.length ? plural(live.length, "run") : undefined} end={<a href={to("runs")}>Runs</a>}>
      {live.length === 0 ? <Empty title="Nothing runs">Start something with Plan &amp; run, or from a terminal: every run shows here.</Empty> : live.slice(0, 5).map((run) => <LiveRun key={run.id} run={run} now={now} />)}
    </Panel>
  );
}

function LiveRun({ run, now }: { run: RunRecord; now: number }) {
  const detail = useAsk<RunDocument>(`runs/${run.number}`);
  useLive("runs", detail.again, 1000);
  const steps = (detail.data?.steps ?? []).filter((step) => ["running", "retrying", "waiting"].includes(step.state));
  return (
    <ul className="rows">
      <li><State state={run.state} /><a href={to("runs", String(run.number))}>#{run.number}</a><span className="mono ellipsis">{run.selection || "everything"}</span><span className="end">{duration((now - Date.parse(run.started_at ?? run.created_at)) / 1000)}</span></li>
      {steps.slice(0, 6).map((step) => (
        <li key={step.id}><span /><State state={step.state} /><span className="mono">{step.id}</span><Progress run={detail.data!} step={step.id} /><span className="end">{step.started_at ? duration((now - Date.parse(step.started_at)) / 1000) : ""}</span></li>
      ))}
    </ul>
  );
}

/** How many of a step's items have ended. */
function Progress({ run, step }: { run: RunDocument; step: string }) {
  const items = run.items.filter((item) => item.step === step);
  const over = items.filter((item) => item.ended_at).length;
  return <><span className="muted small nowrap">{over} of {plural(items.length, "item")}</span><span className="gauge progress hide-phone"><i className="accent" style={{ width: `${items.length ? (100 * over) / items.length : 0}%` }} /></span></>;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const LANES = 7;

/** Full hours of the last day, each third, by the viewer's clock. */
export function hours(now: number): number[] {
  const last = new Date(now);
  last.setMinutes(0, 0, 0);
  return Array.from({ length: 24 }, (_, at) => last.getTime() - at * HOUR).filter((at) => new Date(at).getHours() % 3 === 0 && at > now - DAY).reverse();
}

/** Runs of the last 24 hours as marks, on one line for each thing that begins runs. */
function Day({ runs, now }: { runs: RunRecord[]; now: number }) {
  const recent = runs.filter((run) => Date.parse(run.ended_at ?? new Date(now).toISOString()) > now - DAY);
  const lanes = new Map<string, { icon: string; of: RunRecord[] }>();
  for (const run of recent) {
    const { icon, words } = trigger(run);
    lanes.set(words, { icon, of: [...(lanes.get(words)?.of ?? []), run] });
  }
  const busiest = [...lanes].sort(([, a], [, b]) => b.of.length - a.of.length);
  const at = (time: number) => (100 * (time - now + DAY)) / DAY;
  const tones = new Map(recent.map((run) => [shown(run.state).label, shown(run.state).tone]));
  return (
    <Panel title="Last 24 hours" note={plural(recent.length, "run")} end={<span className="day-legend small">{[...tones].map(([label, tone]) => <span key={label}><i className={`bar ${tone}`} aria-hidden="true" />{label}</span>)}</span>}>
      {recent.length === 0 ? <Empty title="No run in the last day">Every run leaves a mark here, coloured by how it ended.</Empty> : (
        <div className="day">
          {busiest.slice(0, LANES).map(([name, { icon, of }]) => {
            const failed = of.filter((run) => run.state === "failed").length;
            return [
              <span key={`${name} label`} className="state ellipsis"><Icon name={icon} size={14} />{name}</span>,
              <div key={`${name} lane`} className="lane">
                {of.map((run) => {
                  const begun = Math.max(now - DAY, Date.parse(run.started_at ?? run.created_at));
                  const ended = run.ended_at ? Date.parse(run.ended_at) : now;
                  return <a key={run.id} href={to("runs", String(run.number))} className={`bar ${shown(run.state).tone}`} aria-label={`Run ${run.number}: ${shown(run.state).label}`} title={`#${run.number} ${shown(run.state).label}, ${moment(run.started_at, now)}, ${run.selection || "everything"}`} style={{ left: `${Math.min(99.5, at(begun))}%`, width: `${(100 * Math.max(0, ended - begun)) / DAY}%` }} />;
                })}
              </div>,
              <span key={`${name} count`} className="number small">{plural(of.length, "run")}{failed > 0 && <span className="tone-bad"> · {failed} failed</span>}</span>,
            ];
          })}
          <span className="muted small">{busiest.length > LANES ? `and ${busiest.length - LANES} more` : ""}</span>
          <div className="hours" aria-hidden="true">{hours(now).map((one) => at(one) > 2 && at(one) < 98 && <span key={one} style={{ left: `${at(one)}%` }}>{CLOCK.format(one)}</span>)}</div>
        </div>
      )}
    </Panel>
  );
}
