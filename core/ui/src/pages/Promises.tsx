/** When each asset was made, and what failed last. Promises and incidents are not shown here: the commands that tell them are named. */
import { useNow } from "../clock";
import { age, moment } from "../parts/format";
import { Empty, Panel } from "../parts/Panel";
import { State } from "../parts/State";
import { isBad } from "../parts/states";
import { stateOf, useProject } from "../project";
import { to } from "../route";

export function Freshness() {
  const known = useProject();
  const now = useNow(30_000);
  const made = [...known.status.values()].filter((one) => one.made_at).sort((a, b) => String(a.made_at).localeCompare(String(b.made_at)));
  return (
    <div className="page">
      <div className="head"><h1>Freshness</h1><span className="soft">by when each asset was made, the oldest first; promises are told by penstock freshness</span></div>
      <Panel title="How old each asset is" note={`${made.length} of ${known.status.size}`}>
        {made.length === 0 ? <Empty title="Nothing was made yet" command="penstock build">The time at which each asset was made last stands here.</Empty> : (
          <div className="scroll"><table><thead><tr><th>Asset</th><th>State</th><th>Made</th><th className="number">Age</th></tr></thead>
            <tbody>{made.slice(0, 200).map((one) => <tr key={one.name}><td><a className="mono ink" href={to("asset", one.name)}>{one.name}</a></td><td><State state={stateOf(one)} /></td><td className="soft">{moment(one.made_at, now)}</td><td className="number">{age(one.made_at, now)}</td></tr>)}</tbody></table></div>
        )}
      </Panel>
    </div>
  );
}

export function Alerts() {
  const known = useProject();
  const now = useNow(30_000);
  const failed = [...known.status.values()].filter((one) => isBad(stateOf(one)));
  return (
    <div className="page">
      <div className="head"><h1>Alerts</h1><span className="soft">what has failed and was not made again</span></div>
      <Panel title="Open" note={String(failed.length)}>
        {failed.length === 0 ? <Empty title="Nothing is open">Assets whose last try failed stand here until they are made again. Incidents and messages: penstock incidents.</Empty> : (
          <ul className="rows">{failed.map((one) => <li key={one.name}><State state={stateOf(one)} /><a className="mono ink" href={to("asset", one.name)}>{one.name}</a><span className="soft small ellipsis">{one.message}</span><span className="end muted small">{age(one.attempted_at, now)} ago</span></li>)}</ul>
        )}
      </Panel>
    </div>
  );
}
