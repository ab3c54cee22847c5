/** All checks with their last result: those that failed first. */
import { useState } from "react";
import { useNow } from "../clock";
import { age, count } from "../parts/format";
import { Icon } from "../parts/Icon";
import { Empty, Panel } from "../parts/Panel";
import { State } from "../parts/State";
import { checked, shown } from "../parts/states";
import { useProject } from "../project";
import { to } from "../route";

const FIRST: Record<string, number> = { bad: 0, warn: 1 };

export function Checks() {
  const known = useProject();
  const now = useNow(30_000);
  const [word, setWord] = useState("");
  const all = [...known.status.values()].flatMap((asset) => asset.checks.map((check) => ({ ...check, asset: asset.name })));
  const found = all.filter((one) => !word || `${one.name} ${one.asset}`.includes(word)).sort((a, b) => (FIRST[shown(a.outcome).tone] ?? 2) - (FIRST[shown(b.outcome).tone] ?? 2));
  const bad = all.filter((one) => shown(one.outcome).tone === "bad").length;
  return (
    <div className="page">
      <div className="head"><h1>Checks</h1><span className="soft">{bad ? `${bad} failed` : "none failed"} on their last run</span>
        <div className="end"><label className="field"><Icon name="search" size={14} /><input value={word} placeholder="Check or asset" aria-label="Find a check or asset" onChange={(event) => setWord(event.target.value)} /></label></div>
      </div>
      <Panel title="Last results" note={count(all.length)}>
        {all.length === 0 ? <Empty title="No check has run" command="penstock build">dbt's tests run with penstock build; each keeps its last result here.</Empty> : (
          <div className="scroll"><table><thead><tr><th>State</th><th>Check</th><th className="hide-phone">Asset</th><th className="hide-phone">Message</th><th className="number">Age</th></tr></thead>
            <tbody>{found.slice(0, 500).map((one) => <tr key={`${one.asset} ${one.name}`}><td><State state={checked(one.outcome)} /></td><td className="mono phone-wrap">{one.name}</td><td className="hide-phone"><a className="mono ink" href={to("asset", one.asset)}>{one.asset}</a></td><td className="wrap soft small hide-phone">{one.message}</td><td className="number">{age(one.ended_at, now)}</td></tr>)}</tbody></table></div>
        )}
      </Panel>
    </div>
  );
}
