/** Two runs beside each other: what came out otherwise, what took longer, what one of them had alone. */
import { useAsk } from "../api/client";
import type { ItemRecord, RunDocument, RunsDocument } from "../api/types";
import { count, duration, moment, plural } from "../parts/format";
import { Icon, kindIcon } from "../parts/Icon";
import { Empty, Loading, Panel, Trouble } from "../parts/Panel";
import { State } from "../parts/State";
import { shown } from "../parts/states";
import { go, to, type Place } from "../route";
import { stateOfItem } from "./Run";

export interface Pair {
  name: string;
  before: ItemRecord | undefined;
  after: ItemRecord | undefined;
}

/** Items of both by their key: those that came out otherwise first, then by how much their time has changed. */
export function paired(before: readonly ItemRecord[], after: readonly ItemRecord[]): Pair[] {
  const key = (item: ItemRecord) => item.key.join("|");
  const first = new Map(before.map((item) => [key(item), item]));
  const pairs: Pair[] = after.map((item) => ({ name: item.name, before: first.get(key(item)), after: item }));
  const seen = new Set(after.map(key));
  pairs.push(...before.filter((item) => !seen.has(key(item))).map((item) => ({ name: item.name, before: item, after: undefined })));
  const weight = (pair: Pair) => (differs(pair) ? 1e9 : 0) + Math.abs(slower(pair) ?? 0);
  return pairs.sort((a, b) => weight(b) - weight(a));
}
export const differs = ({ before, after }: Pair): boolean => shown(before?.state ?? "left").label !== shown(after?.state ?? "left").label;
export const slower = ({ before, after }: Pair): number | null => (before?.seconds != null && after?.seconds != null ? after.seconds - before.seconds : null);

export function Compare({ place }: { place: Place }) {
  const [one = "", other = ""] = place.part.split("..");
  const before = useAsk<RunDocument>(one ? `runs/${encodeURIComponent(one)}` : null);
  const after = useAsk<RunDocument>(other ? `runs/${encodeURIComponent(other)}` : null);
  const runs = useAsk<RunsDocument>("runs", { limit: 100 });
  const choose = (label: string, value: string, at: 0 | 1) => (
    <label className="field"><span className="muted">{label}</span>
      <select value={value} onChange={(event) => go(to("compare", at === 0 ? `${event.target.value}..${other}` : `${one}..${event.target.value}`))}>
        {!value && <option value="">choose</option>}
        {[...new Set([...(runs.data?.runs ?? []).map((run) => String(run.number)), ...(value ? [value] : [])])].map((number) => <option key={number} value={number}>#{number}</option>)}
      </select>
    </label>
  );
  const error = before.error ?? after.error;
  return (
    <div className="page">
      <div className="head"><a href={to("runs")} className="soft">Runs</a><Icon name="right" size={12} /><h1>Compare two</h1><div className="end">{choose("Before", one, 0)}{choose("After", other, 1)}</div></div>
      {error ? <Trouble error={error} /> : !one || !other ? <Panel><Empty title="Choose two runs">Items that came out otherwise stand first, then those whose time has changed most.</Empty></Panel> : !before.data || !after.data ? <Loading /> : <Table before={before.data} after={after.data} />}
    </div>
  );
}

function Table({ before, after }: { before: RunDocument; after: RunDocument }) {
  const pairs = paired(before.items, after.items);
  const changed = pairs.filter(differs).length;
  const took = (run: RunDocument["run"]) => (run.ended_at ? (Date.parse(run.ended_at) - Date.parse(run.started_at ?? run.created_at)) / 1000 : null);
  return (
    <div className="stack">
      <div className="panel figures facts">
        {[before, after].map(({ run }) => <a key={run.id} href={to("runs", String(run.number))}><div className="label">#{run.number}, {moment(run.started_at ?? run.created_at, Date.now())}</div><div className="state"><State state={run.state} /> <span className="value plain">{duration(took(run))}</span></div></a>)}
        <div><div className="label">Came out otherwise</div><div className="value plain">{plural(changed, "item")}</div></div>
        <div><div className="label">Graph</div><div className="value plain">{before.run.graph_hash === after.run.graph_hash ? "the same" : "has changed"}</div></div>
      </div>
      <Panel title="Items" note={count(pairs.length)}>
        <div className="scroll"><table>
          <thead><tr><th>Item</th><th>#{before.run.number}</th><th>#{after.run.number}</th><th className="number">Before</th><th className="number">After</th><th className="number">Difference</th><th className="number hide-phone">Rows</th></tr></thead>
          <tbody>{pairs.slice(0, 300).map((pair) => <Row key={(pair.after ?? pair.before)!.key.join("|")} pair={pair} />)}</tbody>
        </table></div>
      </Panel>
    </div>
  );
}

function Row({ pair }: { pair: Pair }) {
  const { name, before, after } = pair;
  const item = (after ?? before)!;
  const by = slower(pair);
  const rows = before?.rows != null && after?.rows != null ? after.rows - before.rows : null;
  return (
    <tr className={differs(pair) && after && shown(after.state).tone === "bad" ? "failed" : ""}>
      <td className="named"><span className="state"><Icon name={kindIcon(item.kind, item.resource_type)} size={14} />{item.kind === "check" ? <span className="mono ellipsis" title={name}>{name}</span> : <a className="mono ink ellipsis" href={to("asset", name)}>{name}</a>}</span></td>
      <td>{before ? <State state={stateOfItem(before)} /> : <span className="muted">not planned</span>}</td>
      <td>{after ? <State state={stateOfItem(after)} /> : <span className="muted">not planned</span>}</td>
      <td className="number">{duration(before?.seconds)}</td>
      <td className="number">{duration(after?.seconds)}</td>
      <td className={`number${by !== null && by > 1 && before?.seconds && by > before.seconds * 0.2 ? " tone-warn" : ""}`}>{by === null || Math.abs(by) < 0.05 ? "" : `${by > 0 ? "+" : "−"}${duration(Math.abs(by))}`}</td>
      <td className="number hide-phone">{rows ? `${rows > 0 ? "+" : "−"}${count(Math.abs(rows))}` : ""}</td>
    </tr>
  );
}
