/** The history: every run with how it ended, what it made, and its command. */
import { useRef, useState } from "react";
import { useAsk } from "../api/client";
import { useLive, useWatched } from "../api/live";
import type { ActivityDocument, CostDocument, RunCountsDocument, RunRecord, RunsDocument } from "../api/types";
import { useNow } from "../clock";
import { count, duration, moment, money, plural } from "../parts/format";
import { Icon } from "../parts/Icon";
import { Choice, Empty, Loading, Panel, Segments, Trouble } from "../parts/Panel";
import { Selector } from "../parts/Selector";
import { State } from "../parts/State";
import { isLive, shown } from "../parts/states";
import { trigger as begun } from "../parts/trigger";
import { useProject } from "../project";
import { go, refine, to, type Place } from "../route";

const FILTERS = [["", "All"], ["running", "Running"], ["failed", "Failed"], ["interrupted", "Interrupted"], ["cancelled", "Cancelled"]] as const;
const MEANT: Record<string, string> = { running: "queued,running,stopping", interrupted: "interrupted,detached" };
const TRIGGERS = [["terminal", "Command line"], ["browser", "This page"], ["retry", "Retry"]] as const;
const PERIODS = [["1", "Last 24 hours"], ["7", "Last 7 days"], ["30", "Last 30 days"]] as const;
const HOUR = 3_600_000;

/** Full hours, so that the question stays the same for one. */
export const since = (days: string, now: number): string | undefined => (Number(days) > 0 ? new Date(Math.floor(now / HOUR) * HOUR - Number(days) * 24 * HOUR).toISOString() : undefined);

export function Runs({ place }: { place: Place }) {
  const now = useNow(1000);
  const [limit, setLimit] = useState(50);
  const word = (name: string) => place.query.get(name) ?? "";
  const [state, select, tool, by, trigger, period] = ["state", "select", "tool", "by", "trigger", "period"].map(word) as [string, string, string, string, string, string];
  const query = { select: touching(select, tool), by, trigger, since: since(period, now) };
  const runs = useAsk<RunsDocument>("runs", { ...query, state: MEANT[state] ?? state, limit });
  const counts = useAsk<RunCountsDocument>("runcounts", query);
  const { project, automation } = useProject();
  useLive("runs", () => (runs.again(), counts.again()), 600);
  const cost = useAsk<CostDocument>("cost", { by: "run", days: 30 });
  const paid = new Map((cost.data?.lines ?? []).map((line) => [line.name, money(line.money)]));
  const billed = [...paid.values()].some(Boolean);
  const all = runs.data?.runs ?? [];
  useWatched(all.some((run) => isLive(run.state)), () => (runs.again(), counts.again()), 10_000);
  const told = counts.data?.states;
  const of = (state: string) => Object.entries(told ?? {}).reduce((sum, [name, size]) => (!state || (MEANT[state] ?? state).split(",").includes(name) ? sum + size : sum), 0);
  const filters = FILTERS.map(([key, words]) => [key, told ? `${words} ${count(of(key))}` : words] as const);
  const people = useRef(new Set(["automation", "terminal"])).current; // those of whom a run was seen here
  for (const { who } of all.map(begun)) if (who) people.add(who);
  return (
    <div className="page">
      <div className="head"><h1>Runs</h1><span className="soft">{told && `${count(of("running"))} running, ${count(of(""))} ${period ? `in the ${PERIODS.find(([one]) => one === period)?.[1].toLowerCase() ?? ""}` : "in all"}`}</span>{all.length > 1 && <div className="end"><a className="button" href={to("compare", `${all[1]!.number}..${all[0]!.number}`)}><Icon name="compare" size={14} />Compare two</a></div>}</div>
      <div className="head">
        <Segments label="State" options={filters} value={state as ""} choose={(one) => refine(place, { state: one })} />
        <Selector key={select} value={select} note="" label="That touched" empty="Asset or selection" done={(one) => refine(place, { select: one })} />
        <div className="end">
          <Choice label="Trigger" value={trigger} options={[...TRIGGERS, ...(automation.data?.schedules ?? []).map((one) => [`schedule:${one.name}`, one.name] as const)]} choose={(one) => refine(place, { trigger: one })} />
          <Choice label="Who" value={by} options={[...people]} choose={(one) => refine(place, { by: one })} />
          <Choice label="Tool" value={tool} options={Object.keys(project.as_of).filter((one) => !one.startsWith("warehouse/"))} choose={(one) => refine(place, { tool: one })} />
          <Choice label="Period" none="All the time" value={period} options={PERIODS} choose={(one) => refine(place, { period: one })} />
        </div>
      </div>
      <Activity now={now} days={Math.min(31, Number(period) || 7)} />
      {runs.error ? <Trouble error={runs.error} again={runs.again} /> : !runs.data ? <Loading /> : all.length === 0 ? (
        <Panel><Empty title={state || select || tool || by || trigger || period ? "No run is like this" : "Nothing has run here yet"} command="penstock build">Each run of penstock, from here, a terminal or a schedule, is kept with its steps and logs.</Empty></Panel>
      ) : (
        <Panel>
          <div className="scroll">
            <table>
              <thead><tr><th>Run</th><th>State</th><th>Selection</th><th className="hide-phone">Trigger</th><th className="only-wide">Who</th><th>Started</th><th className="number">Took</th><th className="hide-phone">Last like it</th><th className="hide-phone">Items</th><th className="number hide-phone">Reused</th>{billed && <th className="number hide-phone">Cost</th>}</tr></thead>
              <tbody>{all.map((run) => <Row key={run.id} run={run} all={all} now={now} cost={billed ? (paid.get(String(run.number)) ?? "") : null} />)}</tbody>
            </table>
          </div>
          <div className="body small soft spread"><span>{all.length} {told && !state ? `of ${count(of(""))} runs` : "shown"} {all.length >= limit && <button type="button" className="button small" onClick={() => setLimit(Math.min(1000, limit * 4))}>Older runs</button>}</span><span className="day-legend hide-phone">{PARTS.map(([words, colour]) => <span key={words}><i className="bar" style={{ background: colour }} />{words}</span>)}</span></div>
        </Panel>
      )}
    </div>
  );
}

