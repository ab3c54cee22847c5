/** One asset: how it is, its columns, how often it was made, its checks, what it reads and feeds, and the commands. */
import { useAsk } from "../api/client";
import { useLive } from "../api/live";
import type { AssetDocument, AssetState, ColumnsDocument, CostDocument, HistoryDocument, PolicyDocument, SqlDocument } from "../api/types";
import { useNow } from "../clock";
import { age, bytes, count, duration, from, moment, money, quoted } from "../parts/format";
import { Icon } from "../parts/Icon";
import { Command, Empty, Loading, Panel, Trouble } from "../parts/Panel";
import { State, StateIcon } from "../parts/State";
import { isBad, shown } from "../parts/states";
import { promised, stateOf, useProject } from "../project";
import { refine, to, type Place } from "../route";
import { Checks } from "./AssetChecks";
import { Sql } from "./AssetSql";
import { Why } from "./AssetWhy";
import { Lines } from "./Cost";
import { Chain } from "./Freshness";

export function Asset({ name, place }: { name: string; place: Place }) {
  const known = useProject();
  const now = useNow(15_000);
  const asked = useAsk<AssetDocument>("asset", { name });
  const history = useAsk<HistoryDocument>("history", { name, limit: 30 });
  const cost = useAsk<CostDocument>("cost", { by: "run", select: name, days: 90 });
  const sees = known.project.me.rights.includes("see_data");
  const sql = useAsk<SqlDocument>(sees ? "sql" : null, { name });
  const column = place.query.get("column");
  useLive("runs", history.again, 1000);
  const tab = place.query.get("tab") ?? "Overview";
  const state = known.status.get(asked.data?.name ?? name);
  const asset = asked.data;
  if (asked.error) return <div className="page"><Trouble error={asked.error} again={asked.again} /></div>;
  if (!asset) return <div className="page"><Loading /></div>;
  const columns = <Columns asset={asset} chosen={column} choose={(one) => refine(place, { column: one === column ? undefined : one })} />;
  const code = sees ? <Sql asked={sql} column={column} /> : tab === "SQL" && <Panel title="SQL"><div className="body muted">SQL needs the right see_data.</div></Panel>;
  return (
    <div className="page">
      <Head asset={asset} state={state} now={now} />
      <Tabs asset={asset} tab={tab} place={place} made={history.data?.materializations.length} />
      {tab === "Overview" ? (
        <div className="grid">
          <div className="span-8 stack">
            <History told={history.data} error={history.error} cost={cost.data} now={now} />
            {columns}
            <Checks name={asset.name} now={now} />
          </div>
          <div className="span-4 stack">
            <Why state={state} now={now} name={asset.name} />
            {code}
            <Panel title="Commands">
              <div className="body stack">
                <Command line={`penstock build -s ${quoted(`+${asset.name}`)}`} />
                <Command line={`penstock lineage ${quoted(asset.name)}`} />
                <Command line={`penstock why ${quoted(asset.name)}`} />
              </div>
            </Panel>
          </div>
        </div>
      ) : tab === "Columns" ? (
        <div className="grid"><div className="span-8">{columns}</div><div className="span-4">{code}</div></div>
      ) : tab === "Lineage" ? (
        <div className="grid">
          <div className="span-5"><Around title="Reads" names={asset.upstream} none="It reads nothing that is known." /></div>
          <div className="span-7"><Around title="Read by" names={asset.downstream} none="Nothing that is known reads it." /></div>
        </div>
      ) : tab === "Runs" ? <Times told={history.data} cost={cost.data} now={now} /> : tab === "Checks" ? <Checks name={asset.name} now={now} /> : tab === "SQL" ? code : tab === "Cost" ? (
        cost.data?.lines.length ? <Lines found={cost.data} by="run" /> : <Panel><Empty title="Nothing was spent in 90 days">What each run spends on it stands here.</Empty></Panel>
      ) : <Settings asset={asset} />}
    </div>
  );
}

