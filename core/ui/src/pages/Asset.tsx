/** One asset: how it is, its columns, how often it was made, its checks, what it reads and feeds, and the commands. */
import { useAsk } from "../api/client";
import { useLive } from "../api/live";
import type { AssetDocument, AssetState, HistoryDocument } from "../api/types";
import { useNow } from "../clock";
import { age, bytes, count, duration, moment, plural, quoted } from "../parts/format";
import { Icon } from "../parts/Icon";
import { Command, Empty, Loading, Panel, Trouble } from "../parts/Panel";
import { State, StateIcon } from "../parts/State";
import { checked, isBad } from "../parts/states";
import { stateOf, useProject } from "../project";
import { to, type Place } from "../route";

export function Asset({ name }: { name: string; place: Place }) {
  const known = useProject();
  const now = useNow(15_000);
  const asked = useAsk<AssetDocument>("asset", { name });
  const history = useAsk<HistoryDocument>("history", { name, limit: 30 });
  useLive("runs", history.again, 1000);
  const state = known.status.get(asked.data?.name ?? name);
  const asset = asked.data;
  if (asked.error) return <div className="page"><Trouble error={asked.error} again={asked.again} /></div>;
  if (!asset) return <div className="page"><Loading /></div>;
  return (
    <div className="page">
      <Head asset={asset} state={state} now={now} />
      <div className="grid">
        <div className="span-8 stack">
          <History told={history.data} error={history.error} now={now} />
          <Columns asset={asset} />
          <Checks asset={asset} state={state} now={now} />
        </div>
        <div className="span-4 stack">
          <Why state={state} now={now} name={asset.name} />
          <Around title="Reads" names={asset.upstream} none="It reads nothing that is known." />
          <Around title="Read by" names={asset.downstream} none="Nothing that is known reads it." />
          <Panel title="Commands">
            <div className="body stack">
              <Command line={`penstock build -s ${quoted(`+${asset.name}`)}`} />
              <Command line={`penstock lineage ${quoted(asset.name)}`} />
              <Command line={`penstock status -s ${quoted(asset.name)}`} />
            </div>
          </Panel>
        </div>
      </div>
    </div>
  );
}

function Head({ asset, state, now }: { asset: AssetDocument; state: AssetState | undefined; now: number }) {
  const made = asset.made_by;
  return (
    <>
      <div className="small soft">{[useProject().project.environment, made && `${made.integration}/${made.instance}`, asset.path].filter(Boolean).join("  ›  ")}</div>
      <div className="head">
        <h1>{asset.name}</h1>
        <State state={stateOf(state)} pill />
        <div className="end">
          <a className="button" href={to("graph", "", { focus: asset.name, up: "2", down: "2" })}><Icon name="graph" size={14} />Show in graph</a>
          <a className="button primary" href={to("launch", "", { select: asset.name })}><Icon name="play" size={14} />Build</a>
        </div>
      </div>
      <div className="head small soft">
        <span>{asset.description || "No description."}</span>
        {asset.relation && <code>{asset.relation}</code>}
        <span>{asset.materialized ?? asset.resource_type}</span>
        <span>{asset.owner ? `Owner ${asset.owner}` : "No owner"}</span>
        {asset.tags.map((tag) => <a key={tag} className="tag" href={to("graph", "", { select: `tag:${tag}` })}>{tag}</a>)}
        {state?.made_at && <span>made {age(state.made_at, now)} ago</span>}
        {asset.bytes != null && <span>{bytes(asset.bytes)}</span>}
      </div>
    </>
  );
}

type Made = HistoryDocument["materializations"][number];

function History({ told, error, now }: { told: HistoryDocument | undefined; error: unknown; now: number }) {
  const made = [...(told?.materializations ?? [])].reverse();
  const last = made.at(-1);
  const plots: [string, string, (one: Made) => number | null][] = [
    ["Rows", last?.rows != null ? count(last.rows) : "", (one) => one.rows],
    ["Duration", duration(last?.seconds), (one) => one.seconds],
    ["Size", bytes(last?.bytes), (one) => one.bytes],
  ];
  const kept = plots.filter(([, , of]) => made.some((one) => of(one) !== null));
  return (
    <Panel title="Last times it was made" note={told ? count(made.length) : ""}>
      {error ? <div className="body muted">{String(error)}</div> : !told ? <Loading /> : made.length === 0 ? <Empty title="penstock has not made it yet" >Each time that a run makes it, rows, duration and size stand here.</Empty> : (
        <div className="figures">
          {kept.map(([label, value, of]) => (
            <div key={label}><div className="label">{label}</div><div className="value">{value || "unknown"}</div><Spark made={made} of={of} label={label} now={now} /></div>
          ))}
        </div>
      )}
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

function Columns({ asset }: { asset: AssetDocument }) {
  const tests = (column: string) => asset.checks.filter((check) => check.column?.toLowerCase() === column.toLowerCase()).length;
  return (
    <Panel title="Columns" note={count(asset.columns.length)}>
      {asset.columns.length === 0 ? <Empty title="No column is known" command="penstock refresh">Columns come from the catalogs of dbt and the warehouse, and from Airbyte's schemas.</Empty> : (
        <div className="scroll">
          <table>
            <thead><tr><th>Column</th><th>Type</th><th className="hide-phone">Description</th><th className="number">Checks</th><th className="number">Lineage</th></tr></thead>
            <tbody>
              {asset.columns.map((column) => (
                <tr key={column.name}>
                  <td><a className="mono ink strong" href={to("column", `${asset.name}.${column.name}`)}>{column.name}</a></td>
                  <td className="mono soft">{column.type}</td>
                  <td className="wrap soft hide-phone">{column.description}</td>
                  <td className="number">{tests(column.name)}</td>
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

function Checks({ asset, state, now }: { asset: AssetDocument; state: AssetState | undefined; now: number }) {
  const last = new Map((state?.checks ?? []).map((one) => [one.name, one]));
  return (
    <Panel title="Checks" note={count(asset.checks.length)}>
      {asset.checks.length === 0 ? <Empty title="Nothing checks it">Tests of dbt stand here with their last result.</Empty> : (
        <ul className="rows">
          {asset.checks.map((check) => {
            const result = last.get(check.name);
            return <li key={check.name}><span className="mono ellipsis">{check.name}</span><span className="muted small">{check.column}</span><span className="end state"><State state={checked(result?.outcome)} words={result ? undefined : "Not run yet"} /><span className="muted small">{age(result?.ended_at, now)}</span></span></li>;
          })}
        </ul>
      )}
    </Panel>
  );
}

function Why({ state, now, name }: { state: AssetState | undefined; now: number; name: string }) {
  return (
    <Panel title="How it came to be" end={<code className="muted small">penstock status</code>}>
      <div className="body stack">
        {state?.made_at ? (
          <div className="state"><StateIcon state={state.outcome} /><span>Made {moment(state.made_at, now)}{state.by ? ` by ${state.by}` : ""}{state.seconds != null ? `, in ${duration(state.seconds)}` : ""}</span></div>
        ) : (
          <div className="state"><StateIcon state="never" /><span>{name} was never made, as far as is known.</span></div>
        )}
        {state?.last_attempt && (
          <div><div className="state"><StateIcon state={state.last_attempt} /><span>Last try {moment(state.attempted_at, now)}</span></div>{state.message && <code className="tone-bad small">{state.message}</code>}{state.attempt_run && <div><a href={to("runs", state.attempt_run)}>Open the run</a></div>}</div>
        )}
        {state?.rows != null && <div className="soft">{plural(state.rows, "row")}</div>}
      </div>
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
