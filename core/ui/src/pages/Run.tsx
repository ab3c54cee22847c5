/** One run, live: what failed first, the timeline, the items with their reasons, the log of a step. */
import { useState } from "react";
import { ApiProblem, post, useAsk } from "../api/client";
import { useLive, useWatched } from "../api/live";
import type { CostDocument, ItemRecord, RunDocument, RunRecord, RunsDocument, Started, TimelineDocument, WhyDocument } from "../api/types";
import { useNow } from "../clock";
import { count, duration, moment, money, plural, zoned } from "../parts/format";
import { Icon, kindIcon } from "../parts/Icon";
import { Command, Loading, Panel, Segments, Trouble } from "../parts/Panel";
import { State, StateIcon } from "../parts/State";
import { checked, isBad, isLive, shown } from "../parts/states";
import { useProject } from "../project";
import { trigger } from "../parts/trigger";
import { refine, to, type Place } from "../route";
import { Failing } from "./AssetSql";
import { Log } from "./Log";
import { Timeline } from "./Timeline";

export function Run({ run, place }: { run: string; place: Place }) {
  const now = useNow(1000);
  const asked = useAsk<RunDocument>(`runs/${encodeURIComponent(run)}`);
  const time = useAsk<TimelineDocument>(`runs/${encodeURIComponent(run)}/timeline`);
  const runs = useAsk<RunsDocument>("runs", { limit: 100 });
  useLive("runs", () => (asked.again(), time.again()), 500);
  useWatched(asked.data !== undefined && isLive(asked.data.run.state), asked.again, 4000);
  const [told, setTold] = useState("");
  const detail = asked.data;
  if (asked.error && !detail) return <div className="page"><Trouble error={asked.error} again={asked.again} /></div>;
  if (!detail) return <div className="page"><Loading /></div>;
  const { number, state } = detail.run;
  const like = (runs.data?.runs ?? []).filter((one) => one.number < number && one.selection === detail.run.selection);
  const before = like[0];
  const bad = detail.items.filter((item) => isBad(item.state));
  const steer = (verb: "cancel" | "resume") =>
    post<Started>(`runs/${number}/${verb}`, {}).then(
      () => (setTold(verb === "cancel" ? "The run was asked to stop." : "The run goes on."), asked.again()),
      (error: unknown) => setTold(error instanceof ApiProblem ? `${error.title}. ${error.detail} ${error.hint}` : String(error)),
    );
  const step = place.query.get("step") ?? bad.find((item) => item.step)?.step ?? detail.steps.find((one) => one.state === "running")?.id ?? detail.steps[0]?.id;
  const left = detail.items.filter((item) => isBad(item.state) || item.state === "skipped" || item.state === "cancelled").length;
  return (
    <div className="page">
      <div className="head">
        <a href={to("runs")} className="soft">Runs</a><Icon name="right" size={12} />
        <h1>#{number}</h1><State state={state} pill /><code className="ellipsis">{detail.run.command.startsWith("penstock") ? detail.run.command : detail.run.selection || "everything"}</code>
        <div className="end">
          {before && <a className="button" href={to("compare", `${before.number}..${number}`)}><Icon name="compare" size={14} />Compare with #{before.number}</a>}
          {isLive(state) && <button type="button" className="button" onClick={() => void steer("cancel")}>Cancel</button>}
          {resumable(detail.run, now) && <button type="button" className="button primary" onClick={() => void steer("resume")}>Resume</button>}
          {!isLive(state) && left > 0 && <a className="button primary" href={to("launch", "", { retry: String(number) })}><Icon name="retry" size={14} />Retry {plural(left, "item")}</a>}
        </div>
      </div>
      {told && <div className="toast" role="status">{told}</div>}
      <div className="stack">
        <Facts detail={detail} like={like} now={now} />
        {bad.length > 0 && <Failure items={bad} detail={detail} now={now} />}
        <Panel title="Timeline" note={plural(detail.steps.length, "step")} end={<TimelineLegend />}>
          {time.data ? <Timeline told={time.data} live={isLive(state)} begun={detail.run.started_at} now={now} choose={(id) => refine(place, { step: id })} /> : time.error ? <div className="body muted">No step has begun.</div> : <Loading />}
        </Panel>
        <div className="grid">
          <div className="span-7"><Items items={detail.items} now={now} /></div>
          <div className="span-5">{step ? <Log key={step} run={String(number)} step={step} steps={detail.steps.map((one) => one.id)} choose={(id) => refine(place, { step: id })} /> : <Panel title="Log"><div className="body muted">A step that runs writes its log here.</div></Panel>}</div>
        </div>
      </div>
    </div>
  );
}

/** Left by its coordinator; or recorded and not begun for so long that nobody will. */
export const resumable = (run: RunRecord, now: number): boolean =>
  run.state === "interrupted" || run.state === "detached" || (run.state === "queued" && !run.owner && now - Date.parse(run.created_at) > 15_000);

/** A check is not built: what is good for an asset is "passed" for a check. */
export const stateOfItem = (item: ItemRecord): string => (item.kind === "check" ? checked(item.state) : item.state);

const TimelineLegend = () => (
  <span className="small soft only-wide"><span className="edge-kind critical-key">Critical path is full colour, underlined</span> · hatched: waits</span>
);

/** How long most of them took: the middle one. */
export function usual(runs: readonly RunRecord[]): number | null {
  const took = runs.flatMap((one) => (one.started_at && one.ended_at && one.state === "succeeded" ? [(Date.parse(one.ended_at) - Date.parse(one.started_at)) / 1000] : [])).sort((a, b) => a - b);
  return took[took.length >> 1] ?? null;
}

function Facts({ detail, like, now }: { detail: RunDocument; like: RunRecord[]; now: number }) {
  const { run, items } = detail;
  const paid = useAsk<CostDocument>("cost", { by: "run", days: 30 }).data?.lines.find((one) => one.name === String(run.number))?.money ?? {};
  const { icon, words, who } = trigger(run);
  const often = usual(like);
  const warned = items.filter((item) => item.state === "warn").length;
  const begun = run.started_at ?? run.created_at;
  const of = (state: string) => items.filter((item) => shown(stateOfItem(item)).label === shown(state).label).length;
  const facts: [string, React.ReactNode][] = [
    ["Trigger", <span key="w" className="state" title={words}><Icon name={icon} size={14} /><span className="ellipsis">{words}</span></span>],
    ...(who ? [["By", who] satisfies [string, string]] : []),
    ...Object.entries(run.flags).map(([name, flags]) => [`${name} with`, <code key="x">{flags}</code>] satisfies [string, React.ReactNode]),
    ["Started", moment(begun, now)],
    ["Took", <>{duration(((run.ended_at ? Date.parse(run.ended_at) : now) - Date.parse(begun)) / 1000)}{often !== null && <span className="muted small"> usual {duration(often)}</span>}</>],
    ["Failed", <State key="f" state="failed" words={count(items.filter((item) => isBad(item.state)).length)} />],
    ["Skipped", <State key="k" state="skipped" words={count(of("skipped"))} />],
    ["Built", <State key="b" state="success" words={count(of("success"))} />],
    ["Checks", <><State state="pass" words={count(of("pass"))} />{warned > 0 && <> <State state="warn" words={count(warned)} /></>}</>],
    ["Reused", <State key="r" state="reused" words={count(of("reused"))} />],
    ...(Object.keys(paid).length ? [["Cost", money(paid)] satisfies [string, string]] : []),
    ["Graph", <span key="g" className="mono">{run.graph_hash.slice(0, 8)}</span>],
  ];
  return <div className="panel figures facts">{facts.map(([label, value]) => <div key={label}><div className="label">{label}</div><div className="value plain ellipsis">{value}</div></div>)}</div>;
}

function Failure({ items, detail, now }: { items: ItemRecord[]; detail: RunDocument; now: number }) {
  const first = items.find((item) => !item.cause) ?? items[0]!;
  const held = detail.items.filter((item) => item.cause && item.state === "skipped");
  const sees = useProject().project.me.rights.includes("see_data");
  const tail = detail.attempts.filter((one) => one.step === first.step).at(-1)?.tail ?? [];
  const why = useAsk<WhyDocument>(first.kind === "check" ? null : "why", { name: first.name, run: String(detail.run.number) }).data;
  return (
    <Panel className="bad failure">
      <div className="body stack">
        <div className="state"><StateIcon state="failed" size={16} /><a className="mono ink strong" href={to("asset", first.name)}>{first.name}</a><span className="strong">failed</span>{items.length > 1 && <span className="muted">and {items.length - 1} more</span>}</div>
        {first.message && <code className="tone-bad">{first.message}</code>}
        <dl className="pairs small">
          <dt>What changed</dt><dd>{zoned(why?.reason ?? first.reason, now)}{why?.because.map((link) => <div key={link.name}>because of <a className="mono ink" href={to("asset", link.name)}>{link.name}</a>: {zoned(link.reason, now)}</div>)}</dd>
          <dt>Holds back</dt><dd>{held.length ? `${plural(held.length, "item")}: ${held.slice(0, 6).map((item) => item.name).join(", ")}${held.length > 6 ? " …" : ""}` : "nothing"}</dd>
        </dl>
        {!first.message && tail.length > 0 && <pre className="sql small">{tail.slice(-8).join("\n")}</pre>}
        <Command line={`penstock retry ${detail.run.number}`} />
      </div>
      {/* Asked again once the run is over: its SQL is known only when its tool has ended. */}
      {sees && first.kind !== "check" && <Failing key={detail.run.ended_at} name={first.name} said={[first.message, ...tail].join("\n")} />}
    </Panel>
  );
}

const WEIGHT: Record<string, number> = { bad: 0, warn: 1, accent: 2, idle: 3, ok: 4, reuse: 5, risk: 5 };
const weight = (item: ItemRecord): number => (item.state === "left" ? 9 : WEIGHT[shown(item.state).tone]!);

function Items({ items, now }: { items: ItemRecord[]; now: number }) {
  const [order, setOrder] = useState<"attention" | "plan">("attention");
  const [most, setMost] = useState(100);
  const planned = items.filter((item) => item.code !== "not-selected");
  const sorted = order === "plan" ? planned : [...planned].sort((a, b) => weight(a) - weight(b));
  return (
    <Panel title="Items" note={count(planned.length)} end={<Segments label="Order" options={[["attention", "Needs attention first"], ["plan", "By order"]] as const} value={order} choose={setOrder} />}>
      <div className="scroll">
        <table className="items">
          <thead><tr><th>State</th><th>Item</th><th>Reason</th><th className="number">Took</th><th className="number">Rows</th></tr></thead>
          <tbody>
            {sorted.slice(0, most).map((item) => (
              <tr key={item.key.join("|")} className={isBad(item.state) ? "failed" : ""}>
                <td><State state={stateOfItem(item)} /></td>
                <td className="named"><span className="state"><Icon name={kindIcon(item.kind, item.resource_type)} size={14} />{item.kind === "check" ? <span className="mono ellipsis" title={item.name}>{item.name}</span> : <a className="mono ink ellipsis" title={item.name} href={to("asset", item.name)}>{item.name}</a>}</span></td>
                <td className="wrap soft small"><div className="clamp" title={item.message ?? item.reason}>{item.message ?? (item.cause ? `upstream ${item.cause} failed` : zoned(item.reason, now))}</div></td>
                <td className="number">{item.state === "skipped" ? "" : duration(item.seconds)}</td>
                <td className="number">{item.rows === null ? "" : count(item.rows)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {planned.length > most && <div className="body"><button type="button" className="button small" onClick={() => setMost(most + 500)}>{planned.length - most} more</button></div>}
    </Panel>
  );
}
