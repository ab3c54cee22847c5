/** What is not right in the project itself: what doctor would say of the graph. */
import { useAsk } from "../api/client";
import type { FindingsDocument } from "../api/types";
import { Command, Empty, Loading, Panel, Trouble } from "../parts/Panel";
import { to } from "../route";

export function Findings() {
  const asked = useAsk<FindingsDocument>("findings");
  if (asked.error) return <div className="page"><Trouble error={asked.error} again={asked.again} /></div>;
  const found = asked.data?.findings;
  return (
    <div className="page">
      <div className="head"><h1>Findings</h1><span className="soft">in the definitions and between the tools</span></div>
      <Panel title="Findings" note={found ? String(found.length) : ""}>
        {!found ? <Loading /> : found.length === 0 ? <Empty title="Nothing was found">Names that lead nowhere, relations that two tools make, sources that nobody loads: they would stand here.</Empty> : (
          <div className="scroll"><table><thead><tr><th>Code</th><th>Finding</th><th>Asset</th><th>What to do</th></tr></thead>
            <tbody>{found.map((one, at) => <tr key={at}><td className="mono">{one.code}</td><td className="wrap">{one.message}</td><td>{one.asset && <a className="mono" href={to("asset", one.asset)}>{one.asset}</a>}</td><td className="wrap soft">{one.hint}</td></tr>)}</tbody></table></div>
        )}
      </Panel>
      <div className="empty"><p>Connections, versions and catalogs are asked by the command line:</p><Command line="penstock doctor" /></div>
    </div>
  );
}
