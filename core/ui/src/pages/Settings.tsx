/** The project as this server knows it: parts, versions, the last observation. */
import { useNow } from "../clock";
import { age, moment } from "../parts/format";
import { Command, Panel } from "../parts/Panel";
import { State } from "../parts/State";
import { useProject } from "../project";
import { to } from "../route";

const MORE = [["automation", "Automation"], ["freshness", "Freshness"], ["alerts", "Alerts"], ["cost", "Cost"], ["findings", "Findings"], ["people", "Users, tokens, audit"]] as const;

export function Settings() {
  const { project } = useProject();
  const now = useNow(5000);
  return (
    <div className="page">
      <div className="head"><h1>Settings</h1><span className="soft">read from penstock.yml; changed there</span></div>
      <div className="grid">
        <div className="span-8 stack">
          <Panel title="Parts" note="when each was observed last">
            <table className="parts-table"><tbody>
              {Object.entries(project.as_of).map(([part, at]) => (
                <tr key={part}><td className="mono">{part}</td><td className="wrap">{project.not_refreshed[part] ? <State state="warn" words={project.not_refreshed[part]} /> : <State state="success" words={`${age(at, now)} ago`} />}</td><td className="soft number">{moment(at, now)}</td></tr>
              ))}
            </tbody></table>
          </Panel>
          <Panel title="Pages" className="only-phone"><ul className="rows">{MORE.map(([page, words]) => <li key={page}><a href={to(page)}>{words}</a></li>)}</ul></Panel>
        </div>
        <div className="span-4 stack">
          <Panel title="Project"><dl className="pairs body"><dt>Name</dt><dd>{project.name}</dd><dt>Environment</dt><dd>{project.environment}</dd><dt>Assets</dt><dd>{project.assets}</dd><dt>Graph</dt><dd className="mono">{project.hash.slice(0, 12)}</dd><dt>penstock</dt><dd>{project.version}</dd></dl></Panel>
          <Panel title="Commands"><div className="body stack"><Command line="penstock refresh" /><Command line="penstock doctor" /></div></Panel>
        </div>
      </div>
    </div>
  );
}