const TABS = ["Overview", "Columns", "Lineage", "Runs", "Checks", "SQL", "Cost", "Settings"];

function Tabs({ asset, tab, place, made = 0 }: { asset: AssetDocument; tab: string; place: Place; made?: number }) {
  const sizes: Record<string, number> = { Columns: asset.columns.length, Lineage: asset.upstream.length + asset.downstream.length, Runs: made, Checks: asset.checks.length };
  return <nav className="tabs" aria-label="Of this asset">{TABS.map((one) => <a key={one} aria-current={one === tab ? "page" : undefined} href={to("asset", asset.name, { ...Object.fromEntries(place.query), tab: one === "Overview" ? "" : one })}>{one}{sizes[one] ? <span className="muted small"> {count(sizes[one])}</span> : ""}</a>)}</nav>;
}

function Head({ asset, state, now }: { asset: AssetDocument; state: AssetState | undefined; now: number }) {
  const made = asset.made_by;
  const known = useProject();
  const promise = known.promises.get(asset.name);
  const may = known.project.me.rights.includes("operate");
  return (
    <>
      <div className="small soft crumbs">{[known.project.environment, made && `${made.integration}/${made.instance}`, asset.path].filter(Boolean).map((one) => <span key={one}>{one}</span>)}</div>
      <div className="head">
        <h1>{asset.name}</h1>
        <State state={stateOf(state)} pill />
        {promise && <a className="plain-link" href={to("freshness")} title={promise.why}><State state={promised(promise)} pill words={promise.state === "ok" ? undefined : `${shown(promised(promise)).label}: ${promise.promised}`} /></a>}
        <div className="end">
          <a className="button" href={to("graph", "", { focus: asset.name, up: "2", down: "2" })}><Icon name="graph" size={14} />Show in graph</a>
          {state?.attempt_run && isBad(stateOf(state)) && may && <a className="button" href={to("launch", "", { retry: state.attempt_run })}><Icon name="retry" size={14} />Retry</a>}
          <a className="button primary" href={to("launch", "", { select: asset.name })}><Icon name="play" size={14} />Build</a>
        </div>
      </div>
      <div className="head small soft">
        <span>{asset.description || "No description."}</span>
        {asset.relation && <code>{asset.relation}</code>}
        <span>{asset.materialized ?? asset.resource_type}</span>
        <span>{asset.owner ? `Owner ${asset.owner}` : "No owner"}</span>
        {asset.tags.map((tag) => <a key={tag} className="tag" href={to("graph", "", { select: `tag:${tag}` })}>{tag}</a>)}
        {state?.made_at && <span>made {age(state.made_at, now)} ago{state.flags && <> with <code>{state.flags}</code></>}</span>}
        {asset.bytes != null && <span>{bytes(asset.bytes)}</span>}
      </div>
      {promise && (
        <div className="panel clock small">
          <span>{promise.as_of_at ? <>Data as of <b>{moment(promise.as_of_at, now)}</b></> : promise.timeless ? "Never gets old" : "Nothing is known of its age"}{promise.chain.length > 1 && <span className="soft"> because of</span>}</span>
          {promise.chain.length > 1 && <Chain names={promise.chain.slice(1)} />}
          <span className="end soft">{promise.ready_at ? `newer about ${moment(promise.ready_at, now)}, ${from(promise.ready_at, now)}` : promise.deadline_at ? `too old ${moment(promise.deadline_at, now)}, ${from(promise.deadline_at, now)}` : ""}</span>
        </div>
      )}
    </>
  );
}

type Made = HistoryDocument["materializations"][number];

/** What a run spent on it. One unit of money is plotted: the one of the last run that was billed. */
function spentOf(cost: CostDocument | undefined): { unit: string; of: (one: Made) => number | null } {
  const lines = new Map((cost?.lines ?? []).map((line) => [line.name.replace("#", ""), line.money]));
  const unit = [...lines.values()].flatMap((one) => Object.keys(one))[0] ?? "";
  return { unit, of: (one) => lines.get(String(one.run))?.[unit] ?? null };
}