/** Each word of a selection, and of it what the tool makes. */
export const touching = (select: string, tool: string): string => (tool ? (select.trim() ? select.trim().split(/\s+/).map((one) => `${one},tool:${tool}`).join(" ") : `tool:${tool}`) : select);

const LIKE = 20;

/** How long the last runs of the same selection took, this one at the end. */
function Like({ run, all }: { run: RunRecord; all: RunRecord[] }) {
  const same = all.filter((one) => one.selection === run.selection && one.number <= run.number && one.started_at && one.ended_at).slice(0, LIKE).reverse();
  const took = same.map((one) => Date.parse(one.ended_at!) - Date.parse(one.started_at!));
  const most = Math.max(1, ...took);
  return <span className="like" role="img" aria-label={`${plural(same.length, "run")} of this selection, the last took ${duration((took.at(-1) ?? 0) / 1000)}`}>{same.map((one, at) => <i key={one.id} className={one.state === "failed" ? "bad" : undefined} title={`#${one.number}, ${duration(took[at]! / 1000)}`} style={{ height: `${Math.max(12, (100 * took[at]!) / most)}%` }} />)}</span>;
}

function Row({ run, all, now, cost }: { run: RunRecord; all: RunRecord[]; now: number; cost: string | null }) {
  const from = run.started_at ?? run.created_at;
  return (
    <tr className="link" onClick={() => go(to("runs", String(run.number)))}>
      <td><a href={to("runs", String(run.number))} onClick={(event) => event.stopPropagation()}>#{run.number}</a></td>
      <td><State state={run.state} /></td>
      <td className="mono ellipsis">{run.selection || "everything"}</td>
      <td className="soft hide-phone" title={run.command}><Triggered run={run} /></td>
      <td className="soft only-wide">{begun(run).who}</td>
      <td className="soft">{moment(from, now)}</td>
      <td className="number">{duration(((run.ended_at ? Date.parse(run.ended_at) : now) - Date.parse(from)) / 1000)}</td>
      <td className="hide-phone"><Like run={run} all={all} /></td>
      <td className="hide-phone"><Split counts={run.counts} /></td>
      <td className="number hide-phone">{count(run.counts.reused ?? 0)}</td>
      {cost !== null && <td className="number hide-phone">{cost}</td>}
    </tr>
  );
}

