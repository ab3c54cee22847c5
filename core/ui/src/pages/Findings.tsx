/** What is not right in the project itself: what doctor would say of the graph. */
import { useAsk } from "../api/client";
import type { DoctorDocument, DriftDocument, FindingsDocument } from "../api/types";
import { Command, Empty, Loading, Panel, Trouble } from "../parts/Panel";
import { State } from "../parts/State";
import { useProject } from "../project";
import { to } from "../route";

export function Findings() {
  const asked = useAsk<FindingsDocument>("findings");
  const admin = useProject().project.me.rights.includes("admin");
  const drift = useAsk<DriftDocument>("drift");
  if (asked.error) return <div className="page"><Trouble error={asked.error} again={asked.again} /></div>;
  const found = asked.data?.findings;
  return (
    <div className="page">
      <div className="head"><h1>Findings</h1><span className="soft">in the definitions and between the tools</span></div>
      <div className="stack">
      {admin && <Doctor />}
      {(drift.data?.changes.length ?? 0) > 0 && (
        <Panel title="Changes at sources" note="not loaded yet" end={<code className="muted small hide-phone">penstock drift</code>}>
          <ul className="rows">{drift.data!.changes.map((one) => <li key={`${one.connection} ${one.message}`}><State state={one.reach.read.length + one.reach.filtered.length && one.kind !== "column_added" ? "failed" : "warn"} words={one.kind.replaceAll("_", " ")} /><span>{one.message}</span><span className="end muted small">{one.reach.read.length ? `read by ${one.reach.read.slice(0, 3).join(", ")}` : "nothing reads it"}</span></li>)}</ul>
        </Panel>
      )}
      <Panel title="Findings" note={found ? String(found.length) : ""}>
        {!found ? <Loading /> : found.length === 0 ? <Empty title="Nothing was found">Names that lead nowhere, relations that two tools make, sources that nobody loads: they would stand here.</Empty> : (
          <div className="scroll"><table><thead><tr><th>Code</th><th>Finding</th><th>Asset</th><th>What to do</th></tr></thead>
            <tbody>{found.map((one, at) => <tr key={at}><td className="mono">{one.code}</td><td className="wrap">{one.message}</td><td>{one.asset && <a className="mono" href={to("asset", one.asset)}>{one.asset}</a>}</td><td className="wrap soft">{one.hint}</td></tr>)}</tbody></table></div>
        )}
      </Panel>
      <div className="empty"><p>Connections and versions are asked by the command line, which also starts the tools:</p><Command line="penstock doctor" /></div>
      </div>
    </div>
  );
}

/** What doctor says without starting or asking anything. */
function Doctor() {
  const asked = useAsk<DoctorDocument>("doctor");
  const lines = asked.data?.checks ?? [];
  const wrong = lines.filter((line) => !line.ok).length;
  return (
    <Panel title="Doctor" note={asked.data ? (wrong ? `${wrong} wrong` : "nothing is wrong, as far as nobody was asked") : undefined} end={<code className="muted small hide-phone">penstock doctor --offline</code>}>
      {asked.error ? <div className="body muted">{String(asked.error)}</div> : !asked.data ? <Loading /> : (
        <ul className="rows">
          {[...lines].sort((a, b) => Number(a.ok) - Number(b.ok)).map((line, at) => (
            <li key={at} className="doctor"><State state={line.ok ? (line.unchecked ? "unknown" : "ended") : "failed"} words={line.ok ? (line.unchecked ? "In part" : "In order") : "Wrong"} /><span className="mono">{line.subject}</span>
              <span className="soft small told">{line.message}{line.hint && <span className="block ink">{line.hint}</span>}{line.unchecked && <span className="block muted">not checked: {line.unchecked}</span>}</span></li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
