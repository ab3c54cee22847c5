/** The checks of an asset: each with its last results as a strip, the run behind every mark. */
import { useAsk } from "../api/client";
import { useLive } from "../api/live";
import type { CheckHistory, ChecksDocument } from "../api/types";
import { count, moment } from "../parts/format";
import { Empty, Loading, Panel } from "../parts/Panel";
import { State } from "../parts/State";
import { checked, shown } from "../parts/states";
import { to } from "../route";

export function Checks({ name, now }: { name: string; now: number }) {
  const asked = useAsk<ChecksDocument>("checks", { name, limit: 30 });
  useLive("runs", asked.again, 2000);
  const checks = asked.data?.checks ?? [];
  const last = checks.map((one) => checked(one.results[0]?.outcome));
  const of = (state: string) => last.filter((one) => shown(one).label === shown(state).label).length;
  return (
    <Panel title="Checks" note={asked.data ? `${count(checks.length)}, last 30 runs` : undefined} end={<>{of("pass") > 0 && <State state="pass" words={`${of("pass")} passed`} />}{of("warn") > 0 && <State state="warn" words={`${of("warn")} warned`} />}{of("fail") > 0 && <State state="fail" words={`${of("fail")} failed`} />}</>}>
      {asked.error ? <div className="body muted">{String(asked.error)}</div> : !asked.data ? <Loading /> : checks.length === 0 ? <Empty title="Nothing checks it">Tests of dbt and checks of penstock.yml stand here with their results.</Empty> : (
        <ul className="rows">{checks.map((one) => <Check key={one.name} one={one} now={now} />)}</ul>
      )}
    </Panel>
  );
}

function Check({ one, now }: { one: CheckHistory; now: number }) {
  const last = one.results[0];
  return (
    <li className="check">
      <span className="mono ellipsis" title={one.name}>{one.name}{one.column && <span className="muted"> {one.column}</span>}</span>
      <span className="strip" role="list" aria-label="Results, oldest first">
        {[...one.results].reverse().map((result, at) => {
          const state = checked(result.outcome);
          const words = `${result.run !== null ? `Run ${result.run}` : "A run"}, ${moment(result.ended_at, now)}: ${shown(state).label}${result.failures ? `, ${result.failures} rows` : ""}`;
          return <span key={at} role="listitem"><a className={shown(state).tone} title={words} aria-label={words} href={result.run !== null ? to("runs", String(result.run)) : undefined} /></span>;
        })}
      </span>
      <span className="end"><State state={last ? checked(last.outcome) : "pending"} words={last ? undefined : "Not run yet"} /></span>
    </li>
  );
}
