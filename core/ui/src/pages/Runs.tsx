/** The history: every run with how it ended, what it made, and its command. */
import { useRef, useState } from "react";
import { useAsk } from "../api/client";
import { useLive, useWatched } from "../api/live";
import type { ActivityDocument, CostDocument, RunRecord, RunsDocument } from "../api/types";
import { useNow } from "../clock";
import { count, duration, moment, money, plural } from "../parts/format";
import { Icon } from "../parts/Icon";
import { Choice, Empty, Loading, Panel, Segments, Trouble } from "../parts/Panel";
import { Selector } from "../parts/Selector";
import { State } from "../parts/State";
import { isLive, shown } from "../parts/states";
import { trigger } from "../parts/trigger";
import { useProject } from "../project";
import { go, refine, to, type Place } from "../route";

const FILTERS = [["", "All"], ["running", "Running"], ["failed", "Failed"], ["interrupted", "Interrupted"], ["cancelled", "Cancelled"]] as const;

export function Runs({ place }: { place: Place }) {
  const now = useNow(1000);
  const [limit, setLimit] = useState(50);
  const word = (name: string) => place.query.get(name) ?? "";
  const [state, select, tool, by] = ["state", "select", "tool", "by"].map(word) as [string, string, string, string];
  const runs = useAsk<RunsDocument>("runs", { state, select: touching(select, tool), by, limit });
  useLive("runs", runs.again, 600);
  const cost = useAsk<CostDocument>("cost", { by: "run", days: 30 });
  const paid = new Map((cost.data?.lines ?? []).map((line) => [line.name, money(line.money)]));
  const billed = [...paid.values()].some(Boolean);
  const all = runs.data?.runs ?? [];
  useWatched(all.some((run) => isLive(run.state)), runs.again, 10_000);
  const people = useRef(new Set(["automation", "terminal"])).current; // those of whom a run was seen here
  for (const { who } of all.map(trigger)) if (who) people.add(who);
  return (
    <div className="page">
      <div className="head"><h1>Runs</h1><span className="soft">{all.filter((run) => isLive(run.state)).length} running</span>{all.length > 1 && <div className="end"><a className="button" href={to("compare", `${all[1]!.number}..${all[0]!.number}`)}><Icon name="compare" size={14} />Compare two</a></div>}</div>
      <div className="head">
        <Segments label="State" options={FILTERS} value={state as ""} choose={(one) => refine(place, { state: one })} />
        <Selector key={select} value={select} note="" label="That touched" empty="Asset or selection" done={(one) => refine(place, { select: one })} />
        <div className="end">
          <Choice label="Who" value={by} options={[...people]} choose={(one) => refine(place, { by: one })} />
          <Choice label="Tool" value={tool} options={Object.keys(useProject().project.as_of).filter((one) => !one.startsWith("warehouse/"))} choose={(one) => refine(place, { tool: one })} />
        </div>
      </div>
      <Activity now={now} />
      {runs.error ? <Trouble error={runs.error} again={runs.again} /> : !runs.data ? <Loading /> : all.length === 0 ? (
        <Panel><Empty title={state || select || tool || by ? "No run is like this" : "Nothing has run here yet"} command="penstock build">Each run of penstock, from here, a terminal or a schedule, is kept with its steps and logs.</Empty></Panel>
      ) : (
        <Panel>
          <div className="scroll">
            <table>
              <thead><tr><th>Run</th><th>State</th><th>Selection</th><th className="hide-phone">Trigger</th><th className="only-wide">Who</th><th>Started</th><th className="number">Took</th><th className="hide-phone">Last like it</th><th className="hide-phone">Items</th><th className="number hide-phone">Reused</th>{billed && <th className="number hide-phone">Cost</th>}</tr></thead>
              <tbody>{all.map((run) => <Row key={run.id} run={run} all={all} now={now} cost={billed ? (paid.get(String(run.number)) ?? "") : null} />)}</tbody>
            </table>
          </div>
          <div className="body small soft">{all.length} shown {all.length >= limit && <button type="button" className="button small" onClick={() => setLimit(Math.min(1000, limit * 4))}>Older runs</button>}</div>
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
  const begun = run.started_at ?? run.created_at;
  return (
    <tr className="link" onClick={() => go(to("runs", String(run.number)))}>
      <td><a href={to("runs", String(run.number))} onClick={(event) => event.stopPropagation()}>#{run.number}</a></td>
      <td><State state={run.state} /></td>
      <td className="mono ellipsis">{run.selection || "everything"}</td>
      <td className="soft hide-phone" title={run.command}><Triggered run={run} /></td>
      <td className="soft only-wide">{trigger(run).who}</td>
      <td className="soft">{moment(begun, now)}</td>
      <td className="number">{duration(((run.ended_at ? Date.parse(run.ended_at) : now) - Date.parse(begun)) / 1000)}</td>
      <td className="hide-phone"><Like run={run} all={all} /></td>
      <td className="hide-phone"><Split counts={run.counts} /></td>
      <td className="number hide-phone">{count(run.counts.reused ?? 0)}</td>
      {cost !== null && <td className="number hide-phone">{cost}</td>}
    </tr>
  );
}

function Triggered({ run }: { run: RunRecord }) {
  const { icon, words } = trigger(run);
  return <span className="state"><Icon name={icon} size={14} /><span className="ellipsis">{words}</span></span>;
}

const DAYS = 7;
const WEEKDAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric" });

/** How long runs worked in each hour of the last days; an hour in which one failed is red. */
function Activity({ now }: { now: number }) {
  const asked = useAsk<ActivityDocument>("activity", { days: DAYS });
  useLive("runs", asked.again, 5000);
  const told = asked.data;
  if (!told || told.hours.every((one) => one.runs === 0)) return null;
  const most = Math.max(...told.hours.map((one) => one.seconds), 1);
  const begin = Date.parse(told.since);
  const midnights = told.hours.flatMap((_, at) => (new Date(begin + at * 3_600_000).getHours() === 0 ? [at] : []));
  const at = (hour: number) => `${(100 * hour) / told.hours.length}%`;
  return (
    <div className="panel activity">
      <div className="muted small">Run time per hour, last {DAYS} days</div>
      <div className="columns" role="list" aria-label="Run time per hour">
        {told.hours.map((one, hour) => one.runs > 0 && (
          <i
            key={hour}
            role="listitem"
            className={one.failed ? "bad" : undefined}
            style={{ left: at(hour), width: at(1), height: `${Math.max(6, (100 * one.seconds) / most)}%` }}
            title={`${moment(new Date(begin + hour * 3_600_000).toISOString(), now)}: ${plural(one.runs, "run")}, ${duration(one.seconds)}${one.failed ? `, ${one.failed} failed` : ""}`}
            aria-label={`${moment(new Date(begin + hour * 3_600_000).toISOString(), now)}: ${plural(one.runs, "run")}, ${one.failed} failed`}
          />
        ))}
      </div>
      <div className="hours" aria-hidden="true">{midnights.filter((hour) => hour < 0.9 * told.hours.length).map((hour) => <span key={hour} style={{ left: at(hour) }}>{WEEKDAY.format(begin + hour * 3_600_000)}</span>)}</div>
    </div>
  );
}

/** How the items ended, as one strip and in words. */
export function Split({ counts }: { counts: Record<string, number> }) {
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
  const built = of("success", "warn", "no_op");
  const parts = [["var(--ink-2)", built], ["color-mix(in srgb, var(--reuse) 45%, var(--panel))", of("reused")], ["var(--bad)", of("fail", "error", "partial")], ["var(--line-strong)", of("skipped", "cancelled", "pending")]] as const;
  const total = parts.reduce((sum, [, size]) => sum + size, 0) || 1;
  const failed = parts[2][1];
  return (
    <>
      <span className="split" aria-hidden="true">{parts.map(([colour, size]) => size > 0 && <i key={colour} style={{ width: `${(100 * size) / total}%`, background: colour }} />)}</span>
      {failed > 0 && <span className="tone-bad strong">{failed} failed, </span>}
      {built} {shown("success").label.toLowerCase()}
      {of("skipped") > 0 && <span className="soft">, {plural(of("skipped"), "skipped", "skipped")}</span>}
    </>
  );
}