function Triggered({ run }: { run: RunRecord }) {
  const { icon, words } = begun(run);
  return <span className="state"><Icon name={icon} size={14} /><span className="ellipsis">{words}</span></span>;
}

const WEEKDAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric" });

/** How long runs worked in each hour of the last days; an hour in which one failed is red. */
function Activity({ now, days }: { now: number; days: number }) {
  const asked = useAsk<ActivityDocument>("activity", { days });
  useLive("runs", asked.again, 5000);
  const told = asked.data;
  if (!told || told.hours.every((one) => one.runs === 0)) return null;
  const most = Math.max(...told.hours.map((one) => one.seconds), 1);
  const begin = Date.parse(told.since);
  const every = days > 7 ? 5 : 1; // days between two words
  const midnights = told.hours.flatMap((_, at) => (new Date(begin + at * HOUR).getHours() === 0 ? [at] : [])).filter((_, at) => at % every === 0);
  const at = (hour: number) => `${(100 * hour) / told.hours.length}%`;
  return (
    <div className="panel activity">
      <div className="muted small">Run time per hour, last {days === 1 ? "24 hours" : `${days} days`}</div>
      <div className="columns" role="list" aria-label="Run time per hour">
        {told.hours.map((one, hour) => one.runs > 0 && (
          <i
            key={hour}
            role="listitem"
            className={one.failed ? "bad" : undefined}
            style={{ left: at(hour), width: at(1), height: `${Math.max(6, (100 * one.seconds) / most)}%` }}
            title={`${moment(new Date(begin + hour * HOUR).toISOString(), now)}: ${plural(one.runs, "run")}, ${duration(one.seconds)}${one.failed ? `, ${one.failed} failed` : ""}`}
            aria-label={`${moment(new Date(begin + hour * HOUR).toISOString(), now)}: ${plural(one.runs, "run")}, ${one.failed} failed`}
          />
        ))}
      </div>
      <div className="hours" aria-hidden="true">{midnights.filter((hour) => hour < 0.9 * told.hours.length).map((hour) => <span key={hour} style={{ left: at(hour) }}>{WEEKDAY.format(begin + hour * HOUR)}</span>)}</div>
    </div>
  );
}

const PARTS = [["Built", "var(--ink-2)"], ["Reused", "color-mix(in srgb, var(--reuse) 45%, var(--panel))"], ["Skipped or left", "var(--line-strong)"], ["Failed", "var(--bad)"]] as const;

/** How the items ended, as one strip and in words. */
export function Split({ counts }: { counts: Record<string, number> }) {
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
  const built = of("success", "warn", "no_op");
  const failed = of("fail", "error", "partial");
  const parts = [built, of("reused"), of("skipped", "cancelled", "pending"), failed];
  const total = parts.reduce((sum, size) => sum + size, 0) || 1;
  return (
    <>
      <span className="split" aria-hidden="true">{parts.map((size, at) => size > 0 && <i key={at} style={{ width: `${(100 * size) / total}%`, background: PARTS[at]![1] }} />)}</span>
      {failed > 0 && <span className="tone-bad strong">{failed} failed, </span>}
      {built} {shown("success").label.toLowerCase()}
      {of("skipped") > 0 && <span className="soft">, {plural(of("skipped"), "skipped", "skipped")}</span>}
    </>
  );
}