function History({ told, error, cost, now }: { told: HistoryDocument | undefined; error: unknown; cost: CostDocument | undefined; now: number }) {
  const spent = spentOf(cost);
  const made = [...(told?.materializations ?? [])].reverse();
  const last = made.at(-1);
  const plots: [string, string, (one: Made) => number | null][] = [
    ["Rows", last?.rows != null ? count(last.rows) : "", (one) => one.rows],
    ["Duration", duration(last?.seconds), (one) => one.seconds],
    ["Size", bytes(last?.bytes), (one) => one.bytes],
    ["Cost", last && spent.of(last) !== null ? money({ [spent.unit]: spent.of(last)! }) : "", spent.of],
  ];
  const kept = plots.filter(([, , of]) => made.some((one) => of(one) !== null));
  return (
    <Panel title="Last times it was made" note={told ? count(made.length) : ""} end={kept.every(([label]) => label !== "Cost") && made.length > 0 ? <span className="muted small">nobody bills it</span> : undefined}>
      {error ? <div className="body muted">{String(error)}</div> : !told ? <Loading /> : made.length === 0 ? <Empty title="penstock has not made it yet" >Each time that a run makes it, rows, duration and size stand here.</Empty> : (
        <div className="figures">
          {(kept.length ? kept : plots.slice(0, 1)).map(([label, value, of]) => (
            <div key={label}><div className="label">{label}</div><div className="value">{value || "unknown"}</div><Spark made={made} of={of} label={label} now={now} /></div>
          ))}
        </div>
      )}
    </Panel>
  );
}

