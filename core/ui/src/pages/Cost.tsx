/** What was spent: wall time, and money where a warehouse tells it, by asset, run, owner or tag. */
import { useAsk } from "../api/client";
import type { CostDocument, Spent } from "../api/types";
import { bytes, count, duration, money, moment } from "../parts/format";
import { Command, Empty, Loading, Panel, Segments, Trouble } from "../parts/Panel";
import { Selector } from "../parts/Selector";
import { refine, to, type Place } from "../route";

const BY = [["asset", "Asset"], ["run", "Run"], ["owner", "Owner"], ["tag", "Tag"]] as const;
const DAYS = [["1", "1 day"], ["7", "7 days"], ["30", "30 days"]] as const;
type By = (typeof BY)[number][0];

export function Cost({ place }: { place: Place }) {
  const by = (place.query.get("by") ?? "asset") as By;
  const days = (place.query.get("days") ?? "7") as (typeof DAYS)[number][0];
  const select = place.query.get("select") ?? "";
  const asked = useAsk<CostDocument>("cost", { by, days, select });
  const found = asked.data;
  return (
    <div className="page">
      <div className="head"><h1>Cost</h1><span className="soft">wall time here, and money where the warehouse tells it</span></div>
      <div className="head">
        <Selector key={select} value={select} note="" done={(text) => refine(place, { select: text || undefined })} />
        <Segments label="By" options={BY} value={by} choose={(one) => refine(place, { by: one })} />
        <Segments label="How far back" options={DAYS} value={days} choose={(one) => refine(place, { days: one })} />
      </div>
      {asked.error ? <Trouble error={asked.error} again={asked.again} /> : !found ? <Loading /> : found.lines.length === 0 ? (
        <Panel><Empty title={`Nothing was spent since ${moment(found.since, Date.now())}`} command="penstock build">Each run's time is kept by asset; money comes from the warehouse, as it tells it.</Empty></Panel>
      ) : <Lines found={found} by={by} />}
      <div className="empty"><Command line={`penstock cost --by ${by} --since ${days}d`} /></div>
    </div>
  );
}

export function Lines({ found, by }: { found: CostDocument; by: By }) {
  const billed = Object.keys(found.total.money).length > 0;
  const read = found.total.bytes !== null;
  const worked = found.total.warehouse_seconds !== null;
  const most = Math.max(...found.lines.map((line) => line.seconds), 1e-9);
  const figures: [string, string][] = [["Time", duration(found.total.seconds)], ["In the warehouse", worked ? duration(found.total.warehouse_seconds) : "not told"], ["Read", read ? bytes(found.total.bytes) : "not told"], ["Money", billed ? money(found.total.money) : "nobody bills it"], ["Runs", count(found.total.runs)]];
  return (
    <div className="stack">
      <div className="panel figures">{figures.map(([label, value]) => <div key={label}><div className="label">{label}</div><div className="value plain">{value}</div></div>)}</div>
      <Panel title={`By ${by}`} note={`${found.lines.length}, the dearest first`} end={found.without_money > 0 && billed ? <span className="muted small">{found.without_money} items without money: not billed, or not told yet</span> : undefined}>
        <div className="scroll"><table>
          <thead><tr><th>{by.charAt(0).toUpperCase() + by.slice(1)}</th><th className="number">Runs</th><th className="hide-phone">Share</th><th className="number">Time</th>{worked && <th className="number">In the warehouse</th>}{read && <th className="number">Read</th>}{billed && <th className="number">Money</th>}</tr></thead>
          <tbody>
            {found.lines.slice(0, 200).map((line) => <Line key={line.name} line={line} by={by} most={most} {...{ worked, read, billed }} />)}
            {found.rest.seconds >= 0.05 && <Line line={found.rest} by="tag" most={most} {...{ worked, read, billed }} />}
          </tbody>
        </table></div>
        {by === "tag" && <div className="body small soft">An asset counts under each of its tags: the lines sum to more than the total.</div>}
      </Panel>
    </div>
  );
}

function Line({ line, by, most, worked, read, billed }: { line: Spent; by: By; most: number; worked: boolean; read: boolean; billed: boolean }) {
  const link = by === "asset" ? to("asset", line.name) : by === "run" ? to("runs", line.name) : by === "tag" && !line.name.startsWith("(") ? to("graph", "", { select: `tag:${line.name}` }) : undefined;
  return (
    <tr>
      <td className="mono">{link ? <a className="ink" href={link}>{by === "run" ? `#${line.name}` : line.name}</a> : line.name}</td>
      <td className="number">{line.runs || ""}</td>
      <td className="hide-phone share"><span className="gauge" aria-hidden="true"><i className="idle" style={{ width: `${(100 * line.seconds) / most}%` }} /></span></td>
      <td className="number">{duration(line.seconds)}</td>
      {worked && <td className="number">{duration(line.warehouse_seconds)}</td>}
      {read && <td className="number">{bytes(line.bytes)}</td>}
      {billed && <td className="number">{money(line.money)}</td>}
    </tr>
  );
}