/** Every time that it was made, with its run. */
function Times({ told, cost, now }: { told: HistoryDocument | undefined; cost: CostDocument | undefined; now: number }) {
  const { of, unit } = spentOf(cost);
  if (!told?.materializations.length) return <Panel><Empty title="penstock has not made it yet" /></Panel>;
  return (
    <Panel>
      <div className="scroll">
        <table>
          <thead><tr><th>Run</th><th>State</th><th>Ended</th><th className="number">Took</th><th className="number">Rows</th><th className="number">Size</th>{unit && <th className="number">Cost</th>}</tr></thead>
          <tbody>
            {told.materializations.map((one, at) => (
              <tr key={at}><td>{one.run !== null && <a href={to("runs", String(one.run))}>#{one.run}</a>}</td><td><State state={one.outcome} /></td><td className="soft">{moment(one.ended_at, now)}</td><td className="number">{duration(one.seconds)}</td><td className="number">{one.rows !== null && count(one.rows)}</td><td className="number">{bytes(one.bytes)}</td>{unit && <td className="number">{of(one) !== null && money({ [unit]: of(one)! })}</td>}</tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

/** What it is, and which line of penstock.yml or of the project says what of it. */
function Settings({ asset }: { asset: AssetDocument }) {
  const fields = useAsk<PolicyDocument>("policy", { name: asset.name }).data?.fields ?? [];
  const made = asset.made_by;
  const facts = [["Made by", made && `${made.integration}/${made.instance}`], ["Kind", asset.materialized ?? asset.resource_type], ["Relation", asset.relation], ["Path", asset.path], ["Package", asset.package], ["Group", asset.group], ["Owner", asset.owner]].filter(([, value]) => value);
  return (
    <Panel title="Settings" end={<code className="muted small">penstock policy {asset.name}</code>}>
      <div className="scroll">
        <table>
          <tbody>
            {facts.map(([name, value]) => <tr key={name}><td className="soft">{name}</td><td className="mono wrap">{value}</td><td /></tr>)}
            {fields.map((one) => <tr key={one.name}><td className="soft">{one.name}</td><td className="mono wrap">{typeof one.value === "string" ? one.value : JSON.stringify(one.value)}</td><td className="muted small">{one.line}</td></tr>)}
          </tbody>
        </table>
      </div>
      {asset.materialized === "incremental" && <div className="body muted">Ranges of event time stand here once penstock keeps them. Until then each build counts for all of it.</div>}
    </Panel>
  );
}

function Spark({ made, of, label, now }: { made: Made[]; of: (one: Made) => number | null; label: string; now: number }) {
  const most = Math.max(...made.map((one) => of(one) ?? 0), 1e-9);
  return (
    <div className="spark" role="list" aria-label={`${label}, oldest first`}>
      {made.map((one, at) => {
        const words = `${one.run !== null ? `Run ${one.run}` : "A run"}, ${moment(one.ended_at, now)}: ${of(one) ?? "unknown"}`;
        return <a key={at} role="listitem" className={isBad(one.outcome) ? "bad" : ""} title={words} aria-label={words} href={one.run !== null ? to("runs", String(one.run)) : undefined} style={{ height: `${Math.max(4, (100 * (of(one) ?? 0)) / most)}%` }} />;
      })}
    </div>
  );
}

function Columns({ asset, chosen, choose }: { asset: AssetDocument; chosen: string | null; choose: (column: string) => void }) {
  const near = new Map(useAsk<ColumnsDocument>("columns", { name: asset.name }).data?.columns.map((one) => [one.name, one]));
  const tests = (column: string) => asset.checks.filter((check) => check.column?.toLowerCase() === column.toLowerCase()).length;
  return (
    <Panel title="Columns" note={count(asset.columns.length)}>
      {asset.columns.length === 0 ? <Empty title="No column is known" command="penstock refresh">Columns come from the catalogs of dbt and the warehouse, and from Airbyte's schemas.</Empty> : (
        <div className="scroll">
          <table>
            <thead><tr><th>Column</th><th>Type</th><th className="hide-phone">Description</th><th className="number">Checks</th><th className="number hide-phone">Upstream</th><th className="number hide-phone">Used by</th><th className="number">In the SQL</th><th className="number">Graph</th></tr></thead>
            <tbody>
              {asset.columns.map((column) => (
                <tr key={column.name} className={column.name === chosen ? "link chosen" : "link"} onClick={() => choose(column.name)}>
                  <td><a className="mono ink strong" href={to("column", `${asset.name}.${column.name}`)} onClick={(event) => event.stopPropagation()}>{column.name}</a></td>
                  <td className="mono soft">{column.type}</td>
                  <td className="wrap soft hide-phone">{column.description}</td>
                  <td className="number">{tests(column.name)}</td>
                  <td className="number hide-phone">{near.get(column.name)?.upstream}</td>
                  <td className="number hide-phone">{near.get(column.name)?.used_by}</td>
                  <td className="number"><button type="button" className="button small plain" aria-pressed={column.name === chosen} aria-label={`Mark ${column.name} in the SQL`} onClick={(event) => (event.stopPropagation(), choose(column.name))}><Icon name="terminal" size={14} /></button></td>
                  <td className="number"><a href={to("graph", "", { column: `${asset.name}.${column.name}` })} aria-label={`Show ${column.name} in the graph`}><Icon name="graph" size={14} /></a></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Around({ title, names, none }: { title: string; names: string[]; none: string }) {
  const known = useProject();
  return (
    <Panel title={title} note={count(names.length)}>
      {names.length === 0 ? <div className="body muted">{none}</div> : (
        <ul className="rows">
          {names.slice(0, 30).map((one) => <li key={one}><StateIcon state={stateOf(known.status.get(one))} /><a className="mono ink ellipsis" href={to("asset", one)}>{one}</a></li>)}
          {names.length > 30 && <li className="muted">{names.length - 30} more in the graph</li>}
        </ul>
      )}
    </Panel>
  );
}
